"""Weights that a fine-tuning left when its window ended, and which still belong to a window."""

from __future__ import annotations

from pathlib import Path

from PyQt6.QtCore import QLockFile

from core.checkpoints import SUFFIX

_LOCK = ".lock"
_PART = ".part"


def claim(weights: Path) -> QLockFile | None:
    """Make weights that are or will be at this path this window's; None if they are another's.

    The claim lasts until the lock is unlocked or dropped, or its process ends.
    """
    lock = QLockFile(f"{weights}{_LOCK}")
    lock.setStaleLockTime(0)  # a tuning may take days: only the end of the process frees it
    return lock if lock.tryLock(0) else None


def left_behind(folder: Path) -> list[tuple[Path, QLockFile]]:
    """Claim the weights in this folder that no living window is at work on; the newest first.

    What half-written files and locks dead windows left is removed.
    """
    found = []
    for weights in _named(folder):
        lock = claim(weights)
        if lock is None:
            continue
        for part in folder.glob(f".{weights.name}.*{_PART}"):
            part.unlink(missing_ok=True)
        if weights.is_file():
            found.append((weights, lock))
        else:
            lock.unlock()
    return sorted(found, key=lambda item: item[0].stat().st_mtime, reverse=True)


def _named(folder: Path) -> set[Path]:
    """Weights that lie there, or that a half-written file or a lock is named for."""
    names = {path.name for path in folder.glob(f"*{SUFFIX}")}
    names |= {path.name.removesuffix(_LOCK) for path in folder.glob(f"*{_LOCK}")}
    # such as .NAME.4711.part, where the number is the writing process
    parts = (path.name.removesuffix(_PART) for path in folder.glob(f".*{_PART}"))
    names |= {name[1:].rpartition(".")[0] for name in parts}
    return {folder / name for name in names if name}
