"""The profile of a slice along one line as a figure: where the line lies, and the curves along it.

Everything is placed in inches, so the image keeps its shape and nothing is cropped.
"""

from __future__ import annotations

import math
import textwrap
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np
from numpy.typing import NDArray

from core import __version__
from core.acquisition import direct_image
from core.figure import default_window, sampling_words
from core.figure_head import write_head
from core.figure_style import STYLES, Stroke, Style, method_stroke
from core.line_profile import REFERENCE, ROW, Line, LineCurve, LineProfile, profile_of
from core.metrics import Scored
from core.types import SIMULATED

if TYPE_CHECKING:
    from matplotlib.axes import Axes
    from matplotlib.figure import Figure

_MARGIN, _HEADER, _LINE = 0.25, 0.62, 0.15
_IMAGE_WIDTH, _IMAGE_HEIGHT, _BESIDE = 2.5, 3.4, 0.95
_PLOT_WIDTH, _PLOT_HEIGHT, _ERROR_HEIGHT, _GAP, _BELOW = 6.4, 2.5, 1.3, 0.16, 0.5
_LEGEND_LINE, _LEGEND_PITCH, _LEGEND_SAMPLE = 0.19, 0.072, 0.55
_SMALL_PITCH = 0.066
"""Width of a character of small print, in inches."""

_LINE_COLOUR = "#f2b84b"
"""Of the line across the image, which is seen on black as on white."""


@dataclass(frozen=True, eq=False)
class Place:
    """Where the line lies.

    Attributes
    ----------
    image
        The slice, shape `(y, x)`.
    spacing
        Between its pixels along (y, x).
    """

    image: NDArray[np.float32]
    spacing: tuple[float, float]


@dataclass(frozen=True)
class Words:
    """What is written on a figure of a profile.

    Attributes
    ----------
    title, sampling, provenance
        The lines at the head.
    remarks
        Warnings at the foot, one each.
    """

    title: str
    sampling: str
    provenance: str
    remarks: tuple[str, ...] = ()


@dataclass(frozen=True)
class _Layout:
    """Sizes in inches; without an image or differences where there are none."""

    image: tuple[float, float]
    error: float
    legend: tuple[int, int]
    """Rows and columns."""
    n_notes: int

    @property
    def left(self) -> float:
        return _MARGIN + self.image[0] + _BESIDE

    @property
    def plots(self) -> float:
        return _PLOT_HEIGHT + (self.error + _GAP if self.error else 0.0)

    @property
    def bottom(self) -> float:
        """Of the lowest plot."""
        return _MARGIN + self.n_notes * _LINE + _BELOW

    @property
    def size(self) -> tuple[float, float]:
        body = max(self.plots, self.image[1] - _BELOW) + self.legend[0] * _LEGEND_LINE
        return self.left + _PLOT_WIDTH + _MARGIN, self.bottom + body + 0.1 + _HEADER + _MARGIN

    def part(
        self, left: float, bottom: float, width: float, height: float
    ) -> tuple[float, float, float, float]:
        """Inches as parts of the figure."""
        whole = self.size
        return left / whole[0], bottom / whole[1], width / whole[0], height / whole[1]


def comparison_profile(comparisons: Sequence[Scored], line: Line, style: str = "light") -> Figure:
    """Reference and every method of one slice along a line.

    Parameters
    ----------
    comparisons
        One slice of one scan under one mask, by one method each.
    line
        Which line of it.
    style
        Name in :data:`core.figure_style.STYLES`.

    Raises
    ------
    ValueError
        If there is no comparison, they are of several slices, or the line lies outside the image.
    """
    profile = profile_of(comparisons, line)
    source = comparisons[0].recon.source
    scan = source.scan
    words = Words(
        f"{scan.name}, slice {source.slice_index}, {line.name}",
        sampling_words(source),
        scan.provenance,
        tuple(f"{c.recon.label}: {remark}" for c in comparisons for remark in c.recon.remarks),
    )
    place = Place(direct_image(scan, source.slice_index), scan.spacing_mm[1:])
    return profile_figure(profile, words, place, style)


