"""The figures of a noise study: errors and gains against SNR, losses against steps, tissues."""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING

import numpy as np

from core import __version__
from core.figure_style import STYLES, Stroke, Style, method_stroke
from core.fingerprinting.parameters import PARAMETERS
from core.studies.figure_page import add_legend, empty_page
from core.studies.fingerprint_cells import DICTIONARY, MAIN, TRANSFERRED, methods_of, short
from core.studies.fingerprint_comparison import Comparison
from core.studies.fingerprint_rows import Results, TissueError
from core.studies.fingerprint_scores import ALL, BIAS, BOUND, GROUPS, MSE, SD, Score, group_words
from core.studies.fingerprint_spec import FingerprintStudy
from core.studies.statistics import over_people

if TYPE_CHECKING:
    from matplotlib.axes import Axes
    from matplotlib.figure import Figure

STYLE = "light"
TISSUES_SNR_DB = 20.0
"""Bars of tissues are drawn at the study's SNR that is nearest."""

_ROWS = {BIAS: "bias, %", SD: "SD, %", MSE: "MSE"}
_BAR_PANEL_WIDTH = 3.4
_TICKS = {4.0: (1.0, 1.5, 2.0, 3.0, 4.0, 5.0, 6.0, 8.0), 200.0: (1.0, 2.0, 5.0), math.inf: (1.0,)}
"""Largest over smallest value to the ticks of every decade."""


def errors_figure(study: FingerprintStudy, scores: Sequence[Score], tissues: str = ALL) -> Figure:
    """Bias, standard deviation and mean squared error of each parameter against SNR.

    ``tissues`` are one of :data:`~core.studies.fingerprint_scores.GROUPS`.
    """
    colours = STYLES[STYLE].item
    title = f"{study.name}: {group_words(study)[tissues]}"
    strokes = _strokes(study, MAIN)
    note = (
        "Root mean square over the tissues of the bias and of the standard deviation of "
        "ln(estimate / truth), times 100; mean over them of its square. Bands: 95 % confidence "
        "intervals of networks over seeds, of the dictionary over tissues. Cramér-Rao bound: no "
        "unbiased method lies below; at most the spread of a value even over its range."
    )
    figure, grid = empty_page(title, 3, 3, [_who(study), note], colours, len(strokes) + 1)
    panels = [(figure_name, parameter) for figure_name in _ROWS for parameter in PARAMETERS]
    for axes, (name, parameter) in zip(grid, panels, strict=True):
        mine = [s for s in scores if (s.tissues, s.parameter) == (tissues, parameter.name)]
        _errors_panel(axes, mine, name, strokes)
        axes.set_title(f"{parameter.label}: {_ROWS[name]}", fontsize=8.5, color=colours.text)
        _snr_axis(axes, study, colours)
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
    _log_axis(axes, min(shown), max(shown))


def _log_axis(axes: Axes, low: float, high: float) -> None:
    """A logarithmic scale around the values, whatever bands and bounds do beyond them."""
    from matplotlib.ticker import FuncFormatter, LogLocator, NullFormatter

    ticks = next(ticks for ratio, ticks in _TICKS.items() if high / low <= ratio)
    axes.set_yscale("log")
    axes.set_ylim(low / 1.5, high * 1.5)
    axes.yaxis.set_major_locator(LogLocator(subs=ticks))
    axes.yaxis.set_major_formatter(FuncFormatter(lambda value, _: f"{value:g}"))
    axes.yaxis.set_minor_formatter(NullFormatter())


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
    figure, grid = empty_page(title, 2, 1, [_who(study), note], colours, len(others), 3.6)
    words, strokes = group_words(study), _strokes(study, others)
    for axes, tissues in zip(grid, GROUPS, strict=True):
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
        axes.set_title(words[tissues], fontsize=8.5, color=colours.text)
        _snr_axis(axes, study, colours)
        _log_axis(axes, min(shown), max(shown))
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


