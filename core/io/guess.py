"""A guess: what the scan doctor takes a field of an interpretation to be, and why."""

from __future__ import annotations

from dataclasses import dataclass

ODDS = 1.5
SURE = 0.6
"""Odds, and confidence, from which a guess is acted upon."""

DOUBT = 0.5
"""Confidence where one is as likely as the other."""

CONVENTION = SURE
"""Confidence in what a format's users usually do, where the data tells nothing."""


@dataclass(frozen=True)
class Guess:
    """One conclusion.

    Attributes
    ----------
    field, value
        Of the :class:`core.io.interpretation.Interpretation`.
    evidence
        What shows it, in a phrase.
    confidence
        From 0 to 1; from :data:`SURE` on it is acted upon.
    decisive
        Whether a wrong value spoils results, rather than turning or moving the picture.
    """

    field: str
    value: str
    evidence: str
    confidence: float
    decisive: bool = True

    @property
    def in_doubt(self) -> bool:
        """Whether a person must be asked."""
        return self.decisive and self.confidence < SURE


def confidence(odds: float) -> float:
    """Confidence of odds to 1, such as 0.6 of 1.5."""
    return 1 - 1 / (1 + odds)
