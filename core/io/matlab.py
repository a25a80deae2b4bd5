"""MATLAB files of version 5 (``save`` up to ``-v7``) and 7.3 (HDF5).

Numbers only: objects, function handles and cells are passed over. Which variable is the scan
:mod:`core.io.matlab_variables` decides, what its axes are the scan doctor.
"""

from __future__ import annotations

from pathlib import Path

from core.io import matlab5, matlab73
from core.io.arrays import RawArray
from core.io.examination import RAW_READERS, read_by_doctor
from core.io.formats import FORMATS, HEAD_BYTES, Format, ReadOptions
from core.io.hdf5 import is_hdf5
from core.io.matlab_variables import chosen

_TEXT_73 = b"MATLAB 7.3"
_VERSION_5 = (b"\x00\x01IM", b"\x01\x00MI")
"""Version 1.0 and the mark of the byte order, little and big endian, at byte 124."""


def is_5(head: bytes) -> bool:
    """Whether a file that begins with these bytes is a MATLAB file of version 5."""
    return head[124:128] in _VERSION_5


def is_73(head: bytes) -> bool:
    """Whether a file that begins with these bytes is a MATLAB file of version 7.3."""
    return head.startswith(_TEXT_73) and is_hdf5(head)


@RAW_READERS.register("matlab", "MATLAB")
def read_raw(path: Path, options: ReadOptions) -> RawArray:
    """The variable that is asked for, or that its shape and type show to be the scan.

    Raises
    ------
    ScanFileError
        If the file is damaged, holds no such variable, or several equals.
    """
    with path.open("rb") as stream:
        head = stream.read(HEAD_BYTES)
    version = matlab73 if is_73(head) else matlab5
    variable, note = chosen(path, version.variables(path), options.variable)
    values = version.values(path, variable)
    notes = (note,) if note else ()
    return RawArray(values, variable=variable.name, plane="first", notes=notes)


FORMATS.register("matlab", "MATLAB", ReadOptions)(
    Format(
        (".mat",),
        lambda _path, head: is_5(head) or is_73(head),
        lambda path, options: read_by_doctor("matlab", path, options),
        media_type="application/x-matlab-data",
        marks=(((0, _TEXT_73),), *(((124, version),) for version in _VERSION_5)),
    )
)
