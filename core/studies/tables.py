"""The tables of a study: raw and tuned scores, paired differences, images for convergence."""

from __future__ import annotations

import math
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass

from core.studies.cells import UNSUPERVISED
from core.studies.convergence import NEAR_DB, converged_at, settled_at
from core.studies.curves import Curve, Curves, Point
from core.studies.differences import Difference, difference, over_rates
from core.studies.spec import is_scratch
from core.studies.statistics import Estimate
from core.studies.table import StudyTable
from core.training.part_names import ALL
from core.training.settings import FULL, SELF


@dataclass(frozen=True)
class Sheet:
    """A table as text, for Markdown and for CSV.

    Attributes
    ----------
    name
        Of its file.
    title
        Above it in the report.
    note
        What its figures are, in one paragraph.
    head, body
        Column names; rows.
    """

    name: str
    title: str
    note: str
    head: tuple[str, ...]
    body: tuple[tuple[str, ...], ...]

    def markdown(self) -> str:
        """As a Markdown table."""
        lines = [self.head, ("---",) * len(self.head), *self.body]
        return "\n".join("| " + " | ".join(line) + " |" for line in lines)


def sheets(found: Curves, table: StudyTable) -> tuple[Sheet, ...]:
    """All tables of a study."""
    return (scores(found), differences(found, table), convergence(found))


def scores(found: Curves) -> Sheet:
    """Mean and standard deviation over slices of every point: Table 1 of the paper."""
    lines = (
        (
            *_place(curve, point),
            *(read(point) for read in _FIGURES.values()),
            _interval(point.psnr_db, found),
            *(f"{point.people_psnr_db.get(person, math.nan):.2f}" for person in found.people),
        )
        for curve, point in _points(found)
    )
    body = dict.fromkeys(lines)  # the raw network begins the curve of each supervision
    return Sheet(
        "scores",
        "Scores, raw and tuned",
        f"{_FIGURE_NAMES}: mean over people of each person's mean, ± standard deviation over "
        "scored slices; then the 95 % confidence interval of the mean PSNR over people, and each "
        "person's mean. Several seeds are averaged. Images kept for validation "
        "are not counted.",
        (*_PLACE_HEAD, *_FIGURES, "95 % CI over people", *found.people),
        tuple(body),
    )


def overview(all_found: Sequence[Curves]) -> Sheet:
    """The scores of every target under each other."""
    lines = (
        (
            each.target,
            *_place(curve, point),
            *(read(point) for read in _FIGURES.values()),
            ", ".join(each.provenances),
        )
        for each in all_found
        for curve, point in _points(each)
    )
    return Sheet(
        "overview",
        "All targets",
        f"{_FIGURE_NAMES} as in each target's own table below.",
        ("target", *_PLACE_HEAD, *_FIGURES, "k-space"),
        tuple(dict.fromkeys(lines)),
    )


_PLACE_HEAD = ("R", "method", "tuned on", "images")

_FIGURES: dict[str, Callable[[Point], str]] = {
    "PSNR": lambda point: plus_minus(point.psnr_db.mean, point.sd_psnr_db, 2),
    "SSIM": lambda point: plus_minus(point.ssim.mean, point.sd_ssim, 4),
    "RMSE in % of the peak": lambda point: plus_minus(
        point.rmse_percent.mean, point.sd_rmse_percent, 3
    ),
}
"""The columns of figures of merit."""

_FIGURE_NAMES = "PSNR in dB, SSIM and RMSE in % of the peak"


def _points(found: Curves) -> list[tuple[Curve, Point]]:
    curves = _by_rate((*found.baselines, *found.networks))
    return [(curve, point) for curve in curves for point in curve.points]


def _place(curve: Curve, point: Point) -> tuple[str, ...]:
    """Where on the grid a line of scores is."""
    return (
        f"{curve.acceleration:g}",
        curve.label if point.n_images else curve.source_label,
        _supervision(curve) if point.n_images else "",
        _images(curve, point),
    )


def differences(found: Curves, table: StudyTable) -> Sheet:
    """Paired differences of PSNR on the same slices, at each R and averaged over R."""
    pairs: dict[tuple[str, str], list[Difference]] = {}
    for rate in found.accelerations:
        for better, worse in dict.fromkeys(_pairs(found, rate)):
            result = difference(
                table, better.place, worse.place, rate, (better.supervision, worse.supervision)
            )
            if result is not None:
                pairs.setdefault((result.better, result.worse), []).append(result)
    means = {pair: over_rates(results) for pair, results in pairs.items()}
    body = [
        _difference_line(result, found)
        for pair, results in pairs.items()
        for result in (*results, means[pair])
        if result is not None
    ]
    return Sheet(
        "differences",
        "Paired differences",
        "PSNR of the first less that of the second on the same slices, in dB: mean over people "
        "with its 95 % confidence interval over people (Student's t). The last interval draws "
        "slices anew within these people (bootstrap): it says nothing of other people.",
        ("R", "first", "second", "difference", "95 % CI over people", *found.people, "within"),
        tuple(body),
    )


