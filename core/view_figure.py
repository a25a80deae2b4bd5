"""A view of a slice beside magnitude as a figure: its pictures on one scale, and what they mean.

Everything is placed in inches, so the pictures keep their shape and nothing is cropped.
"""

from __future__ import annotations

import math
import textwrap
from collections.abc import Sequence
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

import numpy as np
from numpy.typing import NDArray

from core import __version__
from core.figure_head import write_head
from core.figure_style import STYLES, Style
from core.phase_colours import phase_colours, phase_table
from core.registry import Entry
from core.types import Mask, Scan
from core.view_pictures import Shown
from core.views import PHASE, Picture, View

if TYPE_CHECKING:
    from matplotlib.axes import Axes
    from matplotlib.figure import Figure

_WIDTH, _HEIGHT = 2.3, 3.1
"""Largest size of a picture."""

_GAP, _MARGIN, _BAR = 0.12, 0.25, 0.8
_HEADER, _TITLE, _LINE = 0.5, 0.42, 0.15
_SMALL_PITCH = 0.066
"""Width of a character of small print."""

_CAPTION_LINE, _CAPTION_PITCH = 0.14, 0.07
"""Height of a line of a caption, and the width of its characters."""

_TITLE_WRAP = 26
"""Characters of a title in one line."""

_MOST_COLUMNS = 4
"""Of coils; methods stand side by side, however many they are."""


@dataclass(frozen=True)
class _Layout:
    """Sizes in inches."""

    columns: int
    rows: int
    image: tuple[float, float]
    caption: float
    footer: float

    @property
    def pitch(self) -> tuple[float, float]:
        width, height = self.image
        return width + _GAP, height + _TITLE + self.caption

    @property
    def size(self) -> tuple[float, float]:
        width = self.columns * self.pitch[0] + _BAR + 2 * _MARGIN
        return width, self.rows * self.pitch[1] + _HEADER + self.footer + 2 * _MARGIN

    def place(self, number: int) -> tuple[float, float, float, float]:
        """Left, bottom, width, height of a picture as parts of the figure."""
        row, column = divmod(number, self.columns)
        left = _MARGIN + column * self.pitch[0]
        bottom = _MARGIN + self.footer + (self.rows - 1 - row) * self.pitch[1] + self.caption
        return self.part(left, bottom, *self.image)

    def part(
        self, left: float, bottom: float, width: float, height: float
    ) -> tuple[float, float, float, float]:
        """Inches as parts of the figure."""
        whole = self.size
        return left / whole[0], bottom / whole[1], width / whole[0], height / whole[1]


def view_figure(
    view: Entry[View],
    shown: Sequence[Shown],
    scan: Scan,
    slice_index: int,
    mask: Mask | None = None,
    style: str = "light",
) -> Figure:
    """Pictures of one view of a slice on their common scale.

    Parameters
    ----------
    view
        The registered view.
    shown
        The pictures: of the data and of methods, or one of each coil.
    scan, slice_index
        What they are of.
    mask
        What the methods were given, if any are shown.
    style
        Name in :data:`core.figure_style.STYLES`.

    Raises
    ------
    ValueError
        If there is no picture.
    """
    from matplotlib.figure import Figure

    if not shown:
        raise ValueError(f"{view.label} of {scan.name} has no finished picture yet, got none")
    colours = STYLES[style].item
    layout = _layout(view.item, shown, scan)
    lines = _footer_lines(layout, view.item, shown, colours)
    layout = replace(layout, footer=len(lines) * _LINE + 0.1)
    figure = Figure(figsize=layout.size, facecolor=colours.background)
    _header(figure, layout, view, scan, slice_index, mask, colours)
    for number, item in enumerate(shown):
        axes = figure.add_axes(layout.place(number))
        _draw(axes, item.picture, view.item.colours)
        _words(axes, item, _caption(item, layout.image[0]), colours)
    _scale(figure, layout, view.item, shown[0].picture, colours)
    for i, (line, colour) in enumerate(reversed(lines)):
        at = (_MARGIN / layout.size[0], (_MARGIN + i * _LINE) / layout.size[1])
        figure.text(*at, line, color=colour, fontsize=7.5, va="bottom")
    return figure


