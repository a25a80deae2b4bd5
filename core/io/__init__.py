"""Readers, one file a format, and the NIfTI writer.

Importing this package imports neither nibabel nor h5py nor torch.
"""

from __future__ import annotations

from pathlib import Path

from core.io import (
    bart,
    dicom,
    dicom_examination,
    fastmri,
    ismrmrd,
    matlab,
    nifti,
    numpy_files,
    twix,
)
from core.io.damage import refused_in_one_line
from core.io.formats import FORMATS, Format, ReadOptions, ScanFileError, ScanInDoubtError
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
    "dicom_examination",
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
    with refused_in_one_line(path, entry.label):
        scan = entry.item.read(path, options)
        if not options.coils:
            return scan
        from core.virtual_coils import with_virtual_coils

        return with_virtual_coils(scan, options.coils)
