"""What Dask does in each worker process of this machine as it starts."""

from __future__ import annotations

import signal


def dask_setup(worker: object) -> None:
    """Leave Ctrl-C, which reaches all processes of a terminal, to the one that started this one."""
    del worker
    signal.signal(signal.SIGINT, signal.SIG_IGN)