def convergence(found: Curves) -> Sheet:
    """Images needed for convergence: Figure 5 of the paper."""
    body = [
        (
            f"{curve.acceleration:g}",
            curve.label,
            _supervision(curve),
            _count(converged_at(curve, found.reference(curve.acceleration)), curve),
            _count(settled_at(curve), curve),
            ", ".join(map(str, curve.grid)),
        )
        for curve in _by_rate(found.networks)
        if len(curve.points) > 1
    ]
    return Sheet(
        "convergence",
        "Images needed for convergence",
        "By the paper's rule (from one number of the grid to the next, and ever after, PSNR gains "
        "less than 0.05 % of the native network's), and to be at most "
        f"{NEAR_DB:g} dB below the largest number's. Nothing is interpolated: only numbers of the "
        "grid can come out. Images kept for validation come on top.",
        ("R", "method", "tuned on", "0.05 % rule", f"within {NEAR_DB:g} dB", "grid"),
        tuple(body),
    )


@dataclass(frozen=True)
class _End:
    """A method at one number of images."""

    method: str
    n_images: int
    supervision: str

    @property
    def place(self) -> tuple[str, int]:
        return self.method, self.n_images


def _pairs(found: Curves, rate: float) -> Iterable[tuple[_End, _End]]:
    """What is compared with what.

    The native network with the others, raw and tuned; tuned networks with themselves raw, with
    those of which a part alone was tuned, and with untrained ones tuned alike; then with baselines.
    """
    at_rate = [curve for curve in found.networks if curve.acceleration == rate]
    raw = [_End(c.source, 0, UNSUPERVISED) for c in at_rate if 0 in c.grid]
    curves = [curve for curve in at_rate if curve.end.n_images]
    tuned = [_tuned_end(curve) for curve in curves]
    for group in (list(dict.fromkeys(raw)), tuned):
        natives = [end for end in group if end.method == found.native]
        natives.sort(key=lambda end: end.supervision != FULL)
        for native in natives[:1]:
            yield from ((native, other) for other in group if other.method != found.native)
    for curve, end in zip(curves, tuned, strict=True):
        if 0 in curve.grid:
            yield end, _End(curve.source, 0, UNSUPERVISED)
        yield from ((end, _tuned_end(other)) for other in curves if _is_rival(curve, other))
    for network in tuned:
        for baseline in found.baselines:
            if baseline.acceleration == rate:
                yield network, _End(baseline.method, baseline.end.n_images, UNSUPERVISED)


def _tuned_end(curve: Curve) -> _End:
    return _End(curve.method, curve.end.n_images, curve.supervision)


def _is_rival(curve: Curve, other: Curve) -> bool:
    """Whether another was tuned in part only, or from nothing, and else as this whole one."""
    if curve.trainable != ALL or curve.supervision != other.supervision:
        return False
    if other.trainable != ALL:
        return other.source == curve.source
    return is_scratch(other.source) and not is_scratch(curve.source)


def _difference_line(result: Difference, found: Curves) -> tuple[str, ...]:
    within = result.within_psnr_db
    return (
        "mean" if result.acceleration is None else f"{result.acceleration:g}",
        result.better,
        result.worse,
        _signed(result.psnr_db.mean),
        _interval(result.psnr_db, found, _signed),
        *(_signed(result.people_psnr_db.get(person, math.nan)) for person in found.people),
        f"{_signed(within[0])} to {_signed(within[1])}" if within is not None else "",
    )


def _signed(value: float) -> str:
    """With its sign, but no minus before 0.00."""
    return f"{round(value, 2) + 0.0:+.2f}"


def _interval(
    estimate: Estimate, found: Curves, text: Callable[[float], str] = "{:.2f}".format
) -> str:
    """The confidence interval in dB, or why there is none."""
    if not estimate.has_interval:
        return f"none: one {found.one_scored}"
    return f"{text(estimate.low)} to {text(estimate.high)}"


def _by_rate(curves: Iterable[Curve]) -> list[Curve]:
    return sorted(curves, key=lambda curve: curve.acceleration)


def _supervision(curve: Curve) -> str:
    names = {FULL: "fully sampled", SELF: "undersampled only"}
    return names.get(curve.supervision, "")


def _images(curve: Curve, point: Point) -> str:
    if point.n_images:
        return str(point.n_images)
    return "raw" if curve.kind == "network" else "–"


def plus_minus(mean: float, deviation: float, digits: int) -> str:
    """``44.47 ± 2.66``; of one slice alone, which has no deviation, ``44.47``."""
    known = "" if math.isnan(deviation) else f" ± {deviation:.{digits}f}"
    return f"{mean:.{digits}f}{known}"


def _count(number: int | None, curve: Curve) -> str:
    return f"more than {curve.end.n_images}" if number is None else str(number)
