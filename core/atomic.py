"""Files that are either the old one or the whole new one, never half of it."""

from __future__ import annotations

import os
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path


def write_bytes(path: Path, data: bytes) -> None:
    """Write a file under a temporary name beside it, then give it its own; make its folder.

    Raises
    ------
    ValueError
        If the file cannot be written.
    """
    with replacing(path) as partial:
        partial.write_bytes(data)


@contextmanager
def replacing(path: Path) -> Iterator[Path]:
    """A temporary name beside a file, which becomes the file's own if the body ends well.

    Its folder is made. For what others write, and for what is too large to be kept in memory.

    Raises
    ------
    ValueError
        If the file cannot be written.
    """
    partial = path.with_name(f".{path.name}.{os.getpid()}.part")
    try:
        path.parent.mkdir(parents=True, exist_ok=True)
        yield partial
        partial.replace(path)
    except OSError as error:
        reason = error.strerror or type(error).__name__
        raise ValueError(f"{path}: must be writable, got {reason}") from error
    finally:
        # On a read-only disk, or where the parent is a file, even this fails, also where there is
        # nothing to remove; it would hide the message above.
        with suppress(OSError):
            partial.unlink()
