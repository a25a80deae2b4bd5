"""The check of this installation as its dialog shows it."""

from __future__ import annotations

from dataclasses import dataclass, replace
from enum import Enum

from core.doctor import CHILDREN, LOOKS, QT, Check, Outcome, is_sound, verdict

NAMES = (*LOOKS, CHILDREN, QT)
"""All checks, in the order of the dialog."""

_WORDS = {
    Outcome.OK: ("ok", "done"),
    Outcome.NOTE: ("remark", "warning"),
    Outcome.FAILED: ("failed", "failed"),
    Outcome.SKIPPED: ("skipped", ""),
}
"""Outcome to its word and its icon."""


class Phase(Enum):
    """How far the examination is."""

    NOT_BEGUN = "not begun"
    RUNS = "runs"
    OVER = "over"


@dataclass(frozen=True)
class Row:
    """One check as the table shows it; ``outcome`` is empty while it waits, ``icon`` for none."""

    name: str
    outcome: str = ""
    icon: str = ""
    found: str = ""
    advice: str = ""
    has_failed: bool = False


@dataclass(frozen=True)
class Installation:
    """What is known of this installation so far.

    Attributes
    ----------
    phase
        How far the examination is.
    checks
        Those made so far.
    current
        What is being looked at, in words.
    remark
        What became of the page, such as where it was written.
    """

    phase: Phase = Phase.NOT_BEGUN
    checks: tuple[Check, ...] = ()
    current: str = ""
    remark: str = ""

    @property
    def runs(self) -> bool:
        """Whether checks are being made."""
        return self.phase is Phase.RUNS

    @property
    def is_over(self) -> bool:
        """Whether there is an answer to be kept."""
        return self.phase is Phase.OVER

    @property
    def is_whole(self) -> bool:
        """Whether it is over and nothing was skipped."""
        return self.is_over and all(c.outcome is not Outcome.SKIPPED for c in self.checks)

    def with_check(self, check: Check) -> Installation:
        """With one more check."""
        return replace(self, checks=(*self.checks, check))

    def ended(self) -> Installation:
        """Over, whatever was not looked at being said to be skipped."""
        known = {check.name for check in self.checks}
        skipped = (
            Check(name, "not looked at", Outcome.SKIPPED) for name in NAMES if name not in known
        )
        return Installation(Phase.OVER, (*self.checks, *skipped))

    @property
    def fraction(self) -> float:
        """Share of the checks that were made."""
        return len(self.checks) / len(NAMES)

    @property
    def headline(self) -> str:
        """The verdict, or what is being looked at."""
        if self.is_over:
            return verdict(self.checks)
        return f"Looking at {self.current}…" if self.current else "Starting…"

    @property
    def icon(self) -> str:
        """Of the verdict; empty while there is none."""
        if not self.is_over:
            return ""
        if is_sound(self.checks):
            return "done"
        return "warning" if all(check.passed for check in self.checks) else "failed"

    @property
    def rows(self) -> tuple[Row, ...]:
        """All checks, those to come too."""
        known = {check.name: check for check in self.checks}
        return tuple(_row(known[name]) if name in known else Row(name) for name in NAMES)


def _row(check: Check) -> Row:
    word, icon = _WORDS[check.outcome]
    return Row(check.name, word, icon, check.found, check.advice, not check.passed)
