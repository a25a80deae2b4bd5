"""Errors of a noise study's methods, and ratios of their losses, against SNR."""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING

import numpy as np

from core.figure_style import STYLES, Stroke
from core.fingerprinting.parameters import PARAMETERS
from core.studies.figure_page import add_legend, empty_page
from core.studies.fingerprinting.axes import STYLE, log_axis, snr_axis, strokes_of, who_judged
from core.studies.fingerprinting.cells import MAIN, TRANSFERRED, methods_of, short
from core.studies.fingerprinting.comparison import Comparison
from core.studies.fingerprinting.scores import ALL, BIAS, BOUND, MSE, SD, Score, group_words
from core.studies.fingerprinting.spec import FingerprintStudy

if TYPE_CHECKING:
    from matplotlib.axes import Axes
    from matplotlib.figure import Figure

_ROWS = {BIAS: "bias, %", SD: "SD, %", MSE: "MSE"}


def errors_figure(study: FingerprintStudy, scores: Sequence[Score], tissues: str = ALL) -> Figure:
    """Bias, standard deviation and mean squared error of each parameter against SNR.

    ``tissues`` are one of :data:`~core.studies.fingerprinting.scores.GROUPS`.
    """
    colours = STYLES[STYLE].item
    title = f"{study.name}: {group_words(study)[tissues]}"
    strokes = strokes_of(study, MAIN)
    note = (
        "Root mean square over the tissues of the bias and of the standard deviation of "
        "ln(estimate / truth), times 100; mean over them of its square. Bands: 95 % confidence "
        "intervals of networks over seeds, of the dictionary over tissues. Cramér-Rao bound: no "
        "unbiased method lies below; at most the spread of a value even over its range."
    )
    figure, grid = empty_page(title, 3, 3, [who_judged(study), note], colours, len(strokes) + 1)
    panels = [(figure_name, parameter) for figure_name in _ROWS for parameter in PARAMETERS]
    for axes, (name, parameter) in zip(grid, panels, strict=True):
        mine = [s for s in scores if (s.tissues, s.parameter) == (tissues, parameter.name)]
        _errors_panel(axes, mine, name, strokes)
        axes.set_title(f"{parameter.label}: {_ROWS[name]}", fontsize=8.5, color=colours.text)
        snr_axis(axes, study, colours)
    add_legend(figure, grid, colours)
    return figure


def _errors_panel(
    axes: Axes, scores: Sequence[Score], name: str, strokes: Mapping[str, Stroke]
) -> None:
    for method, stroke in strokes.items():
        found = [s for s in scores if (s.method, s.figure) == (method, name)]
        if found:
            _line(axes, found, stroke)
    bound = [s for s in scores if s.method == BOUND]
    if bound and name != BIAS:
        power = (lambda sd: (sd / 100) ** 2) if name == MSE else float
        axes.plot(
            [s.snr_db for s in bound],
            [power(s.value) for s in bound],
            color="black",
            linestyle=":",
            linewidth=1.0,
            label=bound[0].label,
        )
    shown = [s.value for s in scores if s.method in strokes and s.figure == name and s.value > 0]
    log_axis(axes, shown)


def _line(axes: Axes, scores: Sequence[Score], stroke: Stroke) -> None:
    """Above 0 only, as a logarithmic scale shows it."""
    x = [s.snr_db for s in scores]
    values, low, high = (
        np.array([v if v > 0 else math.nan for v in ends])
        for ends in zip(*((s.value, s.low, s.high) for s in scores), strict=True)
    )
    dashes = (0, stroke.dashes) if stroke.dashes else "-"
    axes.plot(
        x,
        values,
        color=stroke.colour,
        linestyle=dashes,
        linewidth=1.2,
        marker="o",
        markersize=2.5,
        label=scores[0].label,
    )
    # An end at or below 0 is far below what a logarithmic scale shows.
    floor = np.where(np.isnan(low) & ~np.isnan(high), 1e-3 * values, low)
    axes.fill_between(x, floor, high, color=stroke.colour, alpha=0.18, linewidth=0)


def ratios_figure(study: FingerprintStudy, comparisons: Sequence[Comparison]) -> Figure:
    """The transferred network's loss over that of the other methods, against SNR."""
    colours = STYLES[STYLE].item
    others = [other for other in MAIN if other != TRANSFERRED]
    note = (
        "Mean over seeds of the ratio of losses, below 1 where the transferred network is better; "
        "the loss takes T1, T2 and ADC together. Bars: 95 % confidence intervals over seeds."
    )
    title = f"{study.name}: loss of the transferred network over others'"
    groups, strokes = group_words(study), strokes_of(study, others)
    notes = [who_judged(study), note]
    figure, grid = empty_page(title, len(groups), 1, notes, colours, len(others), 3.6)
    for axes, (tissues, words) in zip(grid, groups.items(), strict=True):
        shown = [1.0]
        for number, other in enumerate(others):
            found = [
                c
                for c in comparisons
                if (c.method, c.other, c.tissues, c.parameter) == (TRANSFERRED, other, tissues, ALL)
                and not math.isnan(c.snr_db)
            ]
            if found:
                shift = number - (len(others) - 1) / 2
                label = f"over {short(methods_of(study)[other]).lower()}"
                shown += _ratios(axes, found, strokes[other], label, shift)
        axes.axhline(1, color=colours.muted, linewidth=0.8)
        axes.set_title(words, fontsize=8.5, color=colours.text)
        snr_axis(axes, study, colours)
        log_axis(axes, shown)
    add_legend(figure, grid, colours)
    return figure


def _ratios(
    axes: Axes, found: Sequence[Comparison], stroke: Stroke, label: str, shift: float
) -> list[float]:
    """Draw ratios with their intervals; returns the ratios."""
    ratios = np.array([1 - c.reduction.mean / 100 for c in found])
    half = np.array([(c.reduction.high - c.reduction.low) / 200 for c in found])
    axes.errorbar(
        [c.snr_db + 0.7 * shift for c in found],
        ratios,
        # A logarithmic scale has no place for an end at or below 0.
        yerr=np.nan_to_num([np.minimum(half, 0.999 * ratios), half]),
        color=stroke.colour,
        linewidth=1.0,
        marker="o",
        markersize=2.5,
        elinewidth=0.8,
        label=label,
    )
    return [float(ratio) for ratio in ratios]
