"""From a study's points to the curves on show, and the rows of its table."""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass

from tlmri_gui.models.study_axes import Axis, count_axis, value_axis
from tlmri_gui.models.words import counted
from tlmri_gui.study_state import CurveKind, Digest, Spread, StudyPoint


@dataclass(frozen=True)
class Metric:
    """What the curves show.

    Attributes
    ----------
    name, label
        Attribute of a point, and label of the axis.
    digits, unit
        How values are printed.
    least_span, least_share
        Smaller differences between networks are not worth a finer axis: a value, and a share of the
        largest one.
    sense
        1 if more is better, -1 if less is.
    """

    name: str
    label: str
    digits: str
    unit: str = ""
    least_span: float = 0.0
    least_share: float = 0.0
    sense: int = 1

    @property
    def arrow(self) -> str:
        """Where something lies that is much worse than what the axis shows."""
        return "↓" if self.sense > 0 else "↑"

    def of(self, point: StudyPoint) -> Spread:
        """The metric's mean and bar at a point."""
        spread: Spread = getattr(point, self.name)
        return spread

    def short_of_span(self, low: float, high: float) -> float:
        """By how much a range of values is too small to fill an axis."""
        return max(self.least_span, self.least_share * high, high - low) - (high - low)


METRICS = (
    Metric("psnr", "PSNR (dB)", ".2f", " dB", least_span=1.0),
    Metric("ssim", "SSIM", ".4f", least_span=0.01),
    Metric("rmse", "RMSE in % of the peak", ".3f", " % of the peak", least_share=0.1, sense=-1),
)
_REACH = 0.6
"""How much worse than the networks a baseline may be to be drawn, as a share of their range."""
_ORDER = tuple(CurveKind)

_BAR_ROOM = 0.1
"""How far bars may push the ends of the axis out, as a share of the range of the means: it is the
curves that are looked at, and of two people the bars are many times as long."""

FEW_PEOPLE = 5
"""Of fewer people the interval is wide: Student's factor is 12.7 for two, 2.8 for five."""

WIDE = "so few people leave a wide interval"
OPEN_BARS = "those that fade out leave the panel (point at one to read it)"


@dataclass(frozen=True)
class Series:
    """One curve: the same name, label and colour in every panel.

    ``colour`` counts the curves of one kind from 0.
    """

    name: str
    label: str
    kind: CurveKind
    colour: int
    points: tuple[StudyPoint, ...] = ()

    @property
    def is_level(self) -> bool:
        """Whether it is drawn as a line across the panel: it does not depend on the images."""
        return self.kind is not CurveKind.SOURCE and len(self.points) == 1


@dataclass(frozen=True)
class CurvePanel:
    """The curves of one acceleration with their axes.

    Attributes
    ----------
    acceleration
        R.
    series
        What is drawn.
    beyond
        Baselines so much worse than the networks that the axis leaves them out: they are named
        with their values.
    x, y
        Axes.
    """

    acceleration: float
    series: tuple[Series, ...]
    beyond: tuple[Series, ...]
    x: Axis
    y: Axis


@dataclass(frozen=True)
class CurvesState:
    """Everything the curves' view shows.

    Attributes
    ----------
    panels, legend
        The curves, and their names.
    metric
        What they show.
    footnote
        What the bars are, and what must be known of the networks.
    label
        Where the k-space comes from.
    name
        What a person calls the study.
    targets, target
        Names to choose from, where there are several; the one on show.
    """

    panels: tuple[CurvePanel, ...] = ()
    legend: tuple[Series, ...] = ()
    metric: Metric = METRICS[0]
    footnote: str = ""
    label: str = ""
    name: str = ""
    targets: tuple[str, ...] = ()
    target: str = ""


def curves_state(digest: Digest, metric: Metric, target: str = "") -> CurvesState:
    """What to draw of a target; there is room from the start for the points still to come."""
    findings = digest.of(target)
    points = findings.points
    legend = _legend(points)
    x = count_axis(findings.counts or [p.n_images for p in points])
    rates = sorted({p.acceleration for p in points})
    panels = tuple(_panel(rate, points, legend, metric, x) for rate in rates)
    spread = f"{findings.spread}{_on_open_bars(panels, metric)}"
    return CurvesState(
        panels=panels,
        legend=legend,
        metric=metric,
        footnote="\n".join((spread, *findings.remarks)),
        label=findings.label,
        name=digest.name,
        targets=tuple(f.target for f in digest.targets) if len(digest.targets) > 1 else (),
        target=findings.target,
    )


