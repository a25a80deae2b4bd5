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
from core.studies.cells import UNSUPERVISED, Cell

if TYPE_CHECKING:
    from core.pipeline import Comparison

PROFILES_NAME = "profiles.csv"

_PLACE = (
    "cell",
    "target",
    "kind",
    "method",
    "label",
    "acceleration",
    "n_images",
    "seed",
    "supervision",
    "scan",
    "slice",
    "row",
)
COLUMNS = (*_PLACE, "pixel", "position_mm", "reference", "zero_filled", "value")
"""One row a pixel. ``position_mm`` is empty where the scan does not say its spacing."""

_ZERO_FILLED = "zf"
_DIGITS = ".6g"


@dataclass(frozen=True)
class CellProfile:
    """What a cell gives along the middle row of one scored slice.

    Attributes
    ----------
    cell, target, kind, method, label, acceleration, n_images, seed, supervision
        As of :class:`core.studies.table.Row`.
    scan, slice, row
        The first scored scan, the middle one of its scored slices, and the image's middle row.
    positions_mm
        Of the pixels from the first one; empty where the scan does not say its spacing.
    reference, zero_filled, values
        Magnitudes of the reference, of zero filling under the cell's mask, and of the cell's
        method, in the scan's units.
    """

    cell: str
    target: str
    kind: str
    method: str
    label: str
    acceleration: float
    n_images: int
    seed: int
    supervision: str
    scan: str
    slice: int
    row: int
    positions_mm: tuple[float, ...]
    reference: tuple[float, ...]
    zero_filled: tuple[float, ...]
    values: tuple[float, ...]

    @property
    def unit(self) -> str:
        """Of positions in a figure: ``mm``, or ``pixels`` where the spacing is not known."""
        return MM if self.positions_mm else PIXELS


def cell_profile(cell: Cell, comparison: Comparison) -> CellProfile:
    """The middle row of what a cell gave of a slice."""
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
        target=cell.target,
        kind=cell.kind,
        method=cell.method,
        label=cell.method_label,
        acceleration=cell.acceleration,
        n_images=cell.n_images,
        seed=cell.seed,
        supervision=cell.supervision if cell.n_images else UNSUPERVISED,
        scan=scan.name,
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


def write_profiles(path: Path, profiles: Iterable[CellProfile]) -> None:
    """Write the file so that it is either the old one or the whole new one.

    Raises
    ------
    ValueError
        If it cannot be written.
    """
    text = io.StringIO()
    writer = csv.writer(text, lineterminator="\n")
    writer.writerow(COLUMNS)
    for profile in profiles:
        writer.writerows(_lines(profile))
    atomic.write_bytes(path, text.getvalue().encode())


def _lines(profile: CellProfile) -> Iterator[tuple[object, ...]]:
    place = tuple(getattr(profile, name) for name in _PLACE)
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
    cell, target, kind, method, label, rate, n_images, seed, supervision, scan, index, row = place
    found = zip(*(line[len(_PLACE) :] for line in lines), strict=True)
    _, positions, reference, filled, values = found
    return CellProfile(
        cell,
        target,
        kind,
        method,
        label,
        float(rate),
        int(n_images),
        int(seed),
        supervision,
        scan,
        int(index),
        int(row),
        tuple(float(text) for text in positions if text),
        tuple(map(float, reference)),
        tuple(map(float, filled)),
        tuple(map(float, values)),
    )
