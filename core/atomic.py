"""Files that are either the old one or the whole new one, never half of it."""

from __future__ import annotations

import os
from contextlib import suppress
from pathlib import Path


def write_bytes(path: Path, data: bytes) -> None:
    """Write a file under a temporary name beside it, then give it its own; make its folder.

    Raises
    ------
    ValueError
        If the file cannot be written.
    """
    partial = path.with_name(f".{path.name}.{os.getpid()}.part")
    try:
        path.parent.mkdir(parents=True, exist_ok=True)
        partial.write_bytes(data)
        partial.replace(path)
    except OSError as error:
        raise ValueError(f"{path}: must be writable, got {error.strerror}") from error
    finally:
        # On a read-only disk, or where the parent is a file, even this fails, also where there is
        # nothing to remove; it would hide the message above.
        with suppress(OSError):
            partial.unlink()