def _on_open_bars(panels: Sequence[CurvePanel], metric: Metric) -> str:
    """What the reader of the bars must know where the axis does not hold them all."""
    are_open = [
        point
        for panel in panels
        for series in panel.series
        if not series.is_level
        for point in series.points
        for end in metric.of(point).ends
        if not panel.y.holds(end)
    ]
    if not are_open:
        return ""
    wide = ": few people, wide bars" if any(_has_few_people(p) for p in are_open) else ""
    return f"{wide}; {OPEN_BARS}"


def _has_few_people(point: StudyPoint) -> bool:
    """Whether its bar is an interval over few people; of one person there is none."""
    return 1 < point.n_people < FEW_PEOPLE


def _legend(points: Sequence[StudyPoint]) -> tuple[Series, ...]:
    """Every curve once, in the order sources, native reference, baselines."""
    seen = {point.series: point for point in points}
    legend: list[Series] = []
    for kind in _ORDER:
        names = sorted(name for name, point in seen.items() if point.kind is kind)
        legend += [Series(n, seen[n].label, kind, i) for i, n in enumerate(names)]
    return tuple(legend)


def _panel(
    rate: float, points: Sequence[StudyPoint], legend: Sequence[Series], metric: Metric, x: Axis
) -> CurvePanel:
    here = [point for point in points if point.acceleration == rate]
    series = tuple(
        Series(s.name, s.label, s.kind, s.colour, _of(here, s.name))
        for s in legend
        if any(point.series == s.name for point in here)
    )
    worst = _worst(series, metric)
    beyond = tuple(s for s in series if s.kind is CurveKind.BASELINE and _good(s, metric) < worst)
    shown = tuple(s for s in series if s not in beyond)
    return CurvePanel(rate, shown, beyond, x, value_axis(_in_sight(shown, metric)))


def _in_sight(series: Sequence[Series], metric: Metric) -> list[float]:
    """What the axis must hold: all means, and bars as far as they leave the curves their height."""
    spreads = [metric.of(point) for s in series for point in s.points]
    means = [spread.mean for spread in spreads]
    low, high = min(means), max(means)
    short = metric.short_of_span(low, high) / 2
    low, high = low - short, high + short
    room = _BAR_ROOM * (high - low)
    ends = [end for spread in spreads for end in spread.ends]
    return [low, high, *(min(max(end, low - room), high + room) for end in ends)]


def _worst(series: Sequence[Series], metric: Metric) -> float:
    """How bad a baseline may be so that differences between the networks can still be seen."""
    means = [metric.of(p).mean for s in series if s.kind is CurveKind.SOURCE for p in s.points]
    if not means:
        return -math.inf
    low, high = min(means), max(means)
    span = high - low + metric.short_of_span(low, high)
    return min(metric.sense * mean for mean in means) - _REACH * span


def _good(series: Series, metric: Metric) -> float:
    """How good a level curve is: more is better, whatever the metric."""
    return metric.sense * metric.of(series.points[-1]).mean


def _of(points: Sequence[StudyPoint], series: str) -> tuple[StudyPoint, ...]:
    return tuple(sorted((p for p in points if p.series == series), key=lambda p: p.n_images))


def hover_lines(point: StudyPoint, metric: Metric) -> tuple[str, ...]:
    """What is said of the point under the pointer."""
    spread = metric.of(point)
    value = f"{spread.mean:{metric.digits}}{metric.unit}"
    if spread.ends:
        value += f"  ({spread.low:{metric.digits}} to {spread.high:{metric.digits}})"
    lines = (point.label, f"R = {point.acceleration:g}, {images_text(point)}", value, over(point))
    return (*lines, WIDE) if spread.ends and _has_few_people(point) else lines


def images_text(point: StudyPoint) -> str:
    """After how many tuning images."""
    if point.n_images == 0:
        return "no tuning image"
    return counted(point.n_images, "tuning image")


def over(point: StudyPoint) -> str:
    """What a mean is over; of one set of slices it may not be known whose they are."""
    people = f"{point.n_people} people, " if point.n_people > 1 else ""
    return f"mean over {people}{counted(point.n_slices, 'image')}"
