"""Which format a file is of. The content decides, also where the suffix lies."""

from __future__ import annotations

from collections.abc import Iterable
from pathlib import Path

from core.io.formats import FORMATS, HEAD_BYTES, Format, ScanFileError, refusal
from core.io.hdf5 import DAMAGED, is_hdf5, root_names
from core.registry import Entry


def suffixes() -> tuple[str, ...]:
    """Endings of the files that can be opened, such as ``.nii.gz``, each once."""
    every = (suffix for entry in FORMATS for suffix in entry.item.suffixes)
    return tuple(dict.fromkeys(every))


def format_of(path: Path) -> Entry[Format]:
    """The format of a file, or of a folder where formats allow one.

    Raises
    ------
    ScanFileError
        If there is no such file, it cannot be read, or no format knows it.
    """
    head = _head(path)
    for entry in FORMATS:
        if (entry.item.folders or not path.is_dir()) and entry.item.recognise(path, head):
            return entry
    raise _unknown(path, head)


def _head(path: Path) -> bytes:
    """The first bytes of a file; none of a folder."""
    try:
        if path.is_dir():
            return b""
        if path.exists() and not path.is_file():
            raise refusal(path, "must be a regular file", "a device or pipe")
        with path.open("rb") as file:
            head = file.read(HEAD_BYTES)
    except FileNotFoundError:
        raise refusal(path, "must exist", "no such file") from None
    except OSError as error:
        raise refusal(path, "must be readable", error.strerror or error) from None
    if not head:
        raise refusal(path, "must not be empty", "0 bytes")
    return head


def _unknown(path: Path, head: bytes) -> ScanFileError:
    """Why no format knows this file."""
    if path.is_dir():
        labels = _either(entry.label for entry in FORMATS if entry.item.folders)
        rule = f"must be a file, or a folder of {labels}" if labels else "must be a file"
        return refusal(path, rule, "a folder" if not labels else "a folder of something else")
    if is_hdf5(head):
        return _unknown_hdf5(path)
    claimed = [e.label for e in FORMATS if path.name.lower().endswith(e.item.suffixes)]
    if claimed:
        return refusal(path, f"must begin as a {_either(claimed)} file does", f"{head[:8]!r}")
    return refusal(path, f"must be one of {', '.join(suffixes())}", f"{path.suffix!r}")


def _unknown_hdf5(path: Path) -> ScanFileError:
    try:
        found = ", ".join(root_names(path)[:8]) or "an empty file"
    except DAMAGED as error:
        return refusal(path, "must be an undamaged HDF5 file", error or type(error).__name__)
    layouts = (f"{e.item.layout} ({e.label})" for e in FORMATS if e.item.layout)
    return refusal(path, f"HDF5 must hold {_either(layouts)}", found)


def _either(words: Iterable[str]) -> str:
    return " or ".join(dict.fromkeys(words))
