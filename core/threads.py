"""How torch's threads wait for each other.

Without torch: the libraries read this when they are loaded.
"""

from __future__ import annotations

import os

WAIT_POLICY = "OMP_WAIT_POLICY"


def share_the_processor() -> None:
    """Have threads that wait for others sleep instead of spinning, unless the user says otherwise.

    Where another program is at work, a spinning thread takes the core that the one it waits for
    needs, and reconstructions take several times as long (``tests/benchmarks/bench_busy.py``).
    Call it before torch is imported; child processes inherit it.
    """
    os.environ.setdefault(WAIT_POLICY, "PASSIVE")
