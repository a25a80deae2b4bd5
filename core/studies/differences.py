"""Paired differences between two points of a study: the same slices, people as repetitions."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import numpy as np

from core.studies.cells import UNSUPERVISED
from core.studies.statistics import Estimate, over_people, within_people
from core.studies.table import Row, StudyTable, by_slice, labels_of
from core.training.settings import FULL


@dataclass(frozen=True)
class Difference:
    """Paired difference of PSNR of two methods on the same slices.

    Attributes
    ----------
    better, worse
        What is subtracted from what, as a person reads it.
    acceleration
        R; None for the mean over several.
    psnr_db
        Over people.
    within_psnr_db
        Bootstrap interval over slices within these people; None for the mean over R.
    people_psnr_db
        Person to difference.
    """

    better: str
    worse: str
    acceleration: float | None
    psnr_db: Estimate
    within_psnr_db: tuple[float, float] | None
    people_psnr_db: Mapping[str, float]


def difference(
    table: StudyTable,
    better: tuple[str, int],
    worse: tuple[str, int],
    acceleration: float,
    supervisions: tuple[str, str] = (FULL, FULL),
) -> Difference | None:
    """PSNR of one method less another's on the same slices, over people.

    Parameters
    ----------
    table
        Of a study.
    better, worse
        Method (source or baseline) and number of tuning images.
    acceleration
        R.
    supervisions
        Of the two, where they are tuned networks.

    Returns
    -------
    Difference or None
        None where they share no scored slice.
    """
    chosen = [
        [row for row in table.rows if _is_point(row, *method, acceleration, supervision)]
        for method, supervision in zip((better, worse), supervisions, strict=True)
    ]
    first, second = (by_slice(rows) for rows in chosen)
    shared = [key for key in first if key in second]
    if not shared:
        return None
    people: dict[str, list[float]] = {}
    for key in shared:
        gain = np.mean([r.psnr_db for r in first[key]]) - np.mean([r.psnr_db for r in second[key]])
        people.setdefault(key[0], []).append(float(gain))
    means = {person: float(np.mean(values)) for person, values in people.items()}
    labels = labels_of(table.rows)
    return Difference(
        better=name_of(chosen[0][0], labels),
        worse=name_of(chosen[1][0], labels),
        acceleration=acceleration,
        psnr_db=over_people(list(means.values())),
        within_psnr_db=within_people(people),
        people_psnr_db=means,
    )


def over_rates(found: Sequence[Difference]) -> Difference | None:
    """The mean over R of one pair's differences, person by person.

    Returns
    -------
    Difference or None
        None for fewer than two R, or where their people differ.
    """
    if len(found) < 2 or len({frozenset(each.people_psnr_db) for each in found}) > 1:
        return None
    people = {
        person: float(np.mean([each.people_psnr_db[person] for each in found]))
        for person in found[0].people_psnr_db
    }
    estimate = over_people(list(people.values()))
    return Difference(found[0].better, found[0].worse, None, estimate, None, people)


def name_of(row: Row, labels: Mapping[str, str]) -> str:
    """What a table calls the point of a row: ``Natural images, 10 images``."""
    if row.kind == "baseline":
        return labels[row.method]
    count = f"{row.n_images} image{'s' if row.n_images > 1 else ''}" if row.n_images else "raw"
    selfish = f", {row.supervision}-supervised" if row.supervision not in _PLAIN else ""
    return f"{labels[row.method]}, {count}{selfish}"


_PLAIN = (FULL, UNSUPERVISED)


def _is_point(row: Row, method: str, n_images: int, acceleration: float, supervision: str) -> bool:
    if (row.method, row.acceleration) != (method, acceleration):
        return False
    if row.kind == "baseline":
        return True
    return row.n_images == n_images and row.supervision in (supervision, UNSUPERVISED)