def learning_figure(study: FingerprintStudy, results: Results) -> Figure:
    """The loss on noisy validation signals against steps of noisy training."""
    colours = STYLES[STYLE].item
    labels = {
        method: label
        for method, label in methods_of(study).items()
        if any(r.learning.steps for cell, r in results.items() if cell.method == method)
    }
    note = (
        f"Mean over seeds of the training loss on {study.evaluation.n_validation} noisy signals "
        f"of other tissues; seeds: {len(study.seeds)}; bands: 95 % confidence interval. The "
        "learning rate of every curve follows one cycle over its own steps."
    )
    title = f"{study.name}: loss while learning"
    figure, [axes] = empty_page(title, 1, 1, [note], colours, len(labels), 5.4)
    strokes = _strokes(study, tuple(labels))
    for method, label in labels.items():
        curves = [r.learning for cell, r in results.items() if cell.method == method]
        means = [over_people(at_step) for at_step in zip(*(c.losses for c in curves), strict=True)]
        steps, stroke = curves[0].steps, strokes[method]
        axes.plot(
            steps,
            [m.mean for m in means],
            color=stroke.colour,
            linestyle=(0, stroke.dashes) if stroke.dashes else "-",
            linewidth=1.2,
            marker="o",
            markersize=2.5,
            label=label,
        )
        low, high = [m.low for m in means], [m.high for m in means]
        axes.fill_between(steps, low, high, color=stroke.colour, alpha=0.18, linewidth=0)
    shown = [loss for result in results.values() for loss in result.learning.losses]
    _log_axis(axes, min(shown), max(shown))
    axes.set_xlabel("steps of noisy training", fontsize=7, color=colours.muted)
    axes.set_ylabel("loss", fontsize=7, color=colours.muted)
    add_legend(figure, [axes], colours)
    return figure


def tissues_figure(study: FingerprintStudy, errors: Sequence[TissueError]) -> Figure:
    """Errors in the brain's own tissues: bars of the root mean square, dots of the bias."""
    colours = STYLES[STYLE].item
    snr = shown_snr(study)
    strokes = _strokes(study, MAIN)
    note = (
        "Bars: root mean square error; dots: size of the bias; short lines: the Cramér-Rao bound "
        "of the standard deviation. All in % of the tissue's true value; networks: mean over seeds."
    )
    title = f"{study.name}: tissues of the brain at {snr:g} dB"
    figure, grid = empty_page(
        title, 1, 3, [_who(study), note], colours, len(strokes) + 2, 2 * _BAR_PANEL_WIDTH
    )
    for axes, parameter in zip(grid, PARAMETERS, strict=True):
        mine = [e for e in errors if (e.parameter, e.snr_db) == (parameter.name, snr)]
        _bars(axes, mine, strokes)
        axes.set_title(parameter.label, fontsize=8.5, color=colours.text)
        axes.set_ylabel("error, %", fontsize=7, color=colours.muted)
    add_legend(figure, grid, colours)
    return figure


def shown_snr(study: FingerprintStudy) -> float:
    """The SNR at which the brain's tissues are shown."""
    return min(study.evaluation.snr_db, key=lambda snr: abs(snr - TISSUES_SNR_DB))


def _bars(axes: Axes, errors: Sequence[TissueError], strokes: Mapping[str, Stroke]) -> None:
    tissues = list(dict.fromkeys(e.tissue for e in errors))
    width = 0.8 / len(strokes)
    for number, (method, stroke) in enumerate(strokes.items()):
        mine = [e for e in errors if e.method == method]
        if not mine:
            continue
        x = np.arange(len(mine)) + (number - (len(strokes) - 1) / 2) * width
        percent = np.array([[e.rmse, abs(e.bias.mean)] for e in mine])
        percent *= 100 / np.array([[e.truth] for e in mine])
        axes.bar(x, percent[:, 0], 0.9 * width, color=stroke.colour, label=mine[0].label)
        axes.plot(
            x,
            percent[:, 1],
            linestyle="none",
            marker="o",
            markersize=2.5,
            color="black",
            label="size of the bias",
        )
    least = [next(e for e in errors if e.tissue == tissue) for tissue in tissues]
    axes.hlines(
        [100 * e.bound_sd / e.truth for e in least],
        np.arange(len(tissues)) - 0.45,
        np.arange(len(tissues)) + 0.45,
        color="black",
        linestyle=":",
        linewidth=1.0,
        label="Cramér-Rao bound",
    )
    axes.set_xticks(range(len(tissues)), tissues)


def _strokes(study: FingerprintStudy, methods: Sequence[str]) -> dict[str, Stroke]:
    """A method's stroke is the same in all figures."""
    colours = STYLES[STYLE].item
    networks = [method for method in methods_of(study) if method != DICTIONARY]
    return {
        method: method_stroke(colours, networks.index(method), True)
        if method in networks
        else Stroke("#7a828e")
        for method in methods
    }


def _who(study: FingerprintStudy) -> str:
    plan, n = study.evaluation, len(study.seeds)
    return (
        f"Sequence {study.sequence.name!r}. {plan.n_tissues} quasi-random tissues, {plan.n_noise} "
        f"noise realisations of each ({study.dictionary_noise} for the dictionary of "
        f"{study.dictionary.n_atoms:,} atoms); {n} seed{'s' * (n > 1)}. tlmri {__version__}."
    )


def _snr_axis(axes: Axes, study: FingerprintStudy, colours: Style) -> None:
    axes.set_xticks(study.evaluation.snr_db)
    axes.set_xlabel("SNR, dB", fontsize=7, color=colours.muted)