def _layout(view: View, shown: Sequence[Shown], scan: Scan) -> _Layout:
    (ny, nx), (_, dy, dx) = scan.slice_shape, scan.spacing_mm
    ratio = (dx / dy) if view.in_kspace else ny * dy / (nx * dx)
    width = min(_WIDTH, _HEIGHT / ratio)
    most = _MOST_COLUMNS if view.of_method is None else len(shown)
    rows = math.ceil(len(shown) / most)
    columns = math.ceil(len(shown) / rows)
    lines = max(len(_caption(item, width)) for item in shown)
    caption = lines * _CAPTION_LINE + 0.08 if lines else 0.0
    return _Layout(columns, rows, (width, width * ratio), caption, 0.0)


def _caption(item: Shown, width: float) -> list[str]:
    """Lines that fit under a picture of this width in inches; a third figure has no room."""
    room = int((width + _GAP) / _CAPTION_PITCH)
    return [line for text in item.caption[:2] for line in textwrap.wrap(text, room)]


def _footer_lines(
    layout: _Layout, view: View, shown: Sequence[Shown], colours: Style
) -> list[tuple[str, str]]:
    """Lines of text with their colours, wrapped to the figure's width."""
    paragraphs = [(f"{view.help} tlmri {__version__}.", colours.muted)]
    for item in shown:
        if item.remark:
            paragraphs.append((f"{item.title}: {item.remark}", colours.warning))
    room = max(int((layout.size[0] - 2 * _MARGIN) / _SMALL_PITCH), 20)
    return [(line, colour) for text, colour in paragraphs for line in textwrap.wrap(text, room)]


def _header(
    figure: Figure,
    layout: _Layout,
    view: Entry[View],
    scan: Scan,
    slice_index: int,
    mask: Mask | None,
    colours: Style,
) -> None:
    sampling = ""
    if mask is not None and view.item.of_method is not None:
        sampling = f"R = {mask.acceleration:g}, {mask.pattern} mask, seed {mask.seed}; "
    lines = (
        (f"{view.label}: {scan.name}, slice {slice_index}", colours.text, 0.0),
        (sampling + scan.provenance, colours.muted, 0.25),
    )
    write_head(figure, layout.size, (_MARGIN, _MARGIN), lines)


def _draw(axes: Axes, picture: Picture, colours: str) -> None:
    axes.set_axis_off()
    brightness = picture.brightness
    if brightness is not None:
        axes.imshow(phase_colours(picture.values, brightness), aspect="auto")
    else:
        low, high = picture.limits
        axes.imshow(picture.values, cmap=colours, vmin=low, vmax=high, aspect="auto")


def _words(axes: Axes, item: Shown, caption: Sequence[str], colours: Style) -> None:
    title = "\n".join(textwrap.wrap(item.title, _TITLE_WRAP))
    axes.set_title(title, color=colours.text, fontsize=9.5, pad=4)
    axes.annotate(
        "\n".join(caption),
        (0.5, 0),
        (0, -3),
        "axes fraction",
        "offset points",
        color=colours.text,
        fontsize=8,
        ha="center",
        va="top",
    )


def _scale(figure: Figure, layout: _Layout, view: View, picture: Picture, colours: Style) -> None:
    """The colours with their values, right of the upper right picture."""
    left, bottom, width, height = layout.place(layout.columns - 1)
    whole = layout.size[0]
    axes = figure.add_axes((left + width + 0.1 / whole, bottom, 0.12 / whole, height))
    low, high = picture.limits
    extent = (0.0, 1.0, low, high)
    colour_map = None if view.colours == PHASE else view.colours
    axes.imshow(_strip(view), aspect="auto", extent=extent, origin="lower", cmap=colour_map)
    axes.set_xticks([])
    axes.yaxis.tick_right()
    if view.colours == PHASE:
        axes.set_yticks([-np.pi, 0, np.pi], ["−π", "0", "π"])
    axes.tick_params(labelsize=7.5, colors=colours.muted, length=2, width=0.5)
    axes.spines[:].set_visible(False)
    axes.set_title(view.unit, color=colours.muted, fontsize=8, pad=4)


def _strip(view: View) -> NDArray[np.generic]:
    """The colours from low to high: as they are for phase, else values for the colour map."""
    if view.colours == PHASE:
        return phase_table()[:, None]
    return np.linspace(0, 1, 256)[:, None]
