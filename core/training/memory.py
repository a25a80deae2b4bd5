"""Keep the C library from giving large blocks back to the system between steps.

By default glibc maps every large block anew and unmaps it when freed, so that each training step
page-faults all its activations again.
"""

from __future__ import annotations

import ctypes
import sys

_M_TRIM_THRESHOLD = -1
_M_MMAP_MAX = -4


def keep_freed_memory() -> None:
    """Reuse freed blocks for the rest of this process (Linux with glibc; elsewhere nothing)."""
    if not sys.platform.startswith("linux"):
        return
    mallopt = getattr(ctypes.CDLL(None), "mallopt", None)
    if mallopt is not None:
        mallopt(_M_MMAP_MAX, 0)
        mallopt(_M_TRIM_THRESHOLD, 2**31 - 1)