def profile_figure(
    profile: LineProfile, words: Words, place: Place | None = None, style: str = "light"
) -> Figure:
    """The curves along a line, under them their differences from the reference, if there is one.

    Parameters
    ----------
    profile
        The curves; that of the scan itself is thick.
    words
        What is written.
    place
        The image with the line; left out if None.
    style
        Name in :data:`core.figure_style.STYLES`.
    """
    from matplotlib.figure import Figure

    look = STYLES[style].item
    strokes = curve_strokes(profile.curves, look)
    size = (0.0, 0.0) if place is None else _image_size(place)
    width = _MARGIN + size[0] + _BESIDE + _PLOT_WIDTH
    notes = _notes(profile, words, width, look)
    has_errors = profile.curves[0].key == REFERENCE and len(profile.curves) > 1
    layout = _Layout(
        size, _ERROR_HEIGHT if has_errors else 0.0, _legend_shape(profile.curves), len(notes)
    )
    figure = Figure(figsize=layout.size, facecolor=look.background)
    _header(figure, layout, words, look)
    if place is not None:
        _image(figure, layout, place, profile.line)
    lowest = axes = _curves(figure, layout, profile, strokes, look)
    if has_errors:
        lowest = _errors(figure, layout, profile, strokes, look)
        axes.tick_params(labelbottom=False)
    lowest.set_xlabel(_positions_label(profile), fontsize=8.5, color=look.text)
    _legend(figure, layout, axes, look)
    _footer(figure, layout, notes)
    return figure


def curve_strokes(curves: Sequence[LineCurve], look: Style) -> Mapping[str, Stroke]:
    """Stroke of each curve by its key: the text's colour for the scan, then by kind and order."""
    found = {}
    counts = {True: 0, False: 0}
    for curve in curves:
        if curve.is_own:
            found[curve.key] = Stroke(look.text)
            continue
        found[curve.key] = method_stroke(look, counts[curve.is_network], curve.is_network)
        counts[curve.is_network] += 1
    return found


def _image_size(place: Place) -> tuple[float, float]:
    ny, nx = place.image.shape
    ratio = ny * place.spacing[0] / (nx * place.spacing[1])
    width = min(_IMAGE_WIDTH, _IMAGE_HEIGHT / ratio)
    return width, width * ratio


def _legend_shape(curves: Sequence[LineCurve]) -> tuple[int, int]:
    """Rows and columns that fit above the plot."""
    longest = max(len(curve.label) for curve in curves)
    room = int(_PLOT_WIDTH / (longest * _LEGEND_PITCH + _LEGEND_SAMPLE))
    columns = min(max(room, 1), len(curves))
    return math.ceil(len(curves) / columns), columns


def _notes(profile: LineProfile, words: Words, width: float, look: Style) -> list[tuple[str, str]]:
    """Lines of text with their colours, wrapped to the figure's width."""
    first = f"Magnitude along {profile.line.name}, in the scan's units. tlmri {__version__}."
    paragraphs = [(first, look.muted), *((text, look.warning) for text in words.remarks)]
    room = int((width - _MARGIN) / _SMALL_PITCH)
    return [(line, colour) for text, colour in paragraphs for line in textwrap.wrap(text, room)]


def _header(figure: Figure, layout: _Layout, words: Words, look: Style) -> None:
    origin = look.warning if SIMULATED in words.provenance else look.muted
    lines = (
        (words.title, look.text, 0.0),
        (words.sampling, look.muted, 0.24),
        (words.provenance, origin, 0.41),
    )
    write_head(figure, layout.size, (_MARGIN, _MARGIN), lines)


def _image(figure: Figure, layout: _Layout, place: Place, line: Line) -> None:
    width, height = layout.image
    bottom = layout.bottom - _BELOW + 0.1
    top = layout.size[1] - _MARGIN - _HEADER
    axes = figure.add_axes(
        layout.part(_MARGIN, bottom + (top - bottom - height) / 2, width, height)
    )
    axes.set_axis_off()
    low, high = default_window(place.image)
    axes.imshow(place.image, cmap="gray", vmin=low, vmax=high, aspect="auto")
    draw = axes.axhline if line.axis == ROW else axes.axvline
    draw(line.index, color=_LINE_COLOUR, linewidth=1.0)


