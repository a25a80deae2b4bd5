"""What is left to look at, told by what child processes say; a crash of one is a finding too."""

from __future__ import annotations

from collections.abc import Iterable

from core import jobs
from core.doctor.check import Check, Outcome
from core.doctor.looks import LOOKS, REINSTALL
from core.doctor.privacy import anonymous

CHILDREN = "child processes"
"""Name of the check that children start, answer and end, as fine-tuning needs."""


class Course:
    """Which checks are left, and how the child processes fare that make them.

    Start a child on what is left, have this hear its events, and start another one while some are
    left: the check in which a child died has failed, and is not tried again.

    Attributes
    ----------
    left
        Names of the checks without an answer, in their order.
    """

    def __init__(self, names: Iterable[str] = LOOKS) -> None:
        self.left = list(names)
        self._runs = False
        self._trouble = ""

    @property
    def is_hopeless(self) -> bool:
        """Whether no child starts here, so that what is left must be looked at without."""
        return bool(self._trouble)

    def hear(self, event: jobs.Event) -> Check | None:
        """The check that an event answers, if it does."""
        match event:
            case jobs.Started():
                self._runs = True
            case jobs.Published(check):
                self.left.remove(check.name)
                return check
            case jobs.Failed(message):
                return self._take_death(message)
        return None

    def _take_death(self, message: str) -> Check | None:
        has_run, self._runs = self._runs, False
        if not has_run or not self.left:
            self._trouble = anonymous(message)
            return None
        name = self.left.pop(0)
        return Check(name, anonymous(message), Outcome.FAILED, LOOKS[name].advice)

    def of_children(self) -> Check:
        """How the children fared, at the end."""
        if self._trouble:
            advice = f"fine-tuning and studies need them; {REINSTALL}"
            return Check(CHILDREN, self._trouble, Outcome.FAILED, advice)
        return Check(CHILDREN, "they start, answer and end")
