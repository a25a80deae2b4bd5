"""What of a DICOM file's header is needed to find its place in a stack of slices."""

from __future__ import annotations

import hashlib
import re
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from core.io.formats import ScanFileError, refusal

MARK_AT, MARK = 128, b"DICM"

_TAGS = (
    "SOPClassUID",
    "SeriesInstanceUID",
    "SeriesNumber",
    "SeriesDescription",
    "ImageType",
    "EchoNumbers",
    "EchoTime",
    "InversionTime",
    "FlipAngle",
    "TemporalPositionIdentifier",
    "DiffusionBValue",
    "NumberOfFrames",
    "PatientID",
    "PatientName",
    "ImageOrientationPatient",
    "ImagePositionPatient",
    "PixelSpacing",
    "SliceThickness",
    "Rows",
    "Columns",
    "SamplesPerPixel",
    "PhotometricInterpretation",
    "BitsAllocated",
    "InstanceNumber",
    "FrameOfReferenceUID",
)
_NOBODY = re.compile(
    r"(anon\w*|unknown|none|test|subject|patient|null|no_?name|x+|0*)", re.IGNORECASE
)
"""Identifiers that stand for anybody."""


@dataclass(frozen=True, eq=False)
class Slice:
    """Where one image lies and to which stack it belongs; nothing that names a person.

    Attributes
    ----------
    path
        Its file.
    series
        Number and identifier of the series.
    description
        What the scanner's operator called the series; for messages only.
    contrast
        What differs between stacks of one series, by name: echo time and the like.
    shape
        Rows and columns.
    spacing_mm
        Distance between rows and between columns.
    rows, columns
        Directions, in the patient's LPS+ coordinates, in which the index of a row's pixels and of
        a column's pixels grows. Shape `(3,)`.
    position
        Of the first pixel, LPS+, in mm. Shape `(3,)`.
    person
        Hash of the patient's identifier, or None.
    """

    path: Path
    series: tuple[int, str]
    description: str
    contrast: tuple[tuple[str, str], ...]
    shape: tuple[int, int]
    spacing_mm: tuple[float, float]
    rows: NDArray[np.float64]
    columns: NDArray[np.float64]
    position: NDArray[np.float64]
    thickness_mm: float
    person: str | None

    @property
    def normal(self) -> NDArray[np.float64]:
        """Direction across the slice."""
        return np.cross(self.rows, self.columns)


def is_dicom(head: bytes) -> bool:
    """Whether a file that begins with these bytes is a DICOM file."""
    return head[MARK_AT : MARK_AT + len(MARK)] == MARK


def begins_as_dicom(path: Path) -> bool:
    """Whether a file is one; False if it cannot be read."""
    try:
        with path.open("rb") as stream:
            return is_dicom(stream.read(MARK_AT + len(MARK)))
    except OSError:
        return False


def read_header(path: Path) -> Slice | None:
    """The header of one image; None of a DICOM file that is no image.

    Raises
    ------
    ScanFileError
        If the file is damaged, or an image of a kind that is no slice of magnitudes.
    """
    data = dataset(path, _TAGS)
    if "Rows" not in data or "Columns" not in data:
        return None
    try:
        return _slice(path, data)
    except ScanFileError:
        raise
    except (ValueError, TypeError, AttributeError, LookupError, ArithmeticError) as error:
        raise refusal(path, "must have a valid DICOM header", error) from error


def dataset(path: Path, tags: tuple[str, ...] | None) -> Any:  # noqa: ANN401 - pydicom is untyped
    """The elements of a file with these names, without its pixels; all, with them, for None.

    Raises
    ------
    ScanFileError
        If the file is damaged or deflated as a whole, which hides its size.
    """
    import pydicom
    from pydicom.uid import DeflatedExplicitVRLittleEndian

    try:
        syntax = pydicom.filereader.read_file_meta_info(path).get("TransferSyntaxUID", "")
        if syntax == DeflatedExplicitVRLittleEndian:
            raise refusal(path, "must not be deflated as a whole", syntax.name)
        specific = None if tags is None else list(tags)
        return pydicom.dcmread(path, specific_tags=specific, stop_before_pixels=tags is not None)
    except (MemoryError, ScanFileError):
        raise
    except Exception as error:  # on damaged files pydicom raises nearly everything
        raise refusal(
            path, "must be an undamaged DICOM file", error or type(error).__name__
        ) from error