def _curves(
    figure: Figure,
    layout: _Layout,
    profile: LineProfile,
    strokes: Mapping[str, Stroke],
    look: Style,
) -> Axes:
    bottom = layout.bottom + layout.plots - _PLOT_HEIGHT
    axes = figure.add_axes(layout.part(layout.left, bottom, _PLOT_WIDTH, _PLOT_HEIGHT))
    for curve in profile.curves:
        axes.plot(
            profile.positions,
            curve.values,
            color=strokes[curve.key].colour,
            linestyle=_line_style(strokes[curve.key]),
            linewidth=2.2 if curve.is_own else 1.1,
            label=curve.label,
        )
    _quieten(axes, profile, look)
    axes.set_ylabel("magnitude", fontsize=8.5, color=look.text)
    axes.set_ylim(bottom=0)
    return axes


def _errors(
    figure: Figure,
    layout: _Layout,
    profile: LineProfile,
    strokes: Mapping[str, Stroke],
    look: Style,
) -> Axes:
    """Each method minus the reference."""
    axes = figure.add_axes(layout.part(layout.left, layout.bottom, _PLOT_WIDTH, layout.error))
    reference, *methods = profile.curves
    axes.axhline(0, color=strokes[reference.key].colour, linewidth=1.0, alpha=0.75)
    for curve in methods:
        difference = curve.values - reference.values
        axes.plot(
            profile.positions,
            difference,
            color=strokes[curve.key].colour,
            linestyle=_line_style(strokes[curve.key]),
            linewidth=1.0,
        )
    _quieten(axes, profile, look)
    axes.set_ylabel("difference from\nthe reference", fontsize=8.5, color=look.text)
    return axes


def _positions_label(profile: LineProfile) -> str:
    """As in ``position from the left (R), mm``."""
    side = "left" if profile.line.axis == ROW else "top"
    letter = f" ({profile.start})" if profile.start else ""
    return f"position from the {side}{letter}, {profile.unit}"


def _line_style(stroke: Stroke) -> str | tuple[float, tuple[float, ...]]:
    """As matplotlib takes it."""
    return (0.0, stroke.dashes) if stroke.dashes else "-"


def _quieten(axes: Axes, profile: LineProfile, look: Style) -> None:
    """Thin lines, small print, a faint grid."""
    axes.set_facecolor(look.background)
    axes.set_xlim(float(profile.positions[0]), float(profile.positions[-1]) or 1.0)
    axes.tick_params(labelsize=7.5, colors=look.muted, length=2, width=0.5)
    axes.yaxis.get_offset_text().set(color=look.muted, fontsize=7)
    axes.grid(color=look.muted, alpha=0.2, linewidth=0.5)
    axes.spines[:].set_color(look.muted)
    axes.spines[:].set_linewidth(0.5)


def _legend(figure: Figure, layout: _Layout, axes: Axes, look: Style) -> None:
    """The names above the plot, in rows of equal columns."""
    width, height = layout.size
    legend = figure.legend(
        *axes.get_legend_handles_labels(),
        loc="lower left",
        bbox_to_anchor=(layout.left / width, (layout.bottom + layout.plots + 0.04) / height),
        ncols=layout.legend[1],
        fontsize=8.5,
        frameon=False,
        borderpad=0.0,
        borderaxespad=0.0,
        labelspacing=0.35,
        labelcolor=look.text,
    )
    for handle in legend.get_lines():
        handle.set_linewidth(2.2)


def _footer(figure: Figure, layout: _Layout, notes: Sequence[tuple[str, str]]) -> None:
    width, height = layout.size
    for i, (text, colour) in enumerate(notes):
        y = (_MARGIN + (len(notes) - i) * _LINE) / height
        figure.text(_MARGIN / width, y, text, color=colour, fontsize=7.5, va="top")
