"""The scans that a process keeps in memory between a study's cells."""

from __future__ import annotations

from collections.abc import Callable
from threading import Lock

from core.studies.cells import ScanRef
from core.types import Scan


class KeptScans:
    """Reads scans, and keeps those asked for last as far as memory goes.

    The last one is kept whatever its size. Threads may share it.

    Parameters
    ----------
    read
        Reads a scan anew.
    most_bytes
        Of all that are kept.
    """

    def __init__(self, read: Callable[[ScanRef], Scan], most_bytes: int) -> None:
        self._read = read
        self._most_bytes = most_bytes
        self._scans: dict[ScanRef, Scan] = {}
        self._lock = Lock()

    def __call__(self, ref: ScanRef) -> Scan:
        """The scan; errors are those of reading it."""
        with self._lock:
            found = self._scans.get(ref)
        scan = self._read(ref) if found is None else found
        with self._lock:
            self._scans.pop(ref, None)
            self._scans[ref] = scan  # the last of them
            while len(self._scans) > 1 and self._total() > self._most_bytes:
                del self._scans[next(iter(self._scans))]
        return scan

    def _total(self) -> int:
        return sum(scan.n_bytes for scan in self._scans.values())
