"""The figures of a study: PSNR against number of tuning images, images for convergence."""

from __future__ import annotations

import math
from collections.abc import Callable, Sequence
from typing import TYPE_CHECKING

from core import __version__, metrics
from core.domains import DOMAINS
from core.figure_style import BASELINE_COLOURS, NETWORK_COLOURS, STYLES, Style
from core.studies.convergence import NEAR_DB, converged_at, settled_at
from core.studies.curves import Curve, Curves
from core.studies.figure_page import add_legend, empty_page
from core.training.settings import FULL, SELF

if TYPE_CHECKING:
    from matplotlib.axes import Axes
    from matplotlib.figure import Figure

PAPERS_COUNTS = {"t1": 44, "t2": 43}
"""Images that the paper's networks of 4000 natural images needed, averaged over R."""

FEWEST_FOR_BANDS = 3
"""Of fewer people the confidence interval is so wide that its band says less than no band."""

_MARKERS = ("o", "s", "^", "D", "v", "P")
_LINES = {FULL: "-", SELF: "--"}
_BAR_PANEL_WIDTH = 4.0
_COLUMNS = 3

Rule = Callable[[Curve, Curves], int | None]


def psnr_figure(found: Curves, style: str = "light") -> Figure:
    """PSNR against number of tuning images, a panel for each R: Figure 4 of the paper.

    The raw network stands at 0, left of a scale that is logarithmic from 1 on. Bands are 95 %
    confidence intervals over people, where there are people enough. The dashed level is the native
    network after tuning on the most images, the others are the baselines.
    """
    colours = STYLES[style].item
    n = len(found.accelerations)
    columns = min(n, _COLUMNS)
    rows = math.ceil(n / columns)
    figure, grid = empty_page(
        f"{_target_label(found)}: PSNR against number of tuning images",
        columns,
        rows,
        _notes(found, bands=True),
        colours,
        _n_labels(found),
    )
    for axes, rate in zip(grid, found.accelerations, strict=False):
        _curves_panel(axes, found, rate, colours)
    for axes in grid[n:]:
        axes.set_axis_off()
    add_legend(figure, grid[:n], colours)
    return figure


def convergence_figure(found: Curves, style: str = "light") -> Figure:
    """Images needed for convergence, by R: Figure 5 of the paper.

    Left by the paper's rule, right to stay near the curve's end; an open bar has not converged on
    the study's grid.
    """
    colours = STYLES[style].item
    notes = _notes(found, bands=False)
    notes.append("Open bars: not converged up to the largest number of images.")
    figure, grid = empty_page(
        f"{_target_label(found)}: tuning images needed",
        2,
        1,
        notes,
        colours,
        len(_tuned_names(found)) + 1,
        _BAR_PANEL_WIDTH,
    )
    rules = (
        ("paper's rule: gain below 0.05 %", _by_paper),
        (f"within {NEAR_DB:g} dB of the largest number", _by_end),
    )
    for axes, (title, rule) in zip(grid, rules, strict=True):
        _bars_panel(axes, found, rule, colours)
        axes.set_title(title, fontsize=8.5, color=colours.text)
    _papers_level(grid[0], found, colours)
    add_legend(figure, grid, colours)
    return figure


def _target_label(found: Curves) -> str:
    """The target domain's name as a person reads it; a target of one's own scans as it stands."""
    return DOMAINS[found.target].label if found.target in DOMAINS.names() else found.target


def _by_paper(curve: Curve, found: Curves) -> int | None:
    return converged_at(curve, found.reference(curve.acceleration))


def _by_end(curve: Curve, found: Curves) -> int | None:
    del found
    return settled_at(curve)


def _notes(found: Curves, bands: bool) -> list[str]:
    n = len(found.people)
    people = f"One scored {found.one_scored}: no confidence interval"
    if n > 1:
        people = f"{n} scored {found.many_scored}"
        if bands and n < FEWEST_FOR_BANDS:
            people += ", too few for a band; their confidence interval is in the table"
        elif bands:
            people += f"; bands: 95 % confidence interval of the mean over {found.many_scored}"
    return [
        f"K-space: {', '.join(found.provenances)}. PSNR: {metrics.label(found.definition)}. "
        f"{people}. tlmri {__version__}.",
        *found.remarks,
    ]


def _curves_panel(axes: Axes, found: Curves, rate: float, colours: Style) -> None:
    axes.set_title(f"R = {rate:g}", fontsize=9, color=colours.text)
    counts = sorted({n for c in found.networks for n in c.grid})
    for curve in (c for c in found.networks if c.acceleration == rate):
        _curve(axes, curve, _place(found, curve.method))
    baselines = [c for c in found.baselines if c.acceleration == rate]
    for i, curve in enumerate(baselines):
        axes.axhline(
            curve.end.psnr_db.mean,
            color=BASELINE_COLOURS[i % len(BASELINE_COLOURS)],
            linestyle=":" if i % 2 else "-.",
            linewidth=1.1,
            label=curve.label,
        )
    _limit(axes, found, rate, baselines, colours)
    reference = found.reference(rate)
    if reference is not None:
        colour = NETWORK_COLOURS[_place(found, found.native) % len(NETWORK_COLOURS)]
        label = f"native, tuned on {reference.n_images}"
        axes.axhline(reference.psnr_db.mean, color=colour, ls="--", lw=0.9, label=label)
    axes.set_xscale("symlog", linthresh=1, linscale=0.5)
    axes.set_xlim(-0.3, 1.25 * max(1, *counts))
    axes.set_xticks(counts, ["raw" if n == 0 else str(n) for n in counts])
    axes.minorticks_off()
    axes.set_xlabel("tuning images", fontsize=7.5, color=colours.text)
    axes.set_ylabel("PSNR (dB)", fontsize=7.5, color=colours.text)


