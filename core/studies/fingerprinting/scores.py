"""Figures of merit of a noise study: over tissues first, then over seeds."""

from __future__ import annotations

import math
from collections.abc import Callable, Mapping
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from core.fingerprinting.parameters import PARAMETERS, T2
from core.studies.fingerprinting.bound import bounds, capped
from core.studies.fingerprinting.cells import FingerprintCell, methods_of
from core.studies.fingerprinting.evaluation import evaluation_tissues
from core.studies.fingerprinting.moments import Moments
from core.studies.fingerprinting.result import FingerprintResult
from core.studies.fingerprinting.spec import FingerprintStudy
from core.studies.statistics import CONFIDENCE, over_people

ALL = "all"
"""Of tissues: all of them. Of parameters: T1, T2 and ADC alike."""

LONG_T2 = "long T2"
GROUPS = (ALL, LONG_T2)
"""The tissues that means are over."""

BOUND = "bound"
"""The method that figures and tables call Cramér-Rao bound."""

BIAS, SD, MSE, MEDIAN, LOSS = "bias_percent", "sd_percent", "mse", "median_error_percent", "loss"
N_BOOTSTRAP = 2000

Tissues = NDArray[np.bool_]
"""Those of a group, of all that the study tries."""


@dataclass(frozen=True)
class Score:
    """One figure of merit of one method at one SNR.

    Attributes
    ----------
    method, label
        Whose.
    snr_db
        Where.
    tissues
        Of :data:`GROUPS`.
    parameter
        A parameter's name, or :data:`ALL` for the loss.
    figure
        ``bias_percent`` and ``sd_percent``: root mean squares over tissues, times 100, of the bias
        and the standard deviation of ``ln(estimate / truth)``; ``mse``: mean of its square;
        ``median_error_percent``: median of ``|estimate / truth - 1|``, times 100; ``loss``: mean
        over parameters of the MSE in units of a value spread evenly over its range.
    value, low, high
        With the ends of its 95 % confidence interval; NaN where none can be had.
    over
        What the interval is over: ``5 seeds`` or ``400 tissues``; empty for none.
    """

    method: str
    label: str
    snr_db: float
    tissues: str
    parameter: str
    figure: str
    value: float
    low: float = math.nan
    high: float = math.nan
    over: str = ""


Squares = Callable[[Moments], NDArray[np.float64]]
"""What is averaged over tissues, of shape `(snr, tissue, 3)`."""

_FIGURES: Mapping[str, tuple[Squares, bool]] = {
    BIAS: (lambda moments: moments.squared_bias, True),
    SD: (lambda moments: moments.variance, True),
    MSE: (lambda moments: moments.mse, False),
}
"""Figure to what is averaged, and whether it is shown as its root in percent."""


def groups_of(study: FingerprintStudy) -> dict[str, Tissues]:
    """Name to the tissues of each group that has any."""
    t2 = evaluation_tissues(study)[:, PARAMETERS.index(T2)].numpy()
    groups = {ALL: np.ones(len(t2), bool), LONG_T2: t2 >= study.evaluation.long_t2_ms}
    return {name: chosen for name, chosen in groups.items() if chosen.any()}


def group_words(study: FingerprintStudy) -> dict[str, str]:
    """Name of each group to what a person reads: how many tissues, and which."""
    counts = {name: int(chosen.sum()) for name, chosen in groups_of(study).items()}
    least = study.evaluation.long_t2_ms
    which = {ALL: "all {} tissues", LONG_T2: f"the {{}} tissues with T2 from {least:g} ms on"}
    return {name: which[name].format(count) for name, count in counts.items()}


def scores_of(
    study: FingerprintStudy, results: Mapping[FingerprintCell, FingerprintResult]
) -> tuple[Score, ...]:
    """All figures of all methods that are done, and the bound's.

    Those of networks are means over seeds with Student's t interval; those of the dictionary have a
    bootstrap interval over tissues.
    """
    labels = methods_of(study)
    by_method = {
        method: [r.moments for cell, r in results.items() if cell.method == method]
        for method in labels
    }
    found = [
        score
        for method, moments in by_method.items()
        if moments
        for name, chosen in groups_of(study).items()
        for score in _of_method(study, (method, labels[method], name), moments, chosen)
    ]
    return (*found, *_of_bound(study))


def _of_method(
    study: FingerprintStudy, what: tuple[str, str, str], moments: list[Moments], chosen: Tissues
) -> list[Score]:
    some = [one.among(chosen) for one in moments]
    found = []
    for i, snr in enumerate(study.evaluation.snr_db):
        for p, parameter in enumerate(PARAMETERS):
            for figure, (squares, is_root) in _FIGURES.items():
                values = [squares(one)[i, :, p] for one in some]
                estimate = _interval(values, is_root)
                found.append(_score(what, snr, parameter.name, figure, estimate))
            if what[2] == ALL:
                medians = [100 * float(one.median[i, p]) for one in some]
                estimate = _over_seeds(medians)
                found.append(_score(what, snr, parameter.name, MEDIAN, estimate))
        estimate = _interval([one.loss[i] for one in some], False)
        found.append(_score(what, snr, ALL, LOSS, estimate))
    return found


_Interval = tuple[float, float, float, str]
"""A value, its interval's ends, and what that is over."""


def _score(
    what: tuple[str, str, str], snr: float, parameter: str, figure: str, estimate: _Interval
) -> Score:
    method, label, tissues = what
    value, low, high, over = estimate
    return Score(method, label, snr, tissues, parameter, figure, value, low, high, over)


def _interval(values: list[NDArray[np.float64]], is_root: bool) -> _Interval:
    """Over seeds, or over tissues where there is one seed only; one array of tissues a seed."""
    if len(values) > 1:
        return _over_seeds([_figure(float(one.mean()), is_root) for one in values])
    random = np.random.default_rng(0)
    [tissues] = values
    drawn = tissues[random.integers(len(tissues), size=(N_BOOTSTRAP, len(tissues)))].mean(axis=1)
    tail = (1 - CONFIDENCE) / 2
    low, high = (_figure(float(end), is_root) for end in np.quantile(drawn, [tail, 1 - tail]))
    return _figure(float(tissues.mean()), is_root), low, high, f"{len(tissues)} tissues"


def _over_seeds(values: list[float]) -> _Interval:
    found = over_people(values)
    over = f"{found.n_people} seeds" if found.has_interval else ""
    return found.mean, found.low, found.high, over


def _figure(mean: float, is_root: bool) -> float:
    """A mean square as it is shown; noise can push a squared bias below 0, which counts as 0."""
    return 100 * math.sqrt(max(mean, 0.0)) if is_root else mean


def _of_bound(study: FingerprintStudy) -> list[Score]:
    """The capped bound's standard deviation, averaged as the methods' are."""
    least = capped(bounds(study.sequence, evaluation_tissues(study), study.evaluation.snr_db))
    return [
        Score(
            BOUND,
            "Cramér-Rao bound",
            snr,
            name,
            parameter.name,
            SD,
            _figure(float(least[i, chosen, p].mean()), True),
        )
        for name, chosen in groups_of(study).items()
        for i, snr in enumerate(study.evaluation.snr_db)
        for p, parameter in enumerate(PARAMETERS)
    ]
