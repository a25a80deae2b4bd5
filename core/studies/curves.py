"""From a study's table to its curves: PSNR against number of tuning images."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass

import numpy as np

from core.studies.cells import UNSUPERVISED
from core.studies.spec import source_name
from core.studies.statistics import Estimate, over_people, within_people
from core.studies.table import Row, SliceKey, StudyTable, by_slice, labels_of
from core.training.settings import FULL


@dataclass(frozen=True)
class Point:
    """The scores of one method at one R after tuning on some images.

    Attributes
    ----------
    n_images
        Number of tuning images.
    psnr_db, ssim
        Over people; each person's value is the mean of its slices, each slice's that of the seeds.
    sd_psnr_db, sd_ssim
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
    sd_psnr_db: float
    sd_ssim: float
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
    method, label, kind
        As of :class:`core.studies.table.Row`.
    acceleration, supervision
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
        What a reader must know of single methods, each after the method's label.
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

    def reference(self, acceleration: float) -> Point | None:
        """The native network after tuning on the most images; None where there is none (yet)."""
        curve = self.network(self.native, acceleration)
        return curve.end if curve is not None and curve.end.n_images else None

    def network(self, method: str, acceleration: float, supervision: str = FULL) -> Curve | None:
        """One curve; None where there is none (yet)."""
        wanted = (method, acceleration, supervision)
        found = (c for c in self.networks if (c.method, c.acceleration, c.supervision) == wanted)
        return next(found, None)


def curves(table: StudyTable, native: str = "") -> Curves:
    """The curves of what is done so far.

    Parameters
    ----------
    table
        Whole or partial.
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
        remarks=tuple(dict.fromkeys(f"{labels[r.method]}: {r.remarks}" for r in rows if r.remarks)),
    )


def _only(what: str, values: set[str]) -> str:
    if len(values) != 1:
        raise ValueError(f"a study's table must have one {what}, got {', '.join(sorted(values))}")
    return values.pop()


def _networks(rows: Sequence[Row], labels: Mapping[str, str]) -> tuple[Curve, ...]:
    """A curve each (source, R, supervision); the raw network begins those of all supervisions."""
    found: dict[tuple[str, float, str], list[Row]] = {}
    raw: dict[tuple[str, float], list[Row]] = {}
    for row in rows:
        if row.supervision == UNSUPERVISED:
            raw.setdefault((row.method, row.acceleration), []).append(row)
        else:
            found.setdefault((row.method, row.acceleration, row.supervision), []).append(row)
    for method, acceleration in raw:
        if not any(key[:2] == (method, acceleration) for key in found):
            found[method, acceleration, FULL] = []
    return tuple(
        _curve([*raw.get(key[:2], []), *tuned], key[2], labels) for key, tuned in found.items()
    )


def _baselines(rows: Sequence[Row], labels: Mapping[str, str]) -> tuple[Curve, ...]:
    found: dict[tuple[str, float], list[Row]] = {}
    for row in rows:
        found.setdefault((row.method, row.acceleration), []).append(row)
    return tuple(_curve(group, UNSUPERVISED, labels) for group in found.values())


def _curve(rows: Sequence[Row], supervision: str, labels: Mapping[str, str]) -> Curve:
    counts: dict[int, list[Row]] = {}
    for row in rows:
        counts.setdefault(row.n_images, []).append(row)
    first = rows[0]
    points = tuple(_point(n, counts[n]) for n in sorted(counts))
    label = labels[first.method]
    return Curve(first.method, label, first.kind, first.acceleration, supervision, points)


def _point(n_images: int, rows: Sequence[Row]) -> Point:
    slices = by_slice(rows)
    psnr = {key: float(np.mean([r.psnr_db for r in group])) for key, group in slices.items()}
    ssim = {key: float(np.mean([r.ssim for r in group])) for key, group in slices.items()}
    people = _by_person(psnr)
    means = {person: float(np.mean(values)) for person, values in people.items()}
    return Point(
        n_images=n_images,
        psnr_db=over_people(list(means.values())),
        ssim=over_people([float(np.mean(values)) for values in _by_person(ssim).values()]),
        sd_psnr_db=_deviation(psnr.values()),
        sd_ssim=_deviation(ssim.values()),
        within_psnr_db=within_people(people),
        people_psnr_db=means,
        n_slices=len(slices),
        n_seeds=len({row.seed for row in rows}),
        checkpoints=tuple(dict.fromkeys(row.checkpoint for row in rows if row.checkpoint)),
    )


def _by_person(values: Mapping[SliceKey, float]) -> dict[str, list[float]]:
    found: dict[str, list[float]] = {}
    for key, value in values.items():
        found.setdefault(key[0], []).append(value)
    return found


def _deviation(values: Iterable[float]) -> float:
    data = list(values)
    return float(np.std(data, ddof=1)) if len(data) > 1 else float("nan")