def _slice(path: Path, data: Any) -> Slice:  # noqa: ANN401
    kinds = tuple(str(kind).upper() for kind in data.get("ImageType") or ())
    _check_kind(path, data, kinds)
    for name in ("ImageOrientationPatient", "ImagePositionPatient", "PixelSpacing"):
        if not data.get(name):
            raise refusal(path, f"must state {name}, by which slices are ordered", "none")
    directions = np.array([float(v) for v in data.ImageOrientationPatient]).reshape(2, 3)
    position = np.array([float(v) for v in data.ImagePositionPatient]).reshape(3)
    spacing = (float(data.PixelSpacing[0]), float(data.PixelSpacing[1]))
    lengths = np.linalg.norm(directions, axis=1)
    numbers = (*directions.flat, *position, *spacing)
    if not np.isfinite(numbers).all() or min(spacing) <= 0 or abs(lengths - 1).max() > 1e-2:
        rule = "must state finite positions, unit directions and spacings above 0"
        raise refusal(path, rule, f"{[round(n, 3) for n in numbers]}")
    return Slice(
        path=path,
        series=(int(data.get("SeriesNumber") or 0), str(data.get("SeriesInstanceUID", ""))),
        description=str(data.get("SeriesDescription", "")),
        contrast=_contrast(data, kinds),
        shape=(int(data.Rows), int(data.Columns)),
        spacing_mm=spacing,
        rows=directions[0],
        columns=directions[1],
        position=position,
        thickness_mm=float(data.get("SliceThickness") or 1.0),
        person=_person(data),
    )


def _check_kind(path: Path, data: Any, kinds: tuple[str, ...]) -> None:  # noqa: ANN401
    """Refuse by name what is no slice of magnitudes."""
    if int(data.get("NumberOfFrames") or 1) > 1:
        raise refusal(path, "must hold one slice a file", "an enhanced file of several frames")
    if "MOSAIC" in kinds:
        raise refusal(path, "must hold one slice a file", "a mosaic of slices")
    colours = str(data.get("PhotometricInterpretation", "MONOCHROME2"))
    if int(data.get("SamplesPerPixel") or 1) != 1 or colours != "MONOCHROME2":
        raise refusal(path, "must hold grey values, MONOCHROME2", colours)


def _contrast(data: Any, kinds: tuple[str, ...]) -> tuple[tuple[str, str], ...]:  # noqa: ANN401
    """What tells stacks of one series apart, those that are stated."""
    stated = (
        ("TE", data.get("EchoTime"), " ms"),
        ("TI", data.get("InversionTime"), " ms"),
        ("flip angle", data.get("FlipAngle"), " degrees"),
        ("b", data.get("DiffusionBValue"), " s/mm2"),
        ("time", data.get("TemporalPositionIdentifier"), ""),
    )
    found = ((name, f"{float(value):g}{unit}") for name, value, unit in stated if _is_given(value))
    return (*found, *(("kind", kind) for kind in kinds[2:3]))


def _is_given(value: object) -> bool:
    return value is not None and str(value) != ""


def _person(data: Any) -> str | None:  # noqa: ANN401
    """A hash by which all files of one patient agree; None where nobody is named."""
    for name in ("PatientID", "PatientName"):
        text = " ".join(str(data.get(name) or "").split()).casefold()
        if text and not _NOBODY.fullmatch(text):
            return f"DICOM patient {hashlib.sha256(text.encode()).hexdigest()[:16]}"
    return None
