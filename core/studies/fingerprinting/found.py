"""What the sentences and tables of a noise study are made of."""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from core.studies.fingerprinting.comparison import Comparison
from core.studies.fingerprinting.rows import Results
from core.studies.fingerprinting.scores import ALL, LOSS, MEDIAN, Score
from core.studies.fingerprinting.spec import FingerprintStudy


@dataclass(frozen=True, eq=False)
class Found:
    """A study with the results of the cells done, their scores and comparisons."""

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

    def by_snr(self, method: str, other: str, tissues: str = ALL) -> dict[float, Comparison]:
        """The comparison of two methods at each SNR; empty where one is not done."""
        found = {
            snr: self.comparison(method, other, tissues, snr)
            for snr in self.study.evaluation.snr_db
        }
        return {snr: c for snr, c in found.items() if c is not None}

    def medians(self, method: str) -> dict[tuple[str, float], float]:
        """Parameter and SNR to the median error over all tissues, in %."""
        return {
            (s.parameter, s.snr_db): s.value
            for s in self.scores
            if (s.method, s.figure) == (method, MEDIAN)
        }

    def lowest_snr_percent(self, method: str, tissues: str) -> float:
        """How much of the mean loss over SNR the lowest SNR makes, in %."""
        what = (method, LOSS, tissues)
        losses = {s.snr_db: s.value for s in self.scores if (s.method, s.figure, s.tissues) == what}
        return 100 * losses[min(losses)] / sum(losses.values())

    def losses(self, method: str) -> dict[int, float]:
        """Steps done to the loss on validation signals, mean over seeds."""
        curves = [r.learning for cell, r in self.results.items() if cell.method == method]
        if not curves:
            return {}
        means = np.mean([curve.losses for curve in curves], axis=0)
        return dict(zip(curves[0].steps, map(float, means), strict=True))
