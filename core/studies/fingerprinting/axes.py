"""What the figures of a noise study share: strokes of methods, scales, the words at the foot."""

from __future__ import annotations

import math
from collections.abc import Sequence
from typing import TYPE_CHECKING

from core import __version__
from core.figure_style import BASELINE_COLOURS, STYLES, Stroke, Style, method_stroke
from core.studies.fingerprinting.cells import DICTIONARY, methods_of
from core.studies.fingerprinting.spec import FingerprintStudy

if TYPE_CHECKING:
    from matplotlib.axes import Axes

STYLE = "light"
_TICKS = {4.0: (1.0, 1.5, 2.0, 3.0, 4.0, 5.0, 6.0, 8.0), 200.0: (1.0, 2.0, 5.0), math.inf: (1.0,)}
"""Largest over smallest value to the ticks of every decade."""


def strokes_of(study: FingerprintStudy, methods: Sequence[str]) -> dict[str, Stroke]:
    """A method's stroke is the same in all figures."""
    colours = STYLES[STYLE].item
    networks = [method for method in methods_of(study) if method != DICTIONARY]
    return {
        method: method_stroke(colours, networks.index(method), True)
        if method in networks
        else Stroke(BASELINE_COLOURS[0])
        for method in methods
    }


def log_axis(axes: Axes, shown: Sequence[float]) -> None:
    """A logarithmic scale around values above 0, whatever bands and bounds do beyond them."""
    from matplotlib.ticker import FuncFormatter, LogLocator, NullFormatter

    if not shown:
        return
    low, high = min(shown), max(shown)
    ticks = next(ticks for ratio, ticks in _TICKS.items() if high / low <= ratio)
    axes.set_yscale("log")
    axes.set_ylim(low / 1.5, high * 1.5)
    axes.yaxis.set_major_locator(LogLocator(subs=ticks))
    axes.yaxis.set_major_formatter(FuncFormatter(lambda value, _: f"{value:g}"))
    axes.yaxis.set_minor_formatter(NullFormatter())


def snr_axis(axes: Axes, study: FingerprintStudy, colours: Style) -> None:
    """The study's SNR below a panel."""
    axes.set_xticks(study.evaluation.snr_db)
    axes.set_xlabel("SNR, dB", fontsize=7, color=colours.muted)


def who_judged(study: FingerprintStudy) -> str:
    """The first line at the foot: on what methods were judged."""
    plan, n = study.evaluation, len(study.seeds)
    return (
        f"Sequence {study.sequence.name!r}. {plan.n_tissues} quasi-random tissues, {plan.n_noise} "
        f"noise realisations of each ({study.dictionary_noise} for the dictionary of "
        f"{study.dictionary.n_atoms:,} atoms); {n} seed{'s' * (n > 1)}. tlmri {__version__}."
    )
