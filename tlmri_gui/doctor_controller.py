"""The scan doctor's intents: examining a file, trying a correction, remembering the answer."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from functools import partial
from pathlib import Path
from typing import Any, NamedTuple

import numpy as np
from numpy.typing import NDArray
from PyQt6.QtCore import QObject, pyqtSignal

from core.types import Scan
from tlmri_gui.doctor_core import DoctorAccess
from tlmri_gui.jobs import Failure, Job, JobRunner, Work
from tlmri_gui.session import Session
from tlmri_gui.state import Checkup

DOCTOR = "doctor"
"""Group of its jobs."""


class _Wish(NamedTuple):
    """A file to be asked about, and as in a checkup why. What it holds is not kept in memory."""

    path: Path
    question: str = ""
    doubt: str = ""


class DoctorController(QObject):
    """One file at a time; files that come meanwhile wait.

    Signals
    -------
    answered
        It is remembered how this file (Path) is read: open it.
    """

    answered = pyqtSignal(object)

    def __init__(self, session: Session, jobs: JobRunner, core: DoctorAccess) -> None:
        super().__init__()
        self._session = session
        self._jobs = jobs
        self._core = core
        self._waiting: list[_Wish] = []

    def examine(self, path: Path) -> None:
        """Show how a file is read, to be corrected."""
        self._examine(_Wish(path))

    def _examine(self, wish: _Wish) -> None:
        if self._session.checkup is not None:
            self._wait(wish)
            return
        path, question, doubt = wish

        def take(found: Checkup) -> None:
            self.take(replace(found, question=question, doubt=doubt) if question else found)

        work = partial(self._core.examine, path, "")
        self._submit(f"Examining {path.name}", work, take, self._failed)

    def take(self, checkup: Checkup) -> None:
        """Ask about a file that was examined already."""
        if self._session.checkup is None:
            self._show(checkup)
        else:
            self._wait(_Wish(checkup.path, checkup.question, checkup.doubt))

    def correct(self, interpretation: Any) -> None:  # noqa: ANN401 - of the type in the checkup
        """Try another interpretation, or examine another array of the file."""
        before = self._session.checkup
        if before is None:
            return
        self._jobs.cancel(DOCTOR)
        changed = replace(before, interpretation=interpretation, picture=None, error="")
        examination = before.examination
        if examination is not None and examination.is_of(interpretation):
            self._show(changed)
            return
        self._session.set_checkup(changed)
        work = partial(self._core.examine, before.path, interpretation.variable)
        self._submit(f"Examining {before.path.name}", work, self._show, self._refuse)

    def remember(self) -> None:
        """Keep the answer beside the file, then open it; open it too where it cannot be kept."""
        checkup = self._session.checkup
        if checkup is not None and checkup.can_open:
            work = partial(self._core.remember, checkup.path, checkup.interpretation)
            cannot = partial(self._open_unkept, checkup)
            self._submit("Remembering", work, self._take_answer, cannot)

    def _open_unkept(self, checkup: Checkup, why: Failure) -> None:
        """Open a file by an answer that cannot be kept, as on a read-only disk."""
        assert checkup.examination is not None

        def take(scan: Scan) -> None:
            self.close()
            self._session.add_scan(scan)
            text = "Opened as answered, but you will be asked again, and studies cannot open it"
            self._session.post(f"{text}: {why.message}", why.details, is_error=True)

        work = partial(self._core.read, checkup.examination, checkup.interpretation)
        self._submit(f"Opening {checkup.path.name}", work, take, self._refuse)

    def close(self) -> None:
        """Leave the file as it is; the next one that waits is examined."""
        self._jobs.cancel(DOCTOR)
        self._session.set_checkup(None)
        if self._waiting:
            self._examine(self._waiting.pop(0))

    def _wait(self, wish: _Wish) -> None:
        shown = self._session.checkup
        known = [other.path for other in self._waiting] + ([shown.path] if shown else [])
        if wish.path not in known:
            self._waiting.append(wish)

    def _show(self, checkup: Checkup) -> None:
        self._session.set_checkup(checkup)
        if checkup.examination is not None:
            work = partial(self._core.preview, checkup.examination, checkup.interpretation)
            title = f"Preview of {checkup.path.name}"
            self._submit(title, work, self._take_picture, self._refuse)

    def _submit(
        self,
        title: str,
        work: Work,
        take: Callable[[Any], None],
        refuse: Callable[[Failure], None],
    ) -> None:
        self._jobs.submit(Job(title, work, take, refuse, DOCTOR))

    def _take_picture(self, picture: NDArray[np.float32]) -> None:
        if (checkup := self._session.checkup) is not None:
            self._session.set_checkup(replace(checkup, picture=picture, error=""))

    def _take_answer(self, _: Path) -> None:
        if (checkup := self._session.checkup) is not None:
            self.close()
            self.answered.emit(checkup.path)

    def _refuse(self, failure: Failure) -> None:
        """Say in the dialog why a file cannot be read so."""
        if (checkup := self._session.checkup) is not None:
            self._session.set_checkup(replace(checkup, error=failure.message))

    def _failed(self, failure: Failure) -> None:
        self._session.post(failure.message, failure.details, is_error=True)
