"""What an ISMRMRD header says, read leniently: headers of converters often break the schema."""

from __future__ import annotations

import xml.etree.ElementTree as ET
from dataclasses import dataclass
from pathlib import Path

import numpy as np

from core.io.formats import refusal
from core.io.readouts import Matrix

_NAMESPACE = "{http://www.ismrm.org/ISMRMRD}"
_SIZES = (1, 65535)


@dataclass(frozen=True)
class Space:
    """Matrix and field of view in mm, along (readout, first phase, second phase)."""

    matrix: tuple[int, int, int]
    fov_mm: tuple[float, float, float]


@dataclass(frozen=True)
class Header:
    """The header's first encoding.

    Attributes
    ----------
    trajectory
        ``cartesian`` or what else it says.
    encoded, recon
        The space that was acquired and the one to be shown.
    centres
        Number of the line through the centre of k-space for both phase directions, if stated.
    calibration
        How calibration lines were acquired (``embedded``, ``separate``...), empty if not stated.
    patient
        The patient's identification, empty if not stated.
    """

    trajectory: str
    encoded: Space
    recon: Space
    centres: tuple[int | None, int | None]
    calibration: str
    patient: str

    def matrix(self) -> Matrix:
        """The grid of the acquisition."""
        kept = [_kept(self.encoded, self.recon, axis) for axis in range(3)]
        sizes = zip(self.encoded.fov_mm, self.encoded.matrix, strict=True)
        spacing = [fov / n if fov > 0 else 1.0 for fov, n in sizes]
        default = tuple(n // 2 for n in self.encoded.matrix[1:])
        found = [d if c is None else c for c, d in zip(self.centres, default, strict=True)]
        return Matrix(
            self.encoded.matrix,
            (kept[0], kept[1], kept[2]),
            (found[0], found[1]),
            (spacing[0], spacing[1], spacing[2]),
        )


def _kept(encoded: Space, recon: Space, axis: int) -> int:
    """Pixels of the encoded resolution within the field of view to be shown."""
    n, whole, wanted = encoded.matrix[axis], encoded.fov_mm[axis], recon.fov_mm[axis]
    if whole > 0 and 0 < wanted < whole:
        return max(1, round(n * wanted / whole))
    return n if whole > 0 and wanted > 0 else min(n, recon.matrix[axis])


def read_header(path: Path, text: bytes) -> Header:
    """Read the XML header.

    Raises
    ------
    ScanFileError
        If it is not XML, or lacks a size.
    """
    try:
        root = ET.fromstring(text)
    except (ET.ParseError, ValueError) as error:
        raise refusal(path, "must have an XML header", error) from None
    encoding = root.find(f"{_NAMESPACE}encoding")
    if encoding is None:
        raise refusal(path, "its header must describe an encoding", root.tag.rpartition("}")[2])
    return Header(
        _text(encoding, "trajectory") or "no trajectory",
        _space(path, encoding, "encodedSpace"),
        _space(path, encoding, "reconSpace"),
        (_centre(encoding, 1), _centre(encoding, 2)),
        _text(encoding, "parallelImaging", "calibrationMode"),
        _text(root, "subjectInformation", "patientID"),
    )


def _text(element: ET.Element, *names: str) -> str:
    found = element.findtext("/".join(_NAMESPACE + name for name in names))
    return (found or "").strip()


def _space(path: Path, encoding: ET.Element, name: str) -> Space:
    matrix = [_whole(path, encoding, name, axis) for axis in "xyz"]
    fov = [_length(_text(encoding, name, "fieldOfView_mm", axis)) for axis in "xyz"]
    return Space((matrix[0], matrix[1], matrix[2]), (fov[0], fov[1], fov[2]))


def _whole(path: Path, encoding: ET.Element, name: str, axis: str) -> int:
    text = _text(encoding, name, "matrixSize", axis)
    low, high = _SIZES
    if not (text.isdecimal() and low <= int(text) <= high):
        rule = f"its header's {name} must have a size {axis} from {low} to {high}"
        raise refusal(path, rule, repr(text))
    return int(text)


def _length(text: str) -> float:
    """A length, 0 where there is none."""
    try:
        length = float(text)
    except ValueError:
        return 0.0
    return length if np.isfinite(length) and length > 0 else 0.0


def _centre(encoding: ET.Element, step: int) -> int | None:
    text = _text(encoding, "encodingLimits", f"kspace_encoding_step_{step}", "center")
    return int(text) if text.isdecimal() else None
