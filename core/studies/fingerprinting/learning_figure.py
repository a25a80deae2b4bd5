"""The loss of a noise study's networks while they learn."""

from __future__ import annotations

from collections.abc import Iterable
from typing import TYPE_CHECKING

from core.figure_style import STYLES
from core.studies.figure_page import add_legend, empty_page
from core.studies.fingerprinting.axes import STYLE, log_axis, strokes_of
from core.studies.fingerprinting.cells import methods_of
from core.studies.fingerprinting.result import FingerprintResult
from core.studies.fingerprinting.rows import Results
from core.studies.fingerprinting.spec import FingerprintStudy
from core.studies.statistics import over_people

if TYPE_CHECKING:
    from matplotlib.axes import Axes
    from matplotlib.figure import Figure


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
    strokes = strokes_of(study, tuple(labels))
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
    log_axis(axes, shown)
    _stretch_first_steps(axes, results.values())
    axes.set_xlabel("steps of noisy training", fontsize=7, color=colours.muted)
    axes.set_ylabel("loss", fontsize=7, color=colours.muted)
    add_legend(figure, [axes], colours)
    return figure


def _stretch_first_steps(axes: Axes, results: Iterable[FingerprintResult]) -> None:
    """Logarithmic from the second point on: what a transfer gains, it gains in the first steps."""
    from matplotlib.ticker import NullLocator

    steps = sorted({step for result in results for step in result.learning.steps})
    if len(steps) > 2:
        axes.set_xscale("symlog", linthresh=steps[1])
        axes.set_xlim(left=0)
        ticks = [0, *(10**i * k for i in range(7) for k in (1, 2, 5))]
        axes.set_xticks([t for t in ticks if t == 0 or steps[1] <= t <= steps[-1]])
        axes.xaxis.set_major_formatter("{x:,.0f}")
        axes.xaxis.set_minor_locator(NullLocator())
