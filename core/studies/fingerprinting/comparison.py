"""Paired comparisons of a noise study: by how many percent one method's MSE is below another's."""

from __future__ import annotations

import math
from collections.abc import Iterator, Mapping
from dataclasses import dataclass

import numpy as np

from core.fingerprinting.parameters import PARAMETERS
from core.studies.fingerprinting.cells import (
    CLEAN,
    DICTIONARY,
    SCRATCH,
    SCRATCH_TOTAL,
    TRANSFERRED,
    FingerprintCell,
    methods_of,
)
from core.studies.fingerprinting.moments import Moments
from core.studies.fingerprinting.result import FingerprintResult
from core.studies.fingerprinting.scores import ALL, groups_of
from core.studies.fingerprinting.spec import FingerprintStudy
from core.studies.statistics import Estimate, over_people

ALL_SNR = math.nan
"""Stands for the mean over all SNR."""


@dataclass(frozen=True)
class Comparison:
    """How much smaller one method's mean squared error is than another's.

    Attributes
    ----------
    method, other
        The two.
    snr_db
        Where; NaN for the mean over all SNR.
    tissues, parameter
        As :class:`core.studies.fingerprinting.scores.Score`; :data:`ALL` parameters compare the
        loss.
    reduction
        Percent by seed, ``100 (1 - error / other's)``: mean over seeds with Student's t interval;
        above 0 where the method is better.
    n_better
        Seeds of which the method is better.
    """

    method: str
    other: str
    snr_db: float
    tissues: str
    parameter: str
    reduction: Estimate
    n_better: int


def pairs_of(study: FingerprintStudy) -> tuple[tuple[str, str], ...]:
    """The methods that are compared, each with another."""
    variants = [method for method in methods_of(study) if method.startswith(f"{TRANSFERRED}-")]
    return (
        (TRANSFERRED, SCRATCH),
        (TRANSFERRED, SCRATCH_TOTAL),
        (TRANSFERRED, CLEAN),
        (TRANSFERRED, DICTIONARY),
        (SCRATCH_TOTAL, SCRATCH),
        *((variant, other) for variant in variants for other in (SCRATCH, TRANSFERRED)),
    )


def comparisons_of(
    study: FingerprintStudy, results: Mapping[FingerprintCell, FingerprintResult]
) -> tuple[Comparison, ...]:
    """Every pair at every SNR and over all, by parameter, as far as the cells are done."""
    by_seed: dict[str, dict[int, Moments]] = {}
    for cell, result in results.items():
        seeds = study.seeds if cell.method == DICTIONARY else (cell.seed,)
        by_seed.setdefault(cell.method, {}).update(dict.fromkeys(seeds, result.moments))
    groups = groups_of(study)
    found: list[Comparison] = []
    for method, other in pairs_of(study):
        mine, theirs = by_seed.get(method, {}), by_seed.get(other, {})
        pairs = [
            (mine[seed], theirs[seed]) for seed in study.seeds if {seed} <= {*mine} & {*theirs}
        ]
        if pairs:
            for tissues, chosen in groups.items():
                some = [(a.among(chosen), b.among(chosen)) for a, b in pairs]
                found += _comparisons(study, (method, other, tissues), some)
    return tuple(found)


def _comparisons(
    study: FingerprintStudy, what: tuple[str, str, str], pairs: list[tuple[Moments, Moments]]
) -> Iterator[Comparison]:
    method, other, tissues = what
    for place, snr in ((None, ALL_SNR), *enumerate(study.evaluation.snr_db)):
        for parameter in (ALL, *(parameter.name for parameter in PARAMETERS)):
            reductions = [
                100 * (1 - _error(a, place, parameter) / _error(b, place, parameter))
                for a, b in pairs
            ]
            yield Comparison(
                method,
                other,
                snr,
                tissues,
                parameter,
                over_people(reductions),
                sum(reduction > 0 for reduction in reductions),
            )


def _error(moments: Moments, place: int | None, parameter: str) -> float:
    """Mean squared error over tissues at one SNR, or over all SNR."""
    names = [each.name for each in PARAMETERS]
    errors = moments.loss if parameter == ALL else moments.mse[:, :, names.index(parameter)]
    return float(np.mean(errors if place is None else errors[place]))
