"""The CSV files of a noise study, one row a figure."""

from __future__ import annotations

import csv
import io
import math
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass

import numpy as np

from core.fingerprinting.parameters import PARAMETERS
from core.studies.fingerprinting.bound import bounds
from core.studies.fingerprinting.cells import (
    DICTIONARY,
    FingerprintCell,
    methods_of,
    name_of,
)
from core.studies.fingerprinting.comparison import Comparison
from core.studies.fingerprinting.monte_carlo import brain_tissues
from core.studies.fingerprinting.result import FingerprintResult
from core.studies.fingerprinting.scores import Score
from core.studies.fingerprinting.spec import FingerprintStudy
from core.studies.statistics import Estimate, over_people

Results = Mapping[FingerprintCell, FingerprintResult]


@dataclass(frozen=True)
class TissueError:
    """Errors of one method in one of the brain's tissues at one SNR.

    Attributes
    ----------
    method, label, tissue
        Whose, and where.
    parameter, unit
        Of what.
    snr_db
        SNR.
    truth
        True value.
    bias, sd
        Means over seeds with Student's t interval; NaN ends where there is one seed only.
    bias_size, rmse
        Of each seed the size of the bias, and the root of squared bias and variance, then means
        over seeds: biases of opposite sign do not cancel.
    bound_sd
        The Cramér-Rao bound of ``sd``.
    """

    method: str
    label: str
    tissue: str
    parameter: str
    unit: str
    snr_db: float
    truth: float
    bias: Estimate
    sd: Estimate
    bias_size: float
    rmse: float
    bound_sd: float


def tissue_errors(study: FingerprintStudy, results: Results) -> tuple[TissueError, ...]:
    """Errors in the brain's tissues of all methods that are done."""
    tissues, values = brain_tissues()
    least = np.sqrt(bounds(study.sequence, values, study.evaluation.snr_db))
    truth = values.double().numpy()
    found = []
    for method, label in methods_of(study).items():
        brains = [r.brain for cell, r in results.items() if cell.method == method]
        for i, snr in enumerate(study.evaluation.snr_db if brains else ()):
            for t, tissue in enumerate(tissues):
                for p, parameter in enumerate(PARAMETERS):
                    bias = np.array([float(brain.bias[i, t, p]) for brain in brains])
                    sd = np.array([float(brain.sd[i, t, p]) for brain in brains])
                    error = TissueError(
                        method,
                        label,
                        tissue.name,
                        parameter.name,
                        parameter.unit,
                        snr,
                        float(truth[t, p]),
                        over_people(bias.tolist()),
                        over_people(sd.tolist()),
                        float(np.abs(bias).mean()),
                        float(np.hypot(bias, sd).mean()),
                        float(least[i, t, p] * truth[t, p]),
                    )
                    found.append(error)
    return tuple(found)


@dataclass(frozen=True)
class Cost:
    """What a cell took.

    Attributes
    ----------
    steps, seconds
        Of its own training, or of making the dictionary.
    total_steps, total_seconds
        With those of the network that it started from.
    """

    steps: int
    seconds: float
    total_steps: int
    total_seconds: float


def costs_of(results: Results) -> dict[FingerprintCell, Cost]:
    """The cost of every cell that is done."""
    by_name = {cell.name: (cell, result) for cell, result in results.items()}
    found = {}
    for cell, result in results.items():
        steps, seconds = _own_cost(cell, result)
        parent = by_name.get(name_of(cell.parent, cell.seed)) if cell.parent else None
        before = _own_cost(*parent) if parent is not None else (0, 0.0)
        found[cell] = Cost(steps, seconds, steps + before[0], seconds + before[1])
    return found


def _own_cost(cell: FingerprintCell, result: FingerprintResult) -> tuple[int, float]:
    return (0 if cell.training is None else cell.training.steps), result.seconds_preparing


def cells_csv(results: Results) -> str:
    """One row a cell: how it was trained, its cost, its mean loss over tissues and SNR."""
    head = (
        *("cell", "method", "label", "seed", "signals", "frozen", "starts_from"),
        *("steps", "seconds", "total_steps", "total_seconds", "seconds_evaluating"),
        *("n_noise", "loss"),
    )
    body = []
    for cell, cost in costs_of(results).items():
        result, training = results[cell], cell.training
        told = ("", "") if training is None else (training.signals, training.frozen)
        seed = "" if cell.method == DICTIONARY else cell.seed
        times = (cost.steps, cost.seconds, cost.total_steps, cost.total_seconds)
        body.append(
            (
                *(cell.name, cell.method, cell.label, seed, *told, cell.parent, *times),
                *(result.seconds_evaluating, result.moments.n_noise),
                float(result.moments.loss.mean()),
            )
        )
    return _csv(head, body)


def scores_csv(scores: Iterable[Score]) -> str:
    """One row a figure of merit."""
    head = (
        *("method", "label", "snr_db", "tissues", "parameter", "figure"),
        *("value", "low", "high", "interval_over"),
    )
    body = (
        (
            *(s.method, s.label, s.snr_db, s.tissues, s.parameter, s.figure),
            *(s.value, s.low, s.high, s.over),
        )
        for s in scores
    )
    return _csv(head, body)


def comparison_csv(comparisons: Iterable[Comparison]) -> str:
    """One row a pair, SNR and parameter."""
    head = (
        *("method", "other", "snr_db", "tissues", "parameter"),
        *("reduction_percent", "low", "high", "seeds", "seeds_better"),
    )
    body = (
        (
            *(c.method, c.other, "all" if math.isnan(c.snr_db) else c.snr_db),
            *(c.tissues, c.parameter, c.reduction.mean, c.reduction.low, c.reduction.high),
            *(c.reduction.n_people, c.n_better),
        )
        for c in comparisons
    )
    return _csv(head, body)


def tissues_csv(errors: Iterable[TissueError]) -> str:
    """One row a tissue, parameter, SNR and method."""
    head = (
        *("method", "label", "tissue", "parameter", "unit", "snr_db", "truth"),
        *("bias", "bias_low", "bias_high", "sd", "sd_low", "sd_high"),
        *("bias_size", "rmse", "bound_sd", "seeds"),
    )
    body = (
        (
            *(e.method, e.label, e.tissue, e.parameter, e.unit, e.snr_db, e.truth),
            *(e.bias.mean, e.bias.low, e.bias.high, e.sd.mean, e.sd.low, e.sd.high),
            *(e.bias_size, e.rmse, e.bound_sd, e.bias.n_people),
        )
        for e in errors
    )
    return _csv(head, body)


def convergence_csv(results: Results) -> str:
    """One row a cell and checkpoint."""
    body = (
        (cell.method, cell.label, cell.seed, step, loss)
        for cell, result in results.items()
        for step, loss in zip(result.learning.steps, result.learning.losses, strict=True)
    )
    return _csv(("method", "label", "seed", "step", "loss"), body)


def _csv(head: Sequence[str], body: Iterable[Sequence[object]]) -> str:
    """Numbers with six figures; empty where there is none."""
    text = io.StringIO()
    writer = csv.writer(text, lineterminator="\n")
    writer.writerow(head)
    writer.writerows(tuple(map(_word, row)) for row in body)
    return text.getvalue()


def _word(value: object) -> object:
    if isinstance(value, float):
        return "" if math.isnan(value) else f"{value:.6g}"
    return value
