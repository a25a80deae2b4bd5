"""Errors of a noise study's methods in tissues of the brain."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING

import numpy as np

from core.figure_style import STYLES, Stroke
from core.fingerprinting.parameters import PARAMETERS
from core.studies.figure_page import add_legend, empty_page
from core.studies.fingerprinting.axes import STYLE, strokes_of, who_judged
from core.studies.fingerprinting.cells import MAIN
from core.studies.fingerprinting.rows import TissueError
from core.studies.fingerprinting.spec import FingerprintStudy

if TYPE_CHECKING:
    from matplotlib.axes import Axes
    from matplotlib.figure import Figure

TISSUES_SNR_DB = 20.0
"""Bars of tissues are drawn at the study's SNR that is nearest."""

_PANEL_WIDTH = 6.8


def tissues_figure(study: FingerprintStudy, errors: Sequence[TissueError]) -> Figure:
    """Errors in the brain's own tissues: bars of the root mean square, dots of the bias."""
    colours = STYLES[STYLE].item
    snr = shown_snr(study)
    strokes = strokes_of(study, MAIN)
    note = (
        "Bars: root mean square error, of squared bias and variance over noise; dots: size of the "
        "bias; both of the network of each seed, then the mean over seeds. Short lines: the "
        "Cramér-Rao bound of the standard deviation. All in % of the tissue's true value."
    )
    title = f"{study.name}: tissues of the brain at {snr:g} dB"
    figure, grid = empty_page(
        title, 1, 3, [who_judged(study), note], colours, len(strokes) + 2, _PANEL_WIDTH
    )
    for axes, parameter in zip(grid, PARAMETERS, strict=True):
        mine = [e for e in errors if (e.parameter, e.snr_db) == (parameter.name, snr)]
        _bars(axes, mine, strokes)
        axes.set_title(parameter.label, fontsize=8.5, color=colours.text)
        axes.set_ylabel("error, %", fontsize=7, color=colours.muted)
    add_legend(figure, grid, colours)
    return figure


def _bars(axes: Axes, errors: Sequence[TissueError], strokes: Mapping[str, Stroke]) -> None:
    tissues = list(dict.fromkeys(e.tissue for e in errors))
    width = 0.8 / len(strokes)
    for number, (method, stroke) in enumerate(strokes.items()):
        mine = [e for e in errors if e.method == method]
        if not mine:
            continue
        x = np.arange(len(mine)) + (number - (len(strokes) - 1) / 2) * width
        percent = np.array([[e.rmse, e.bias_size] for e in mine])
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


def shown_snr(study: FingerprintStudy) -> float:
    """The SNR at which the brain's tissues are shown."""
    return min(study.evaluation.snr_db, key=lambda snr: abs(snr - TISSUES_SNR_DB))
