"""The page of a study's figure: its panels, its title, the lines at its foot and one legend."""

from __future__ import annotations

import math
import textwrap
from collections.abc import Sequence
from typing import TYPE_CHECKING

from core.figure_style import Style

if TYPE_CHECKING:
    from matplotlib.artist import Artist
    from matplotlib.axes import Axes
    from matplotlib.figure import Figure

PANEL_WIDTH = 2.7
"""In inches, as all lengths here."""

_PANEL_HEIGHT = 2.5
_TOP, _TITLE_LINE, _LEGEND_LINE, _LINE = 0.72, 0.19, 0.2, 0.16


def empty_page(
    title: str,
    columns: int,
    rows: int,
    notes: Sequence[str],
    colours: Style,
    n_labels: int,
    panel_width: float = PANEL_WIDTH,
) -> tuple[Figure, list[Axes]]:
    """An empty figure with its panels, its title and the lines at its foot."""
    from matplotlib.figure import Figure

    width = max(columns * panel_width + 0.4, 5.8)
    lines = [line for note in notes for line in textwrap.wrap(note, int(width / 0.062))]
    legend = _LEGEND_LINE * math.ceil(n_labels / 2)
    foot = legend + _LINE * len(lines) + 0.55
    titles = textwrap.wrap(title, int((width - 0.4) / 0.078))
    top = _TOP + _TITLE_LINE * (len(titles) - 1)
    height = top + rows * _PANEL_HEIGHT + foot
    figure = Figure(figsize=(width, height), facecolor=colours.background)
    figure.text(
        0.3 / width,
        1 - 0.18 / height,
        "\n".join(titles),
        color=colours.text,
        fontsize=11,
        va="top",
    )
    for i, line in enumerate(lines):
        y = (0.1 + (len(lines) - i) * _LINE) / height
        figure.text(0.3 / width, y, line, color=colours.muted, fontsize=7, va="top")
    axes = figure.subplots(rows, columns, squeeze=False)
    figure.subplots_adjust(
        left=0.62 / width,
        right=1 - 0.15 / width,
        top=1 - top / height,
        bottom=foot / height,
        wspace=0.28,
        hspace=0.42,
    )
    grid = [panel for line in axes for panel in line]
    for panel in grid:
        _dress(panel, colours)
    return figure, grid


def _dress(axes: Axes, colours: Style) -> None:
    axes.set_facecolor(colours.background)
    axes.spines[["top", "right"]].set_visible(False)
    axes.spines[["left", "bottom"]].set_color(colours.muted)
    axes.tick_params(colors=colours.muted, labelsize=7, length=2.5)
    axes.grid(axis="y", color=colours.muted, alpha=0.2, linewidth=0.5)


def add_legend(figure: Figure, grid: Sequence[Axes], colours: Style) -> None:
    """One legend for all panels, above the lines at the foot."""
    entries: dict[str, Artist] = {}
    for axes in grid:
        handles, labels = axes.get_legend_handles_labels()
        entries |= dict(zip(labels, handles, strict=True))
    height = figure.get_figheight()
    lines = sum(text.get_fontsize() == 7 for text in figure.texts)
    figure.legend(
        list(entries.values()),
        list(entries),
        loc="lower left",
        bbox_to_anchor=(0.2 / figure.get_figwidth(), (0.12 + lines * _LINE) / height),
        ncols=2,
        fontsize=7,
        frameon=False,
        labelcolor=colours.text,
        borderaxespad=0.0,
    )