_LINE_SHARE = 0.06


def _limit(
    axes: Axes, found: Curves, rate: float, baselines: Sequence[Curve], colours: Style
) -> None:
    """Give the height to the networks and the best baseline; name the levels further down."""
    means = [p.psnr_db.mean for c in found.networks if c.acceleration == rate for p in c.points]
    levels = [curve.end.psnr_db.mean for curve in baselines]
    shown = [*means, *([max(levels)] if levels else [])]
    if not shown:
        return
    room = 0.15 * max(max(shown) - min(shown), 0.5)
    low, high = min(shown) - room, max(shown) + room
    # Their names stand in lines of this share of the height, below all curves.
    low -= _LINE_SHARE * sum(level < low for level in levels) * (high - low)
    axes.set_ylim(low, high)
    below = [c for c in baselines if c.end.psnr_db.mean < low]
    text = "\n".join(f"{c.label}: {c.end.psnr_db.mean:.1f} ↓" for c in below)
    ground = {"facecolor": colours.background, "edgecolor": "none", "pad": 1.5, "alpha": 0.85}
    axes.text(
        0.98, 0.02, text, transform=axes.transAxes, ha="right", va="bottom", fontsize=6,
        color=colours.muted, bbox=ground,
    )  # fmt: skip


def _curve(axes: Axes, curve: Curve, place: int) -> None:
    colour = NETWORK_COLOURS[place % len(NETWORK_COLOURS)]
    marker = _MARKERS[place % len(_MARKERS)]
    points = curve.points
    counts = [point.n_images for point in points]
    means = [point.psnr_db.mean for point in points]
    style = _LINES.get(curve.supervision, "-.")
    axes.plot(
        counts, means, style, color=colour, marker=marker, ms=3.5, lw=1.3, label=_label(curve)
    )
    if all(point.psnr_db.n_people >= FEWEST_FOR_BANDS for point in points):
        low = [point.psnr_db.low for point in points]
        high = [point.psnr_db.high for point in points]
        axes.fill_between(counts, low, high, color=colour, alpha=0.1, linewidth=0)


def _bars_panel(axes: Axes, found: Curves, rule: Rule, colours: Style) -> None:
    shown = _tuned(found)
    names = _tuned_names(found)
    width = 0.8 / max(1, len(names))
    rates = list(found.accelerations)
    for curve in shown:
        count = rule(curve, found)
        slot = names.index(_label(curve))
        x = rates.index(curve.acceleration) + (slot - (len(names) - 1) / 2) * width
        colour = NETWORK_COLOURS[_place(found, curve.method) % len(NETWORK_COLOURS)]
        height = curve.end.n_images if count is None else count
        axes.bar(
            x,
            height,
            0.9 * width,
            color="none" if count is None else colour,
            edgecolor=colour,
            alpha=1.0 if curve.supervision == FULL else 0.5,
            label=_label(curve),
        )
        text = f">{height}" if count is None else str(height)
        axes.annotate(
            text,
            (x, height),
            (0, 2),
            textcoords="offset points",
            ha="center",
            fontsize=4.5 + 5 * min(width, 0.4),
            color=colours.text,
        )
    axes.set_xticks(range(len(rates)), [f"{rate:g}" for rate in rates])
    axes.set_xlabel("R", fontsize=7.5, color=colours.text)
    axes.set_ylabel("tuning images", fontsize=7.5, color=colours.text)
    axes.margins(y=0.12)


def _papers_level(axes: Axes, found: Curves, colours: Style) -> None:
    count = PAPERS_COUNTS.get(found.target)
    if count is None:
        return
    axes.axhline(
        count, color=colours.warning, ls="--", lw=0.9, label=f"paper: {count}, averaged over R"
    )


def _tuned(found: Curves) -> list[Curve]:
    return [c for c in found.networks if len(c.points) > 1 and c.method != found.native]


def _tuned_names(found: Curves) -> list[str]:
    return list(dict.fromkeys(_label(curve) for curve in _tuned(found)))


def _place(found: Curves, method: str) -> int:
    """A source's place in the order of colours, the same in every panel."""
    return list(dict.fromkeys(curve.method for curve in found.networks)).index(method)


def _label(curve: Curve) -> str:
    return curve.label if curve.supervision == FULL else f"{curve.label}, self-supervised"


def _n_labels(found: Curves) -> int:
    networks = {_label(curve) for curve in found.networks}
    return len(networks) + len({curve.label for curve in found.baselines}) + 1
