"""What is written on the figure of maps: heading, names of rows, small print."""

from __future__ import annotations

import textwrap
from collections.abc import Sequence
from typing import TYPE_CHECKING

from core import __version__
from core.figure_head import write_head
from core.figure_style import Style
from core.fingerprinting.maps_boxes import MIN_VOXELS, tissues_left_out
from core.fingerprinting.maps_layout import (
    GAP,
    LINE,
    MARGIN,
    MIN_WIDTH,
    ROW_LABEL,
    Layout,
    image_size,
)
from core.fingerprinting.series import Mapped, Series
from core.progress import duration

if TYPE_CHECKING:
    from matplotlib.figure import Figure

_LABEL_WRAP = 17
_NO_TIME = 0.05
"""Seconds of set-up, such as taking a dictionary that was made before."""

_SMALL_PITCH = 0.066
"""Width of a character of small print, in inches."""


def row_label(mapped: Mapped) -> str:
    """The method, and under it its times."""
    return "\n".join([mapped.label, *times(mapped)])


def times(mapped: Mapped) -> tuple[str, ...]:
    """The time of the mapping and, unless there was next to none, that of the set-up before it."""
    words = duration_words(mapped.seconds)
    if mapped.preparation_seconds < _NO_TIME:
        return (words,)
    return words, f"+ {duration_words(mapped.preparation_seconds)} set-up"


def duration_words(seconds: float) -> str:
    """A time for a person, with two digits below 10 s."""
    return f"{seconds:.2g} s" if seconds < 10 else duration(seconds)


def draw_label(figure: Figure, layout: Layout, row: int, label: str, look: Style) -> None:
    """The name of a row beside it; lines after the first are small."""
    name, *small = label.split("\n")
    _, bottom, _, height = layout.box(row, 0)
    lines = textwrap.wrap(name, _LABEL_WRAP)
    x = (layout.left - 0.1) / layout.size[0]
    pitch = 0.16 / layout.size[1]
    top = bottom + height / 2 + pitch * (len(lines) + len(small)) / 2
    for i, line in enumerate([*lines, *small]):
        is_name = i < len(lines)
        figure.text(
            x,
            top - i * pitch,
            line,
            color=look.text if is_name else look.muted,
            fontsize=9 if is_name else 8,
            ha="right",
            va="top",
        )


def draw_header(figure: Figure, layout: Layout, series: Series, index: int, look: Style) -> None:
    """Series and sequence; to be drawn first, since a saved figure is called by its first text."""
    sequence = series.sequence
    played = f"{sequence.name}: {sequence.n_readouts} read-outs"
    lasting = f"{sequence.duration_ms / 1000:.1f} s"
    which = f", slice {index + 1} of {series.shape[0]}" if series.shape[0] > 1 else ""
    lines = (
        (f"{series.name}{which}", look.text, 0.0),
        (f"{played} in {lasting}, key {sequence.key}", look.muted, 0.24),
    )
    write_head(figure, layout.size, (MARGIN, MARGIN), lines)


def small_print(
    results: Sequence[Mapped], look: Style, n_columns: int, has_boxes: bool
) -> list[tuple[str, str]]:
    """Lines of small print with their colours, wrapped to the figure's width."""
    series = results[0].series
    shared = "Maps of each parameter share one scale; black: not mapped."
    if series.truth is not None:
        shared += (
            " Errors are found minus true; RMSE is that of the whole brain, fluid included, of all "
            "slices, under it those of white matter (WM) and cortical grey matter (GM)."
        )
    if has_boxes:
        shared += (
            " Boxes hold the middle half of a tissue's voxels, whiskers end at 5 % and 95 %; "
            "panels end where those of the brain do."
        )
        left_out = tissues_left_out(results)
        if left_out:
            shared += f" Without boxes, of fewer than {MIN_VOXELS} voxels: {', '.join(left_out)}."
    paragraphs = [(f"{shared} tlmri {__version__}.", look.muted)]
    paragraphs += [(f"{note[:1].upper()}{note[1:]}.", look.muted) for note in series.notes]
    for mapped in results:
        paragraphs += [(f"{mapped.label}: {remark}", look.warning) for remark in mapped.remarks]
    width = max(n_columns * (image_size(series)[0] + GAP), MIN_WIDTH) + ROW_LABEL
    room = int(width / _SMALL_PITCH)
    return [(line, colour) for text, colour in paragraphs for line in textwrap.wrap(text, room)]


def draw_small_print(figure: Figure, layout: Layout, notes: Sequence[tuple[str, str]]) -> None:
    """Lines with their colours at the foot."""
    width, height = layout.size
    for i, (text, colour) in enumerate(notes):
        y = (MARGIN + (len(notes) - i) * LINE) / height
        figure.text(MARGIN / width, y, text, color=colour, fontsize=7.5, va="top")
