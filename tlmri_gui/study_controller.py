"""A study in a child process: the run, earlier studies, and what becomes of its networks."""

from __future__ import annotations

import re
import shlex
from collections.abc import Callable
from dataclasses import replace
from datetime import datetime
from functools import partial
from pathlib import Path
from typing import Any

from PyQt6.QtCore import QObject, pyqtSignal

from tlmri_gui.conversation import Conversation, Replies
from tlmri_gui.jobs import Failure, Job, JobRunner, Status
from tlmri_gui.models.study_text import start_problem
from tlmri_gui.session import Session
from tlmri_gui.study_core import StudyAccess
from tlmri_gui.study_folder import SPEC_NAME
from tlmri_gui.study_planner import StudyPlanner
from tlmri_gui.study_state import (
    Digest,
    StudyPhase,
    StudyPlan,
    StudyPoint,
    StudyProgress,
    StudyRun,
)

STUDY = "study"
_IN_OWN_FILE = re.compile(rf"^{re.escape(SPEC_NAME)}(, line \d+)?: ")
"""Where a refusal points to in the file that the window wrote."""


class StudyController(QObject):
    """Runs, stops, resumes and shows studies, one at a time.

    Attributes
    ----------
    planner
        Plans the next one.

    Signals
    -------
    network_kept
        A network of a study is among the user's now; carries its method's name.
    """

    network_kept = pyqtSignal(str)

    def __init__(
        self,
        session: Session,
        jobs: JobRunner,
        core: StudyAccess,
        now: Callable[[], datetime] = datetime.now,
    ) -> None:
        super().__init__()
        self._session = session
        self._jobs = jobs
        self._core = core
        self._now = now
        self._shown_before: StudyRun | None = None
        """What was on show before the study that was begun anew, until its first cell."""
        self.planner = StudyPlanner(session)
        self._talk = Conversation(
            jobs,
            Status("Study", can_cancel=False),  # its page has a button to stop it
            Replies(
                succeeded=self._succeeded,
                was_cancelled=self._was_cancelled,
                failed=self._failed,
                started=self._started,
                progressed=self._progressed,
                published=self._published,
            ),
        )

    def load(self) -> None:
        """Read what a study can be made of, and offer one that was cut off."""
        self._submit("Studies", self._core.offer, self.planner.take_offer)
        self._submit("Studies", self._core.cut_off, self._offer_cut_off)
        self._list_earlier()

    # the run -----------------------------------------------------------------------------------

    def start(self) -> None:
        """Start the study as planned."""
        session = self._session
        if session.study.phase.is_active or start_problem(session):
            return
        session.dismiss_message()  # it may be of an earlier study
        self._shown_before = session.study
        session.set_study(StudyRun(StudyPhase.PREPARING))
        session.set_study_progress(StudyProgress(0.0, "writing the study file"))
        work = partial(self._core.create, session.study_plan, session.device, self._now())
        self._submit("Writing the study file", work, self._created, self._cannot_start)

    def _created(self, folder: Path) -> None:
        self._session.set_study(replace(self._session.study, folder=folder))
        if self._session.study.phase is StudyPhase.STOPPING:
            self._was_cancelled()
        else:
            self._launch(folder)

    def resume(self) -> None:
        """Go on with the study on show where it was cut off or stopped."""
        session, study = self._session, self._session.study
        if study.phase is not StudyPhase.STOPPED or session.run.phase.is_active:
            return
        if study.folder is not None:
            session.dismiss_message()  # which may offer just this
            self._shown_before = None
            session.set_study(replace(study, phase=StudyPhase.PREPARING, message=""))
            self._launch(study.folder)

    def _launch(self, folder: Path) -> None:
        self._session.set_study_progress(StudyProgress(0.0, "starting its process"))
        work = partial(self._core.job, folder)
        self._talk.prepare(
            Job("Starting the study", work, on_error=self._cannot_start, group=STUDY)
        )

    def _cannot_start(self, failure: Failure) -> None:
        self._say(failure)
        self._refused(failure.message)

    def _refused(self, message: str) -> None:
        """Leave nothing of a study that was begun anew, and show the one before."""
        before, folder = self._shown_before, self._session.study.folder
        if before is None:
            self._end(StudyPhase.STOPPED, message)
            return
        if folder is not None:
            self._submit("Studies", partial(self._core.discard, folder), lambda _: None)
        self._session.set_study(before)
        self._end(before.phase, before.message if before.folder else message)

    def stop(self) -> None:
        """End at once; every cell that is done is kept."""
        study = self._session.study
        if study.phase.is_active:
            self._session.set_study(replace(study, phase=StudyPhase.STOPPING))
            self._talk.cancel()

    # what the child says -----------------------------------------------------------------------

    def _started(self) -> None:
        if self._session.study.phase is StudyPhase.PREPARING:
            self._session.set_study(replace(self._session.study, phase=StudyPhase.RUNNING))

    def _progressed(self, fraction: float, message: str) -> None:
        self._session.set_study_progress(StudyProgress(fraction, message))

    def _published(self, digest: Digest) -> None:
        self._session.set_study(replace(self._session.study, digest=digest))

    def _succeeded(self, digest: Digest) -> None:
        self._published(digest)
        is_whole = digest.n_done == digest.n_cells
        phase = StudyPhase.DONE if is_whole else StudyPhase.STOPPED
        self._settle()
        self._end(phase, f"Done: {digest.n_cells} cells" if is_whole else _how_far(digest))

    def _was_cancelled(self) -> None:
        self._settle()
        self._end(StudyPhase.STOPPED, _how_far(self._session.study.digest))

    def _failed(self, failure: Failure) -> None:
        digest = self._session.study.digest
        if failure.details and not digest.n_done:  # refused before the first cell
            message = _IN_OWN_FILE.sub("", failure.message)
            self._session.post(f"Study: {message}", failure.details, is_error=True)
            if self._shown_before is None:
                self._settle()
            self._refused(message)
        else:
            self._session.post(f"Study: {failure.message}", failure.details, is_error=True)
            self._end(StudyPhase.STOPPED, f"Interrupted: {failure.message}. {_how_far(digest)}")

    def _settle(self) -> None:
        """Remember that this study needs no offer at the next start."""
        folder = self._session.study.folder
        if folder is not None:
            self._submit("Studies", partial(self._core.settle, folder), lambda _: None)

    def _end(self, phase: StudyPhase, message: str) -> None:
        self._session.set_study(replace(self._session.study, phase=phase, message=message))
        self._list_earlier()

    # earlier studies ---------------------------------------------------------------------------

    def _list_earlier(self) -> None:
        self._submit("Earlier studies", self._core.earlier, self._session.set_earlier)

    def _offer_cut_off(self, folder: Path | None) -> None:
        if folder is not None and self._session.study.phase is StudyPhase.IDLE:
            self.show_earlier(folder)
            text = "A study was cut off. The Study page shows it: resume it there"
            self._session.post(text, is_error=True)

    def show_earlier(self, folder: Path) -> None:
        """Show what an earlier study has given; one that is not whole can be resumed.

        It may lie anywhere: one that was made on the command line is listed from then on.
        """
        if not self._session.study.phase.is_active:
            take = partial(self._take_digest, folder)
            work = partial(self._core.digest, folder)
            self._submit("Reading a study", work, take, self._cannot_show)

    def _cannot_show(self, failure: Failure) -> None:
        self._say(failure)
        self._list_earlier()  # it may have been removed

    def _take_digest(self, folder: Path, digest: Digest) -> None:
        if self._session.study.phase.is_active:
            return
        is_whole = digest.n_cells > 0 and digest.n_done == digest.n_cells
        phase = StudyPhase.DONE if is_whole else StudyPhase.STOPPED
        message = f"{digest.name}: {digest.n_cells} cells" if is_whole else _how_far(digest)
        self._session.set_study(StudyRun(phase, folder, digest, message))
        work = partial(self._core.kept, folder, digest)
        self._submit("Reading a study", work, partial(self._take_kept, folder))
        plan = partial(self._core.plan_of, folder, self._session.study_plan)
        self._submit("Reading a study", plan, self._take_plan)
        if folder not in [study.folder for study in self._session.earlier]:
            self._submit("Earlier studies", partial(self._core.remember, folder), lambda _: None)
            self._list_earlier()

    def _take_plan(self, plan: StudyPlan) -> None:
        """Show what the study was made of, so that it can be changed and started anew."""
        if not self._session.study.phase.is_active:
            self.planner.adopt(plan)

    def _take_kept(self, folder: Path, kept: frozenset[Path]) -> None:
        if self._session.study.folder == folder:
            self._session.set_study(replace(self._session.study, kept=kept))

    # what leaves the study ---------------------------------------------------------------------

    def keep(self, point: StudyPoint) -> None:
        """Copy a point's network to the user's."""
        folder = self._session.study.folder
        if folder is not None and point.checkpoint is not None:
            work = partial(self._core.keep, folder, point.checkpoint)
            take = partial(self._kept, folder, point.checkpoint)
            self._submit("Copying the network", work, take)

    def _kept(self, folder: Path, checkpoint: Path, name: str) -> None:
        study = self._session.study
        if study.folder == folder:
            self._session.set_study(replace(study, kept=study.kept | {checkpoint}))
        self._session.post("Kept: the network is among the methods of the Compare page now")
        self.network_kept.emit(name)

    def export(self, target: Path) -> None:
        """Write figures, tables and the study file of the study on show into this folder."""
        folder = self._session.study.folder
        if folder is not None:
            work = partial(self._core.export, folder, target)
            self._submit("Exporting the study", work, self._exported)

    def _exported(self, place: Path) -> None:
        self._session.post(f"Wrote {place}")

    def command_line(self) -> str:
        """The command that computes the study on show.

        Raises
        ------
        ValueError
            If there is none.
        """
        folder = self._session.study.folder
        if folder is None:
            raise ValueError("no study was started yet")
        words = ["tlmri", "study", str(folder / SPEC_NAME), "--out", folder.name]
        return shlex.join(words)

    # helpers -----------------------------------------------------------------------------------

    def _submit(
        self,
        title: str,
        work: Any,  # noqa: ANN401 - Work
        take: Callable[[Any], None],
        fail: Callable[[Failure], None] | None = None,
    ) -> None:
        self._jobs.submit(Job(title, work, take, fail or self._say, STUDY))

    def _say(self, failure: Failure) -> None:
        self._session.post(failure.message, failure.details, is_error=True)


def _how_far(digest: Digest) -> str:
    if not digest.n_cells:
        return "No cell is done yet"
    return f"{digest.n_done} of {digest.n_cells} cells are done and kept"
