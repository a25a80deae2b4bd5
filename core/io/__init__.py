"""Readers, one file a format, and the NIfTI writer.

Importing this package imports neither nibabel nor h5py nor torch.
"""

from __future__ import annotations

import zlib
from pathlib import Path
from zipfile import BadZipFile

from core.io import bart, dicom, fastmri, ismrmrd, matlab, nifti, numpy_files, twix
from core.io.formats import FORMATS, Format, ReadOptions, ScanFileError, ScanInDoubtError, refusal
from core.io.nifti_writer import write_nifti
from core.io.recognition import format_of, suffixes
from core.types import Scan

__all__ = [
    "FORMATS",
    "Format",
    "ReadOptions",
    "ScanFileError",
    "ScanInDoubtError",
    "bart",
    "dicom",
    "fastmri",
    "format_of",
    "ismrmrd",
    "load",
    "matlab",
    "nifti",
    "numpy_files",
    "suffixes",
    "twix",
    "write_nifti",
]

_DEFAULT = ReadOptions()
_DAMAGED = (OSError, EOFError, ValueError, KeyError, TypeError, RuntimeError, BadZipFile)
"""What reading libraries raise on damaged files (h5py raises most of these)."""


def load(path: Path, options: ReadOptions = _DEFAULT) -> Scan:
    """Read a scan. The content decides the format, also where the suffix lies.

    Parameters
    ----------
    path
        A file of one of :data:`FORMATS`, or a folder where the format says so.
    options
        What the file itself does not say.

    Raises
    ------
    ScanFileError
        A ValueError whose one line names the file, the rule and the value found.
    ScanInDoubtError
        The same where options, or an interpretation beside the file, would be an answer.
    """
    path = Path(path)
    entry = format_of(path)
    try:
        return entry.item.read(path, options)
    except ScanFileError:
        raise
    except MemoryError as error:
        raise refusal(path, "must fit into memory", "too little of it") from error
    except (*_DAMAGED, zlib.error) as error:
        rule = f"must be an undamaged {entry.label} file"
        raise refusal(path, rule, error or type(error).__name__) from error
