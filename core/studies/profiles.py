"""The central line profiles of a study: one of each cell, as CSV."""

from __future__ import annotations

import csv
import io
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from itertools import groupby
from pathlib import Path
from typing import TYPE_CHECKING

from core import atomic
from core.line_profile import MM, PIXELS, LineChoice, length_unit, line_values
from core.studies.cells import Cell, ScanRef
from core.studies.table import Row

if TYPE_CHECKING:
    from core.pipeline import Comparison

PROFILES_NAME = "profiles.csv"

_OF_ROW = (
    "target",
    "kind",
    "method",
    "label",
    "acceleration",
    "n_images",
    "seed",
    "supervision",
)
"""Columns that say for a reader of the file alone what the table says of the cell."""

_PLACE = ("cell", *_OF_ROW, "scan", "slice", "row")
COLUMNS = (*_PLACE, "pixel", "position_mm", "reference", "zero_filled", "value")
"""One row a pixel. ``position_mm`` is empty where the scan does not say its spacing."""

ProfileKey = tuple[str, str, int]
"""Cell, scan, slice."""

_ZERO_FILLED = "zf"
_DIGITS = ".6g"


@dataclass(frozen=True)
class CellProfile:
    """What a cell gives along the middle row of one scored slice.

    Attributes
    ----------
    cell, scan, slice
        As of the slice's :class:`core.studies.table.Row`, which says the rest: the first scored
        scan, and the middle one of its scored slices.
    row
        The image's middle row.
    positions_mm
        Of the pixels from the first one; empty where the scan does not say its spacing.
    reference, zero_filled, values
        Magnitudes of the reference, of zero filling under the cell's mask, and of the cell's
        method, in the scan's units.
    """

    cell: str
    scan: str
    slice: int
    row: int
    positions_mm: tuple[float, ...]
    reference: tuple[float, ...]
    zero_filled: tuple[float, ...]
    values: tuple[float, ...]

    @property
    def key(self) -> ProfileKey:
        """By which it is found for a row (:func:`key_of`)."""
        return self.cell, self.scan, self.slice

    @property
    def unit(self) -> str:
        """Of positions in a figure: ``mm``, or ``pixels`` where the spacing is not known."""
        return MM if self.positions_mm else PIXELS


def key_of(row: Row) -> ProfileKey:
    """The :attr:`CellProfile.key` of the profile of a row's slice, where it has one."""
    return row.cell, row.scan, row.slice


def cell_profile(cell: Cell, ref: ScanRef, comparison: Comparison) -> CellProfile:
    """The middle row of what a cell gave of a slice of a scan."""
    from core.acquisition import reference_image
    from core.pipeline import choose_method, reconstruct, undersample

    recon = comparison.recon
    source = recon.source
    scan = source.scan
    line = LineChoice().of(scan.slice_shape)
    undersampled = undersample(scan, source.slice_index, source.mask)
    zero_filled = reconstruct(undersampled, choose_method(_ZERO_FILLED, cell.device))
    images = (reference_image(scan, source.slice_index), zero_filled.image, recon.image)
    reference, filled, values = (_rounded(line_values(image, line)) for image in images)
    spacing = scan.spacing_mm[2] if length_unit(scan) == MM else None
    positions = () if spacing is None else _rounded(i * spacing for i in range(len(values)))
    return CellProfile(
        cell=cell.key,
        scan=ref.name,
        slice=source.slice_index,
        row=line.index,
        positions_mm=positions,
        reference=reference,
        zero_filled=filled,
        values=values,
    )


def _rounded(values: Iterable[float]) -> tuple[float, ...]:
    """As they stand in the file, so that a profile read back is the one that was written."""
    return tuple(float(format(float(value), _DIGITS)) for value in values)


def write_profiles(path: Path, profiles: Iterable[tuple[Row, CellProfile]]) -> None:
    """Write the file so that it is either the old one or the whole new one.

    Parameters
    ----------
    path
        The file.
    profiles
        Each after a row of its cell.

    Raises
    ------
    ValueError
        If it cannot be written.
    """
    text = io.StringIO()
    writer = csv.writer(text, lineterminator="\n")
    writer.writerow(COLUMNS)
    for row, profile in profiles:
        writer.writerows(_lines(row, profile))
    atomic.write_bytes(path, text.getvalue().encode())


def _lines(row: Row, profile: CellProfile) -> Iterator[tuple[object, ...]]:
    told = (getattr(row, name) for name in _OF_ROW)
    place = (profile.cell, *told, profile.scan, profile.slice, profile.row)
    positions = profile.positions_mm or ("",) * len(profile.values)
    found = zip(positions, profile.reference, profile.zero_filled, profile.values, strict=True)
    for pixel, values in enumerate(found):
        yield (*place, pixel, *values)


def read_profiles(path: Path) -> tuple[CellProfile, ...]:
    """The profiles of a study; none where there is no such file, as of studies made before it.

    Raises
    ------
    ValueError
        If the file is damaged.
    """
    try:
        text = path.read_text(encoding="utf-8")
        lines = list(csv.reader(io.StringIO(text, newline="")))
        if not lines or tuple(lines[0]) != COLUMNS:
            raise ValueError("other columns")
        cells = groupby(lines[1:], lambda line: line[: len(_PLACE)])
        return tuple(_profile(place, list(group)) for place, group in cells)
    except FileNotFoundError:
        return ()
    except OSError as error:
        raise ValueError(f"{path}: must be readable, got: {error.strerror}") from None
    except (ValueError, csv.Error) as error:
        raise ValueError(f"{path}: must be a study's profiles, got: {error}") from None


def _profile(place: Sequence[str], lines: Sequence[Sequence[str]]) -> CellProfile:
    """The profile of one cell, whose rows follow each other."""
    cell, *_, scan, index, row = place
    found = zip(*(line[len(_PLACE) :] for line in lines), strict=True)
    _, positions, reference, filled, values = found
    return CellProfile(
        cell,
        scan,
        int(index),
        int(row),
        tuple(float(text) for text in positions if text),
        tuple(map(float, reference)),
        tuple(map(float, filled)),
        tuple(map(float, values)),
    )
