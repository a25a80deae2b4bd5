"""The profile of a slice along one line as a table: ``profile.csv``."""

from __future__ import annotations

import csv
import io
from collections.abc import Sequence
from pathlib import Path

from core import atomic
from core.line_profile import MM, Line, LineProfile, profile_of
from core.metrics import Scored
from core.report import method_names

PIXEL, POSITION = "pixel", "position_mm"


def write_profile(path: Path, comparisons: Sequence[Scored], line: Line) -> None:
    """Write one row a pixel: slice, line, pixel, position, then every image's value.

    The position is left out where the scan does not say its spacing. Methods are called as in
    ``metrics.csv``.

    Raises
    ------
    ValueError
        If there is no comparison, they are of several slices, the line lies outside the image, or
        the file cannot be written.
    """
    profile = profile_of(comparisons, line)
    names = method_names(comparisons)
    headings = [names.get(curve.key, curve.key) for curve in profile.curves]
    slice_index = comparisons[0].recon.source.slice_index
    atomic.write_bytes(path, _csv(profile, slice_index, headings).encode())


def _csv(profile: LineProfile, slice_index: int, headings: Sequence[str]) -> str:
    line = profile.line
    in_mm = [POSITION] if profile.unit == MM else []
    text = io.StringIO()
    writer = csv.writer(text, lineterminator="\n")
    writer.writerow(["slice", line.axis, PIXEL, *in_mm, *headings])
    for pixel, position in enumerate(profile.positions):
        values = [f"{curve.values[pixel]:.7g}" for curve in profile.curves]
        places = [f"{position:.6g}"] if in_mm else []
        writer.writerow([slice_index, line.index, pixel, *places, *values])
    return text.getvalue()
