"""What a noise study found, in sentences made of its numbers."""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from core.fingerprinting.parameters import PARAMETERS
from core.studies.fingerprinting.cells import (
    CLEAN,
    DICTIONARY,
    SCRATCH,
    SCRATCH_TOTAL,
    TRANSFERRED,
    methods_of,
)
from core.studies.fingerprinting.comparison import Comparison
from core.studies.fingerprinting.rows import Results, costs_of
from core.studies.fingerprinting.scores import ALL, BOUND, LONG_T2, MSE, SD, Score, group_words
from core.studies.fingerprinting.spec import FingerprintStudy

PAPERS_REDUCTION = 15.0
"""Finkelstein et al. (2022): percent less MSE than training with noise without transfer."""

NEAR_PERCENT = 10.0
"""A loss that is above another's by less is called near."""


@dataclass(frozen=True, eq=False)
class Found:
    """What sentences are made of."""

    study: FingerprintStudy
    results: Results
    scores: Sequence[Score]
    comparisons: Sequence[Comparison]

    def comparison(
        self, method: str, other: str, tissues: str = ALL, snr_db: float = math.nan
    ) -> Comparison | None:
        """By the loss; None where one of the two is not done."""
        return next(
            (
                c
                for c in self.comparisons
                if (c.method, c.other, c.tissues, c.parameter) == (method, other, tissues, ALL)
                and (c.snr_db == snr_db or (math.isnan(snr_db) and math.isnan(c.snr_db)))
            ),
            None,
        )

    def losses(self, method: str) -> dict[int, float]:
        """Steps done to the loss on validation signals, mean over seeds."""
        curves = [r.learning for cell, r in self.results.items() if cell.method == method]
        if not curves:
            return {}
        means = np.mean([curve.losses for curve in curves], axis=0)
        return dict(zip(curves[0].steps, map(float, means), strict=True))

    def seconds(self, method: str) -> float:
        """Training time with the parent's, mean over seeds; NaN where none is done."""
        costs = [
            cost.total_seconds
            for cell, cost in costs_of(self.results).items()
            if cell.method == method
        ]
        return float(np.mean(costs)) if costs else math.nan


def answer(found: Found) -> tuple[str, ...]:
    """A paragraph for each question, of those that the cells done can answer."""
    paragraphs = (
        _equal_noisy(found),
        _equal_total(found),
        _while_learning(found),
        _against_clean(found),
        _against_dictionary(found),
        _variants(found),
        _below_bound(found),
    )
    return tuple(filter(None, paragraphs))


def _equal_noisy(found: Found) -> str:
    whole = found.comparison(TRANSFERRED, SCRATCH)
    if whole is None:
        return ""
    steps = found.study.training.steps_noisy
    sentences = [
        f"After the same {steps:,} steps of noisy training, the loss of the transferred network is "
        f"{difference(whole)} that of the same network trained with noise from scratch, mean over "
        f"all SNR ({_seeds(whole)}); {_verdict(whole)}.",
        _in_long_t2(found, SCRATCH),
        f"By SNR: {_by_snr(found, SCRATCH)}.",
    ]
    return " ".join(filter(None, sentences))


def _verdict(comparison: Comparison) -> str:
    reduction = comparison.reduction
    paper = f"the paper's {PAPERS_REDUCTION:g} %"
    if reduction.mean >= PAPERS_REDUCTION:
        return f"{paper} is reached"
    if reduction.low > 0:
        return f"the interval leaves out 0, but {paper} is not reached"
    if reduction.high < 0:
        return f"so the transfer does harm here, against {paper} of gain"
    return f"{paper} is not reached, and no difference is shown"


def _equal_total(found: Found) -> str:
    whole = found.comparison(TRANSFERRED, SCRATCH_TOTAL)
    if whole is None:
        return ""
    plan = found.study.training
    mine, theirs = found.seconds(TRANSFERRED), found.seconds(SCRATCH_TOTAL)
    sentences = [
        f"At equal total cost, the {plan.steps_clean:,} clean steps counted "
        f"({plan.steps_clean + plan.steps_noisy:,} steps each, {mine:.0f} s and {theirs:.0f} s), "
        f"its loss is {difference(whole)} that of the network trained with noise throughout "
        f"({_seeds(whole)}).",
        _in_long_t2(found, SCRATCH_TOTAL),
        f"By SNR: {_by_snr(found, SCRATCH_TOTAL)}.",
    ]
    return " ".join(filter(None, sentences))


