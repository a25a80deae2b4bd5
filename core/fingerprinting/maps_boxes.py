"""Errors by tissue as box plots, a panel for each parameter."""

from __future__ import annotations

import textwrap
from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING

from core.figure_style import Style, beside_a_baseline, method_stroke
from core.fingerprinting.foreground import BRAIN
from core.fingerprinting.parameters import PARAMETERS
from core.fingerprinting.scores import PD, TissueScore, score
from core.fingerprinting.series import Mapped

if TYPE_CHECKING:
    from matplotlib.axes import Axes
    from matplotlib.figure import Figure

BOXES_HEIGHT = 1.25
"""Of a panel, in inches."""

MIN_VOXELS = 10
"""Tissues of fewer voxels are left to the table."""

_LABELS = {**{p.name: p.label for p in PARAMETERS}, PD: "PD"}
_PANEL, _WIDTH = 1.1, 0.8
"""Height of a panel's axes in inches; share of a tissue's room that its boxes take."""
_LEAST_PERCENT = 2.0
_LEGEND_COLUMNS = 4


def draw_boxes(
    figure: Figure,
    results: Sequence[Mapped],
    names: Sequence[str],
    place: tuple[float, float, float],
    look: Style,
) -> None:
    """Draw a panel for each parameter, the last at the bottom, and the legend above.

    Parameters
    ----------
    figure
        Where to draw.
    results
        Of one simulated series with tissues to show, by one method each.
    names
        The parameters.
    place
        Left, bottom and width in inches; panels grow upwards, tissues are named below.
    look
        Colours.
    """
    scores = [score(mapped) for mapped in results]
    tissues = shown_tissues(results)
    colours = method_colours(results, look)
    in_order = [colours[mapped.method] for mapped in results]
    left, bottom, width = place
    total = figure.get_size_inches()
    for i, name in enumerate(names):
        low = bottom + (len(names) - 1 - i) * BOXES_HEIGHT
        box = (left / total[0], low / total[1], width / total[0], _PANEL / total[1])
        axes = figure.add_axes(box)
        by_method = [{s.tissue: s for s in found if s.parameter == name} for found in scores]
        _panel(axes, by_method, tissues, in_order, look)
        axes.set_ylabel(f"{_LABELS[name]} error, %", fontsize=8, color=look.text)
        _quieten(axes, tissues, i == len(names) - 1, look)
    top = bottom + (len(names) - 1) * BOXES_HEIGHT + _PANEL
    _legend(figure, results, colours, (left / total[0], (top + 0.05) / total[1]), look)


def method_colours(results: Sequence[Mapped], look: Style) -> Mapping[str, str]:
    """Colour of each method; networks and others as in the profiles."""
    counts = {True: 0, False: 0}
    found = {}
    for mapped in results:
        is_network = mapped.method.startswith("net:")
        number = counts[is_network]
        number = beside_a_baseline(look, number) if is_network else number
        found[mapped.method] = method_stroke(look, number, is_network).colour
        counts[is_network] += 1
    return found


def shown_tissues(results: Sequence[Mapped]) -> list[str]:
    """Of enough voxels: the whole brain, its tissues, then others; none where no truth is known."""
    lines = {line.tissue: line for line in score(results[0]) if line.n_voxels >= MIN_VOXELS}
    outside = {name: line.label not in (None, *BRAIN) for name, line in lines.items()}
    return sorted(lines, key=lambda name: outside[name])


def tissues_left_out(results: Sequence[Mapped]) -> list[str]:
    """Those that are seen, but in fewer voxels than a box is drawn of."""
    shown = shown_tissues(results)
    return list(dict.fromkeys(s.tissue for s in score(results[0]) if s.tissue not in shown))


def _panel(
    axes: Axes,
    by_method: Sequence[Mapping[str, TissueScore]],
    tissues: Sequence[str],
    colours: Sequence[str],
    look: Style,
) -> None:
    width = _WIDTH / len(by_method)
    for method, (scores, colour) in enumerate(zip(by_method, colours, strict=True)):
        shown = [(i, scores[tissue]) for i, tissue in enumerate(tissues) if tissue in scores]
        offset = (method - (len(by_method) - 1) / 2) * width
        axes.bxp(
            [_box(line) for _, line in shown],
            positions=[i + offset for i, _ in shown],
            widths=0.8 * width,
            showfliers=False,
            patch_artist=True,
            manage_ticks=False,
            boxprops={"facecolor": colour, "edgecolor": colour, "linewidth": 0.6},
            medianprops={"color": look.background, "linewidth": 1.0},
            whiskerprops={"color": colour, "linewidth": 0.9},
            capprops={"color": colour, "linewidth": 0.9},
        )
    axes.axhline(0, color=look.text, linewidth=0.6, zorder=0)
    limit = _limit(by_method)
    axes.set_ylim(-limit, limit)


def _box(line: TissueScore) -> dict[str, float]:
    low, first, middle, third, high = line.percent_percentiles
    return {"whislo": low, "q1": first, "med": middle, "q3": third, "whishi": high}


def _limit(by_method: Sequence[Mapping[str, TissueScore]]) -> float:
    """What shows the whiskers of all brain tissues; others may leave the panel."""
    ends = [
        abs(end)
        for scores in by_method
        for line in scores.values()
        if line.n_voxels >= MIN_VOXELS and line.label in (None, *BRAIN)
        for end in (line.percent_percentiles[0], line.percent_percentiles[-1])
    ]
    return 1.08 * max([_LEAST_PERCENT, *ends])


def _quieten(axes: Axes, tissues: Sequence[str], is_last: bool, look: Style) -> None:
    axes.set_facecolor(look.background)
    axes.set_xlim(-0.5, len(tissues) - 0.5)
    wrapped = ["\n".join(textwrap.wrap(name, 13)) for name in tissues]
    axes.set_xticks(range(len(tissues)), wrapped if is_last else [""] * len(tissues))
    axes.tick_params(labelsize=7.5, colors=look.muted, length=0)
    axes.tick_params(axis="x", labelcolor=look.text, labelsize=7.5)
    axes.grid(axis="y", color=look.muted, alpha=0.2, linewidth=0.5)
    axes.spines[:].set_color(look.muted)
    axes.spines[:].set_linewidth(0.5)


def _legend(
    figure: Figure,
    results: Sequence[Mapped],
    colours: Mapping[str, str],
    place: tuple[float, float],
    look: Style,
) -> None:
    from matplotlib.patches import Patch

    figure.legend(
        handles=[Patch(color=colours[mapped.method], label=mapped.label) for mapped in results],
        loc="lower left",
        bbox_to_anchor=place,
        ncols=min(len(results), _LEGEND_COLUMNS),
        fontsize=8.5,
        frameon=False,
        borderpad=0.0,
        borderaxespad=0.0,
        handlelength=1.0,
        labelcolor=look.text,
    )
