"""From a study's table to its curves: PSNR against number of tuning images."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, replace

import numpy as np

from core.metrics import rmse_percent
from core.studies.cells import UNSUPERVISED
from core.studies.spec import source_name
from core.studies.statistics import Estimate, over_people, within_people
from core.studies.table import (
    SAME_SCAN,
    Row,
    SliceKey,
    StudyTable,
    by_slice,
    labels_of,
    remarks_of,
)
from core.training.settings import FULL


@dataclass(frozen=True)
class Point:
    """The scores of one method at one R after tuning on some images.

    Attributes
    ----------
    n_images
        Number of tuning images.
    psnr_db, ssim, rmse_percent
        Over people; each person's value is the mean of its slices, each slice's that of the seeds.
        RMSE is in % of the peak (:func:`core.metrics.rmse_percent`).
    sd_psnr_db, sd_ssim, sd_rmse_percent
        Sample standard deviation over all scored slices (the paper's ±); NaN for one slice.
    within_psnr_db
        Bootstrap interval over slices within these people: no statement about others.
    people_psnr_db
        Person to mean PSNR.
    n_slices, n_seeds
        Scored slices, and seeds averaged.
    checkpoints
        File names of its tuned networks, by seed; empty where nothing was tuned.
    """

    n_images: int
    psnr_db: Estimate
    ssim: Estimate
    rmse_percent: Estimate
    sd_psnr_db: float
    sd_ssim: float
    sd_rmse_percent: float
    within_psnr_db: tuple[float, float]
    people_psnr_db: Mapping[str, float]
    n_slices: int
    n_seeds: int
    checkpoints: tuple[str, ...]


@dataclass(frozen=True)
class Curve:
    """One source domain at one R and supervision, by ascending number of images.

    Attributes
    ----------
    method, label, kind, source
        As of :class:`core.studies.table.Row`.
    source_label
        The name a person reads of the source's raw network.
    acceleration, supervision, trainable
        Where on the grid.
    points
        At least one; a baseline has exactly one.
    """

    method: str
    label: str
    kind: str
    acceleration: float
    supervision: str
    points: tuple[Point, ...]
    source: str
    source_label: str
    trainable: str

    @property
    def end(self) -> Point:
        """The point of the most images."""
        return self.points[-1]

    @property
    def grid(self) -> tuple[int, ...]:
        """Numbers of images."""
        return tuple(point.n_images for point in self.points)


@dataclass(frozen=True)
class Curves:
    """All curves of a study's table.

    Attributes
    ----------
    target, definition
        The target's name; the definition of the figures of merit.
    provenances
        Where the scored k-space comes from, such as *simulated from magnitude*.
    native
        The source whose tuned network is the reference line; empty for none.
    accelerations
        R, ascending.
    networks, baselines
        The curves.
    people
        Scored people, in order.
    remarks
        What a reader must know of single methods, each after the labels of those methods.
    is_apart
        Whether scans are scored of which other slices were tuned on, each as if it were a person:
        whose slices they are may not be known.
    """

    target: str
    definition: str
    provenances: tuple[str, ...]
    native: str
    accelerations: tuple[float, ...]
    networks: tuple[Curve, ...]
    baselines: tuple[Curve, ...]
    people: tuple[str, ...]
    remarks: tuple[str, ...] = ()
    is_apart: bool = False

    @property
    def one_scored(self) -> str:
        """What one of :attr:`people` is called: ``person``, or ``scan`` where they stand apart."""
        return "scan" if self.is_apart else "person"

    @property
    def many_scored(self) -> str:
        """The same of several."""
        return "scans" if self.is_apart else "people"

    def reference(self, acceleration: float) -> Point | None:
        """The native network after tuning on the most images; None where there is none (yet)."""
        curve = self.network(self.native, acceleration)
        return curve.end if curve is not None and curve.end.n_images else None

    def network(self, method: str, acceleration: float, supervision: str = FULL) -> Curve | None:
        """One curve; None where there is none (yet)."""
        wanted = (method, acceleration, supervision)
        found = (c for c in self.networks if (c.method, c.acceleration, c.supervision) == wanted)
        return next(found, None)


def by_target(table: StudyTable) -> dict[str, StudyTable]:
    """What is done of each target, in the table's order; numbers of cells are the study's."""
    found: dict[str, list[Row]] = {}
    for row in table.rows:
        found.setdefault(row.target, []).append(row)
    return {name: replace(table, rows=tuple(rows)) for name, rows in found.items()}


def curves(table: StudyTable, native: str = "") -> Curves:
    """The curves of what is done so far of one target.

    Parameters
    ----------
    table
        Whole or partial, of one target (:func:`by_target`).
    native
        The study's native source.

    Raises
    ------
    ValueError
        If the table is empty, or mixes targets or definitions.
    """
    rows = table.rows
    if not rows:
        raise ValueError("a study's table must hold at least one cell, got none")
    target = _only("target", {row.target for row in rows})
    definition = _only("definition", {row.definition for row in rows})
    labels = labels_of(rows)
    return Curves(
        target=target,
        definition=definition,
        provenances=tuple(sorted({row.provenance for row in rows})),
        native=source_name(native),
        accelerations=tuple(sorted({row.acceleration for row in rows})),
        networks=_networks([row for row in rows if row.kind == "network"], labels),
        baselines=_baselines([row for row in rows if row.kind == "baseline"], labels),
        people=tuple(dict.fromkeys(row.person for row in rows)),
        remarks=remarks_of(rows, labels),
        is_apart=any(SAME_SCAN in row.each_remark for row in rows),
    )


def _only(what: str, values: set[str]) -> str:
    if len(values) != 1:
        raise ValueError(f"a study's table must have one {what}, got {', '.join(sorted(values))}")
    return values.pop()


def _networks(rows: Sequence[Row], labels: Mapping[str, str]) -> tuple[Curve, ...]:
    """A curve each (method, R, supervision); the raw network begins all that come from it."""
    tuned: dict[tuple[str, float, str], list[Row]] = {}
    raw: dict[tuple[str, float], list[Row]] = {}
    for row in rows:
        if row.supervision == UNSUPERVISED:
            raw.setdefault((row.source, row.acceleration), []).append(row)
        else:
            tuned.setdefault((row.method, row.acceleration, row.supervision), []).append(row)
    found, begun = [], set()
    for (_, acceleration, supervision), group in tuned.items():
        start = group[0].source, acceleration
        begun.add(start)
        found.append(_curve([*raw.get(start, []), *group], supervision, labels))
    alone = (group for start, group in raw.items() if start not in begun)
    return (*found, *(_curve(group, FULL, labels) for group in alone))


def _baselines(rows: Sequence[Row], labels: Mapping[str, str]) -> tuple[Curve, ...]:
    found: dict[tuple[str, float], list[Row]] = {}
    for row in rows:
        found.setdefault((row.method, row.acceleration), []).append(row)
    return tuple(_curve(group, UNSUPERVISED, labels) for group in found.values())


def _curve(rows: Sequence[Row], supervision: str, labels: Mapping[str, str]) -> Curve:
    counts: dict[int, list[Row]] = {}
    for row in rows:
        counts.setdefault(row.n_images, []).append(row)
    points = tuple(_point(n, counts[n]) for n in sorted(counts))
    last = rows[-1]  # the first may be of the raw network, which is of no part
    return Curve(
        method=last.method,
        label=labels[last.method],
        kind=last.kind,
        acceleration=last.acceleration,
        supervision=supervision,
        points=points,
        source=last.source,
        source_label=labels.get(last.source, labels[last.method]),
        trainable=last.trainable,
    )


def _point(n_images: int, rows: Sequence[Row]) -> Point:
    slices = by_slice(rows)
    psnr = _by_slice(slices, lambda row: row.psnr_db)
    ssim = _by_slice(slices, lambda row: row.ssim)
    rmse = _by_slice(slices, lambda row: rmse_percent(row.psnr_db))
    people = _by_person(psnr)
    return Point(
        n_images=n_images,
        psnr_db=_over_people(psnr),
        ssim=_over_people(ssim),
        rmse_percent=_over_people(rmse),
        sd_psnr_db=_deviation(psnr.values()),
        sd_ssim=_deviation(ssim.values()),
        sd_rmse_percent=_deviation(rmse.values()),
        within_psnr_db=within_people(people),
        people_psnr_db={person: float(np.mean(values)) for person, values in people.items()},
        n_slices=len(slices),
        n_seeds=len({row.seed for row in rows}),
        checkpoints=tuple(dict.fromkeys(row.checkpoint for row in rows if row.checkpoint)),
    )


def _by_slice(
    slices: Mapping[SliceKey, Sequence[Row]], figure: Callable[[Row], float]
) -> dict[SliceKey, float]:
    """A figure of merit of each slice, the mean of its seeds."""
    return {key: float(np.mean([figure(row) for row in group])) for key, group in slices.items()}


def _over_people(values: Mapping[SliceKey, float]) -> Estimate:
    return over_people([float(np.mean(group)) for group in _by_person(values).values()])


def _by_person(values: Mapping[SliceKey, float]) -> dict[str, list[float]]:
    found: dict[str, list[float]] = {}
    for key, value in values.items():
        found.setdefault(key[0], []).append(value)
    return found


def _deviation(values: Iterable[float]) -> float:
    data = list(values)
    return float(np.std(data, ddof=1)) if len(data) > 1 else float("nan")
