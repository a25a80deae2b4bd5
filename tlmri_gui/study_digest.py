"""From a study's folder to what the window shows of it; in the child process or on the worker."""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import TYPE_CHECKING

from core.training.settings import FULL
from tlmri_gui.study_state import CurveKind, Digest, Findings, Spread, StudyPoint

if TYPE_CHECKING:
    from core.studies.curves import Curve, Curves, Point
    from core.studies.spec import StudySpec
    from core.studies.statistics import Estimate
    from core.studies.table import Row, StudyTable
    from core.training.settings import TuneSettings

ONE_PERSON_BARS = "Bars: ± standard deviation over the {n} images of the one test {one}"
PEOPLE_BARS = "Bars: 95 % confidence interval of the mean over {n} {many}"
_PointKey = tuple[str, float, int, str]
"""Method, R, number of images, supervision."""


def digest(folder: Path, spec: StudySpec, seconds_left: float = math.nan) -> Digest:
    """What the table in a study's folder says so far.

    Parameters
    ----------
    folder
        Of the study.
    spec
        What it is made of.
    seconds_left
        Until it is done, if that is known.

    Raises
    ------
    ValueError
        If it is no study's folder, or damaged.
    """
    from core.studies.curves import by_target
    from core.studies.run import load_study
    from core.studies.store import read_times

    _, native, table = load_study(folder)
    times = read_times(folder)
    is_one = len(spec.targets) == 1
    parts = {spec.targets[0].name: table} if is_one and table.rows else by_target(table)
    targets = tuple(
        _findings(folder, parts[nothing.target], native, times, nothing.counts)
        if nothing.target in parts
        else nothing
        for nothing in nothing_done(spec).targets
    )
    points = [point for findings in targets for point in findings.points]
    return Digest(
        targets=targets,
        tuning=spec.tuning,
        seconds_a_step=_seconds_a_step(points, spec.tuning),
        n_done=table.n_done,
        n_cells=table.n_cells,
        seconds_left=seconds_left,
        name=spec.name,
    )


def nothing_done(spec: StudySpec) -> Digest:
    """What is known of a study before it has a table."""
    targets = (Findings(t.name, counts=t.n_images or spec.n_images) for t in spec.targets)
    return Digest(tuple(targets), name=spec.name)


def _findings(
    folder: Path,
    table: StudyTable,
    native: str,
    times: Mapping[str, tuple[float, float]],
    counts: tuple[int, ...],
) -> Findings:
    """What the rows of one target say."""
    from core.studies.answer import answer
    from core.studies.curves import curves

    found = curves(table, native)
    return Findings(
        target=found.target,
        points=_Points(folder, found, table, times).all(),
        answer=answer(found),
        spread=_spread_text(found),
        remarks=found.remarks,
        label=" / ".join(found.provenances),
        definition=found.definition,
        counts=counts,
    )


def _seconds_a_step(points: Sequence[StudyPoint], tuning: TuneSettings) -> float:
    """Measured time of one step of tuning; NaN where nothing was tuned."""
    timed = [p for p in points if p.kind is CurveKind.SOURCE and p.seconds > 0]
    steps = sum(tuning.n_steps(point.n_images) for point in timed)
    return sum(point.seconds for point in timed) / steps if steps else math.nan


class _Points:
    """The points of all curves of a target, with what only the rows tell of them."""

    def __init__(
        self,
        folder: Path,
        found: Curves,
        table: StudyTable,
        times: Mapping[str, tuple[float, float]],
    ) -> None:
        self._folder = folder
        self._curves = found
        self._times = times
        self._rows: dict[_PointKey, list[Row]] = {}
        for row in table.rows:
            key = (row.method, row.acceleration, row.n_images, row.supervision)
            self._rows.setdefault(key, []).append(row)

    def all(self) -> tuple[StudyPoint, ...]:
        """Networks, reference lines, baselines."""
        found = [p for curve in self._curves.networks for p in self._of_network(curve)]
        found += [p for curve in self._curves.baselines for p in self._of_baseline(curve)]
        return (*found, *self._references())

    def _of_network(self, curve: Curve) -> list[StudyPoint]:
        """The raw network, which begins the curves of all its tunings, has its own name."""
        tuned = curve.label
        if curve.supervision != FULL:
            tuned += f", {curve.supervision}-supervised"
        name = f"{curve.method} {curve.supervision}"
        kind = CurveKind.SOURCE
        return [
            self._point(name, tuned if point.n_images else curve.source_label, kind, curve, point)
            for point in curve.points
        ]

    def _of_baseline(self, curve: Curve) -> list[StudyPoint]:
        kind = CurveKind.BASELINE
        return [self._point(curve.method, curve.label, kind, curve, p) for p in curve.points]

    def _references(self) -> list[StudyPoint]:
        """The native network after tuning on the most images, at each R that has one."""
        found = []
        for rate in self._curves.accelerations:
            end = self._curves.reference(rate)
            curve = self._curves.network(self._curves.native, rate)
            if end is not None and curve is not None:
                label = f"Native: {curve.label} tuned on {end.n_images}"
                found.append(self._point("native", label, CurveKind.NATIVE, curve, end))
        return found

    def _point(
        self, series: str, label: str, kind: CurveKind, curve: Curve, point: Point
    ) -> StudyPoint:
        rows = self._rows_of(curve, point)
        times = [self._times[key][0] for key in {row.cell for row in rows} if key in self._times]
        return StudyPoint(
            series=series,
            label=label,
            kind=kind,
            acceleration=curve.acceleration,
            n_images=point.n_images,
            psnr=_spread(point.psnr_db, point.sd_psnr_db),
            ssim=_spread(point.ssim, point.sd_ssim),
            rmse=_spread(point.rmse_percent, point.sd_rmse_percent),
            std_psnr=point.sd_psnr_db,
            n_people=point.psnr_db.n_people,
            n_slices=point.n_slices,
            seconds=sum(times) / len(times) if times and point.n_images else math.nan,
            checkpoint=self._best_checkpoint(rows),
        )

    def _rows_of(self, curve: Curve, point: Point) -> list[Row]:
        is_raw = curve.kind == "network" and not point.n_images
        method = curve.source if is_raw else curve.method
        wanted = (method, curve.acceleration, point.n_images)
        return [
            row
            for key, rows in self._rows.items()
            if key[:3] == wanted and (not point.checkpoints or key[3] == curve.supervision)
            for row in rows
        ]

    def _best_checkpoint(self, rows: list[Row]) -> Path | None:
        """Of several seeds the one that validated best: the test is not asked."""
        from core.studies.store import CHECKPOINTS_NAME

        tuned = [row for row in rows if row.checkpoint]
        if not tuned:
            return None
        best = max(tuned, key=lambda row: row.validation_after_db)
        return self._folder / CHECKPOINTS_NAME / best.checkpoint


def _spread(found: Estimate, deviation: float) -> Spread:
    """The interval over people, or of one person the deviation over slices."""
    if found.has_interval:
        return Spread(found.mean, found.low, found.high)
    return Spread(found.mean, found.mean - deviation, found.mean + deviation)


def _spread_text(found: Curves) -> str:
    if len(found.people) > 1:
        return PEOPLE_BARS.format(n=len(found.people), many=found.many_scored)
    first = (*found.networks, *found.baselines)[0].points[0]
    return ONE_PERSON_BARS.format(n=first.n_slices, one=found.one_scored)