def _while_learning(found: Found) -> str:
    """The losses of both at the first checkpoint, halfway and at the end."""
    mine, theirs = found.losses(TRANSFERRED), found.losses(SCRATCH)
    steps = [step for step in mine if step > 0 and step in theirs]
    if not steps:
        return ""
    shown = dict.fromkeys((steps[0], steps[len(steps) // 2], steps[-1]))
    told = "; ".join(f"{mine[s]:.3g} and {theirs[s]:.3g} after {s:,} noisy steps" for s in shown)
    return f"While they learn, the losses of the two on other noisy signals are {told}."


def _in_long_t2(found: Found, other: str) -> str:
    part = found.comparison(TRANSFERRED, other, LONG_T2)
    if part is None:
        return ""
    words = group_words(found.study)[LONG_T2]
    return f"In {words}, it is {difference(part)} the other's."


def _against_clean(found: Found) -> str:
    """The paper: losses comparable to the clean model at high SNR, more robust at low."""
    by_snr = {
        snr: c
        for snr in found.study.evaluation.snr_db
        if (c := found.comparison(TRANSFERRED, CLEAN, snr_db=snr)) is not None
    }
    if not by_snr:
        return ""
    low, high = min(by_snr), max(by_snr)
    near = "is" if by_snr[high].reduction.mean > -NEAR_PERCENT else "is not"
    better = "is" if by_snr[low].reduction.low > 0 else "is not"
    return (
        f"Against the network of clean signals that it starts from, its loss at {high:g} dB is "
        f"{difference(by_snr[high])} that one's, and at {low:g} dB {difference(by_snr[low])}: it "
        f"{near} near the clean network (at most {NEAR_PERCENT:g} % above it) or better at the "
        f"highest SNR, and {better} shown to be better at the lowest. By SNR: "
        f"{_by_snr(found, CLEAN)}."
    )


def _against_dictionary(found: Found) -> str:
    if found.comparison(TRANSFERRED, DICTIONARY) is None:
        return ""
    n_atoms = found.study.dictionary.n_atoms
    by_group = "; ".join(
        f"in {words} {_by_snr(found, DICTIONARY, tissues)}"
        for tissues, words in group_words(found.study).items()
    )
    return (
        f"Against matching with a dictionary of {n_atoms:,} atoms, the transferred network's loss "
        f"differs by: {by_group}."
    )


def _variants(found: Found) -> str:
    labels = methods_of(found.study)
    rows = [
        c
        for method in labels
        if method.startswith(f"{TRANSFERRED}-")
        and (c := found.comparison(method, SCRATCH)) is not None
    ]
    if not rows:
        return ""
    told = "; ".join(f"{labels[c.method].split(', ')[-1]}: {difference(c)}" for c in rows)
    return f"Other parts frozen, loss against noise from scratch at equal noisy steps: {told}."


def _below_bound(found: Found) -> str:
    """Which methods' MSE lies below the bound: they cannot be unbiased."""
    bounds = {
        (s.snr_db, s.parameter): (s.value / 100) ** 2
        for s in found.scores
        if (s.method, s.figure, s.tissues) == (BOUND, SD, ALL)
    }
    below: dict[str, list[str]] = {}
    labels = {parameter.name: parameter.label for parameter in PARAMETERS}
    for s in found.scores:
        if (s.figure, s.tissues) == (MSE, ALL) and s.value < bounds[s.snr_db, s.parameter]:
            below.setdefault(s.label, []).append(f"{labels[s.parameter]} at {s.snr_db:g} dB")
    if not below:
        return "No method's mean squared error lies below the Cramér-Rao bound."
    told = "; ".join(f"{label}: {', '.join(where)}" for label, where in below.items())
    return (
        "Below the bound of unbiased methods lie, since they know the range of the parameters and "
        f"pay with bias: {told}."
    )


def _by_snr(found: Found, other: str, tissues: str = ALL) -> str:
    rows = [
        (snr, found.comparison(TRANSFERRED, other, tissues, snr))
        for snr in found.study.evaluation.snr_db
    ]
    return ", ".join(f"{snr:g} dB {change(c)}" for snr, c in rows if c is not None)


def difference(comparison: Comparison) -> str:
    """``12.3 % (95 % CI 10.1 to 14.5) below``, or ``above``."""
    reduction = comparison.reduction
    sign = 1 if reduction.mean >= 0 else -1
    word = "below" if sign > 0 else "above"
    if not reduction.has_interval:
        return f"{abs(reduction.mean):.1f} % {word}"
    low, high = sorted((sign * reduction.low, sign * reduction.high))
    return f"{abs(reduction.mean):.1f} % (95 % CI {low:.1f} to {high:.1f}) {word}"


def change(comparison: Comparison) -> str:
    """``−12.3 %``: by how much the method's loss differs from the other's; ± half the interval."""
    reduction = comparison.reduction
    half = f" ± {(reduction.high - reduction.low) / 2:.1f}" if reduction.has_interval else ""
    return f"{-reduction.mean:+.1f}{half} %".replace("-", "−")


def _seeds(comparison: Comparison) -> str:
    n = comparison.reduction.n_people
    if n == 1:
        return "one seed, no interval"
    return f"lower for {comparison.n_better} of {n} seeds"
