"""Readers, one file a format, and the NIfTI writer.

Importing this package imports neither nibabel nor h5py nor torch.
"""

from __future__ import annotations

import zlib
from pathlib import Path
from zipfile import BadZipFile

from core.io import fastmri, nifti, numpy_files
from core.io.formats import FORMATS, Format, ReadOptions, ScanFileError, refusal
from core.io.nifti_writer import write_nifti
from core.registry import Entry
from core.types import Scan

__all__ = [
    "FORMATS",
    "Format",
    "ReadOptions",
    "ScanFileError",
    "fastmri",
    "load",
    "nifti",
    "numpy_files",
    "suffixes",
    "write_nifti",
]

_DEFAULT = ReadOptions()
_HEAD_BYTES = 4096
_DAMAGED = (OSError, EOFError, ValueError, KeyError, TypeError, RuntimeError, BadZipFile)
"""What reading libraries raise on damaged files (h5py raises most of these)."""


def suffixes() -> tuple[str, ...]:
    """Endings of the files that can be opened, such as ``.nii.gz``."""
    return tuple(suffix for entry in FORMATS for suffix in entry.item.suffixes)


def load(path: Path, options: ReadOptions = _DEFAULT) -> Scan:
    """Read a scan. The content decides the format, also where the suffix lies.

    Parameters
    ----------
    path
        A file of one of :data:`FORMATS`.
    options
        What the file itself does not say.

    Raises
    ------
    ScanFileError
        A ValueError whose one line names the file, the rule and the value found.
    """
    path = Path(path)
    entry = _format_of(path, _head(path))
    try:
        return entry.item.read(path, options)
    except ScanFileError:
        raise
    except MemoryError as error:
        raise refusal(path, "must fit into memory", "too little of it") from error
    except (*_DAMAGED, zlib.error) as error:
        rule = f"must be an undamaged {entry.label} file"
        raise refusal(path, rule, error or type(error).__name__) from error


def _head(path: Path) -> bytes:
    try:
        if path.is_dir():
            raise refusal(path, "must be a file", "a folder")
        if path.exists() and not path.is_file():
            raise refusal(path, "must be a regular file", "a device or pipe")
        with path.open("rb") as file:
            head = file.read(_HEAD_BYTES)
    except FileNotFoundError:
        raise refusal(path, "must exist", "no such file") from None
    except OSError as error:
        raise refusal(path, "must be readable", error.strerror or error) from None
    if not head:
        raise refusal(path, "must not be empty", "0 bytes")
    return head


def _format_of(path: Path, head: bytes) -> Entry[Format]:
    for entry in FORMATS:
        if entry.item.sniff(head):
            return entry
    for entry in FORMATS:
        if path.name.lower().endswith(entry.item.suffixes):
            raise refusal(path, f"must begin as a {entry.label} file does", f"{head[:8]!r}")
    raise refusal(path, f"must be one of {', '.join(suffixes())}", f"{path.suffix!r}")
