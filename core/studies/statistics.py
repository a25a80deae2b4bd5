"""Means over people with what is known of their spread; slices of one person are no repetition."""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import numpy as np

CONFIDENCE = 0.95
N_BOOTSTRAP = 2000


@dataclass(frozen=True)
class Estimate:
    """A mean over people.

    Attributes
    ----------
    mean
        Mean over people of each person's mean.
    low, high
        Ends of the 95 % confidence interval over people (Student's t); NaN with one person, of
        whom no such interval can be had.
    n_people
        Number of people.
    """

    mean: float
    low: float
    high: float
    n_people: int

    @property
    def has_interval(self) -> bool:
        """Whether there are people enough for a confidence interval."""
        return math.isfinite(self.low)


def over_people(means: Sequence[float]) -> Estimate:
    """Mean of one value a person, with Student's t interval.

    Raises
    ------
    ValueError
        If there is no person.
    """
    if not means:
        raise ValueError("people must be at least 1, got none")
    mean, n = float(np.mean(means)), len(means)
    if n < 2:
        return Estimate(mean, math.nan, math.nan, n)
    from scipy.stats import t

    half = float(t.ppf((1 + CONFIDENCE) / 2, n - 1)) * float(np.std(means, ddof=1)) / math.sqrt(n)
    return Estimate(mean, mean - half, mean + half, n)


def within_people(values: Mapping[str, Sequence[float]], seed: int = 0) -> tuple[float, float]:
    """95 % bootstrap interval of the mean over people, drawing slices within each person.

    It says how much the choice of slices matters in these people, and nothing about others.

    Parameters
    ----------
    values
        Person to one value a slice.
    seed
        Of the draws.
    """
    random = np.random.default_rng(seed)
    means = np.zeros(N_BOOTSTRAP)
    for slices in values.values():
        data = np.asarray(slices)
        means += data[random.integers(len(data), size=(N_BOOTSTRAP, len(data)))].mean(axis=1)
    tail = (1 - CONFIDENCE) / 2
    low, high = np.quantile(means / len(values), [tail, 1 - tail])
    return float(low), float(high)
