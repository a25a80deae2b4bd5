"""The check of this installation, in child processes: what crashes there leaves the window alive.

Not to be confused with the scan doctor, which examines a file.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from datetime import UTC, datetime
from functools import partial
from pathlib import Path
from typing import Any

from PyQt6.QtCore import QObject, pyqtSignal

from core import jobs as core_jobs
from core.atomic import write_bytes
from core.doctor import (
    LOOKS,
    QT,
    Check,
    Course,
    Finding,
    Look,
    examination_job,
    look_at,
    page,
)
from core.progress import Progress
from tlmri_gui import qt_platform
from tlmri_gui.conversation import Conversation, Replies
from tlmri_gui.jobs import Failure, Job, JobRunner, Status, Work
from tlmri_gui.models.installation import Installation, Phase

GROUP = "installation"
"""Group of its jobs."""


class InstallationController(QObject):
    """Looks at one thing after the other, and keeps the answer.

    Signals
    -------
    changed
        There is more to show: carries the :class:`Installation`.
    """

    changed = pyqtSignal(object)

    def __init__(self, jobs: JobRunner) -> None:
        super().__init__()
        self._jobs = jobs
        self._course = Course()
        self._child = Conversation(
            jobs,
            Status(),  # the dialog shows how far it is
            Replies(
                started=lambda: self._hear(core_jobs.Started()),
                progressed=lambda _, message: self._show(replace(self.state, current=message)),
                published=lambda check: self._hear(core_jobs.Published(check)),
                succeeded=lambda _: self._go_on(),
                was_cancelled=self._end,
                failed=self._take_death,
            ),
        )
        self.state = Installation()

    def start(self) -> None:
        """Look at everything, again if that was done before; no second time while it is done."""
        if self.state.runs or self._child.is_open:
            return
        self._course = Course()
        self._show(Installation(Phase.RUNS))
        self._go_on()

    def cancel(self) -> None:
        """Give up what was not looked at."""
        if not self.state.runs:
            return
        self._jobs.cancel(GROUP)
        if self._child.is_open:
            self._child.cancel_at_once()
        else:
            self._end()

    def report(self) -> str:
        """The answer as a page for a report, in Markdown."""
        return page(self.state.checks, datetime.now(UTC))

    def save(self, path: Path) -> None:
        """Write the page."""
        data = self.report().encode()

        def write(progress: Progress) -> None:
            progress(0.0, path.name)
            write_bytes(path, data)

        self._submit(f"Writing {path.name}", write, lambda _: self.say(f"Wrote {path}"))

    def say(self, remark: str) -> None:
        """Show what became of the page."""
        self._show(replace(self.state, remark=remark))

    def _show(self, state: Installation) -> None:
        self.state = state
        self.changed.emit(state)

    def _hear(self, event: core_jobs.Event) -> None:
        check = self._course.hear(event)
        if check is not None:
            self._show(self.state.with_check(check))

    def _take_death(self, failure: Failure) -> None:
        self._hear(core_jobs.Failed(failure.message, failure.details))
        self._go_on()

    def _go_on(self) -> None:
        """Start a child on what is left; look without one where none starts; then end."""
        left = tuple(self._course.left)
        if not left:
            self._finish()
        elif self._course.is_hopeless:
            work = partial(_look_here, left)
            self._submit("Checking this installation", work, self._take_rest)
        else:
            self._child.start(examination_job, left)

    def _take_rest(self, checks: tuple[Check, ...]) -> None:
        for check in checks:
            self._hear(core_jobs.Published(check))
        self._finish()

    def _finish(self) -> None:
        qt = Look(QT, lambda _: Finding(qt_platform.facts()), "")
        for check in (self._course.of_children(), look_at(qt)):
            self._show(self.state.with_check(check))
        self._end()

    def _end(self) -> None:
        self._show(self.state.ended())

    def _submit(self, title: str, work: Work, take: Callable[[Any], None]) -> None:
        self._jobs.submit(Job(title, work, take, self._failed, GROUP))

    def _failed(self, failure: Failure) -> None:
        self.say(failure.message)


def _look_here(names: tuple[str, ...], progress: Progress) -> tuple[Check, ...]:
    """What is found without a child process, on the worker thread."""
    return tuple(look_at(LOOKS[name], progress) for name in names)
