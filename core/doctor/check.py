"""What is looked at, and what was found."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from enum import Enum

from core.progress import Progress


class Outcome(Enum):
    """Whether what was found will do."""

    OK = "ok"
    NOTE = "note"
    """It will do, but a person should know of it."""
    FAILED = "FAILED"
    SKIPPED = "skipped"
    """Nobody looked, since the examination was cancelled."""


@dataclass(frozen=True)
class Finding:
    """What one look found.

    Attributes
    ----------
    text
        In one line.
    outcome
        Whether that will do.
    advice
        What to do about it; empty if there is nothing to do.
    """

    text: str
    outcome: Outcome = Outcome.OK
    advice: str = ""


def note(text: str, advice: str = "") -> Finding:
    """What will do, but a person should know of."""
    return Finding(text, Outcome.NOTE, advice)


def failed(text: str, advice: str = "") -> Finding:
    """What will not do. Without advice, the look's own is given."""
    return Finding(text, Outcome.FAILED, advice)


@dataclass(frozen=True)
class Look:
    """Something to look at.

    Attributes
    ----------
    name
        What a person calls it.
    function
        Looks; calls its hook where it takes time, which may cancel. Whatever else it raises is a
        finding.
    advice
        What to do if it fails.
    """

    name: str
    function: Callable[[Progress], Finding]
    advice: str


@dataclass(frozen=True)
class Check:
    """One line of the answer; its texts name nobody (:mod:`core.doctor.privacy`).

    Attributes
    ----------
    name
        What was looked at.
    found
        In one line.
    outcome
        Whether that will do.
    advice
        What to do about it; empty if there is nothing to do.
    """

    name: str
    found: str
    outcome: Outcome = Outcome.OK
    advice: str = ""

    @property
    def passed(self) -> bool:
        """Whether it did not fail."""
        return self.outcome is not Outcome.FAILED
