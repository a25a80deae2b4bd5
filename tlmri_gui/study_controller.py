"""A study in a child process: the plan, the run, and what becomes of its networks."""

from __future__ import annotations

import shlex
from collections.abc import Callable, Sequence
from dataclasses import replace
from datetime import datetime
from functools import partial
from pathlib import Path
from typing import Any

from PyQt6.QtCore import QObject, pyqtSignal

from core import jobs as core_jobs
from core.types import Scan
from tlmri_gui.jobs import Child, Failure, Job, JobRunner, Status
from tlmri_gui.models.study_plan import (
    counts_problem,
    parse_counts,
    proposed_native,
    proposed_roles,
    with_role,
)
from tlmri_gui.models.study_text import start_problem
from tlmri_gui.session import Session
from tlmri_gui.study_core import StudyAccess
from tlmri_gui.study_folder import SPEC_NAME
from tlmri_gui.study_state import (
    Digest,
    EarlierStudy,
    Role,
    StudyOffer,
    StudyPhase,
    StudyPlan,
    StudyPoint,
    StudyProgress,
    StudyRun,
    StudyScan,
)

STUDY = "study"
DEMO_ACCELERATION = 4.0
DEMO_COUNTS = "0, 1, 5"
DEMO_SLICES = 6
N_DEMO_SCANS = 2
_DEFAULT_IMAGES = 10


class StudyController(QObject):
    """Plans, runs, stops, resumes and shows studies, one at a time.

    Signals
    -------
    demo_scans_wanted
        A study of the demo scans was asked for, and they are not open.
    network_kept
        A network of a study is among the user's now; carries its method's name.
    """

    demo_scans_wanted = pyqtSignal()
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
        self._child: Child | None = None
        self._are_roles_by_hand = False
        self._is_native_by_hand = False
        self._is_demo = False
        self._on_event: dict[type, Callable[[Any], None]] = {
            core_jobs.Started: self._started,
            core_jobs.Progressed: self._progressed,
            core_jobs.Published: self._published,
            core_jobs.Acknowledged: self._acknowledged,
            core_jobs.Succeeded: self._succeeded,
            core_jobs.WasCancelled: self._was_cancelled,
            core_jobs.Failed: self._failed,
        }
        session.scans_changed.connect(self._follow_scans)

    # the plan ----------------------------------------------------------------------------------

    def load(self) -> None:
        """Read what a study can be made of, and offer one that was cut off."""
        self._submit("Studies", self._core.offer, self._take_offer)
        self._submit("Studies", self._core.cut_off, self._offer_cut_off)
        self._list_earlier()

    def _take_offer(self, offer: StudyOffer) -> None:
        session, plan = self._session, self._session.study_plan
        names = [source.name for source in offer.sources]
        sources = tuple(name for name in plan.sources if name in names) or tuple(names[:1])
        baselines = {choice.name for choice in offer.baselines}
        preset = plan.preset if plan.preset in offer.presets else next(iter(offer.presets), "")
        plan = replace(
            plan,
            sources=sources,
            preset=preset,
            baselines=tuple(name for name in plan.baselines if name in baselines),
        )
        session.set_study_offer(offer, self._with_native(plan, offer))

    def set_plan(self, plan: StudyPlan) -> None:
        """Take the plan as the user edited it."""
        if plan.native != self._session.study_plan.native:
            self._is_native_by_hand = True
        self._session.set_study_plan(plan)

    def set_role(self, scan: Scan, role: Role) -> None:
        """Give a scan a role, whichever others are opened."""
        self._are_roles_by_hand = True
        self._is_demo = False
        self._session.set_study_plan(
            self._with_native(with_role(self._session.study_plan, scan, role))
        )

    def plan_demo(self) -> None:
        """Plan a study of digital brains that takes a few minutes."""
        session = self._session
        self._are_roles_by_hand = self._is_native_by_hand = False
        self._is_demo = True
        plan = replace(
            session.study_plan,
            sources=session.study_plan.sources[:1],
            accelerations=(DEMO_ACCELERATION,),
            counts_text=DEMO_COUNTS,
            slices_per_scan=DEMO_SLICES,
            n_seeds=1,
            baselines=session.study_plan.baselines[:1],
        )
        session.set_study_plan(plan)
        self._follow_scans()
        if len(_drawn(session.scans)) < N_DEMO_SCANS:
            self.demo_scans_wanted.emit()

    def _follow_scans(self) -> None:
        """Keep the roles given by hand, or propose anew."""
        session, plan = self._session, self._session.study_plan
        are_kept = self._are_roles_by_hand and any(s.scan in session.scans for s in plan.scans)
        if are_kept or session.study.phase.is_active:
            known = {entry.scan: entry for entry in plan.scans}
        else:
            self._are_roles_by_hand = False
            candidates = _drawn(session.scans) if self._is_demo else session.scans
            proposed = proposed_roles(candidates, session.scan, _most_images(plan))
            known = {entry.scan: entry for entry in proposed}
        scans = tuple(known.get(scan, StudyScan(scan)) for scan in session.scans)
        session.set_study_plan(self._with_native(replace(plan, scans=scans)))

    def _with_native(self, plan: StudyPlan, offer: StudyOffer | None = None) -> StudyPlan:
        """The plan with the native source that the scans' names speak of."""
        if self._is_native_by_hand:
            return plan
        used = [*plan.with_role(Role.TUNE), *plan.with_role(Role.TEST)]
        return replace(plan, native=proposed_native(offer or self._session.study_offer, used))

    # the run -----------------------------------------------------------------------------------

    def start(self) -> None:
        """Start the study as planned."""
        session = self._session
        if session.study.phase.is_active or start_problem(session):
            return
        session.set_study(StudyRun(StudyPhase.PREPARING))
        work = partial(self._core.create, session.study_plan, session.device, self._now())
        self._submit("Writing the study file", work, self._created, self._cannot_start)

    def _created(self, folder: Path) -> None:
        self._session.set_study(replace(self._session.study, folder=folder))
        self._launch(folder)

    def resume(self) -> None:
        """Go on with the study on show where it was cut off or stopped."""
        session, study = self._session, self._session.study
        if study.phase is not StudyPhase.STOPPED or session.run.phase.is_active:
            return
        if study.folder is not None:
            session.dismiss_message()  # which may offer just this
            session.set_study(replace(study, phase=StudyPhase.PREPARING, message=""))
            self._launch(study.folder)

    def _launch(self, folder: Path) -> None:
        self._session.set_study_progress(StudyProgress(0.0, "starting"))
        work = partial(self._core.job, folder)
        self._submit("Starting the study", work, self._spawn, self._cannot_start)

    def _spawn(self, prepared: tuple[Any, Any]) -> None:
        if self._session.study.phase is StudyPhase.STOPPING:
            self._was_cancelled(core_jobs.WasCancelled())
            return
        function, request = prepared
        status = Status("Study", can_cancel=False)  # its page has a button to stop it
        self._child = self._jobs.start_child(function, request, self._take_event, status)

    def _cannot_start(self, failure: Failure) -> None:
        self._end(StudyPhase.IDLE, failure.message)
        self._session.post(failure.message, failure.details, is_error=True)

    def stop(self) -> None:
        """End at once; every cell that is done is kept."""
        study = self._session.study
        if not study.phase.is_active:
            return
        self._session.set_study(replace(study, phase=StudyPhase.STOPPING))
        if self._child is not None:
            self._child.cancel()

    def _take_event(self, event: core_jobs.Event) -> None:
        self._on_event[type(event)](event)

    def _started(self, event: core_jobs.Started) -> None:
        del event
        if self._session.study.phase is StudyPhase.PREPARING:
            self._session.set_study(replace(self._session.study, phase=StudyPhase.RUNNING))

    def _progressed(self, event: core_jobs.Progressed) -> None:
        self._session.set_study_progress(StudyProgress(event.fraction, event.message))

    def _published(self, event: core_jobs.Published) -> None:
        self._session.set_study(replace(self._session.study, digest=event.payload))

    def _acknowledged(self, event: core_jobs.Acknowledged) -> None:
        del event  # the window has said so already

    def _succeeded(self, event: core_jobs.Succeeded) -> None:
        digest: Digest = event.result
        self._session.set_study(replace(self._session.study, digest=digest))
        is_whole = digest.n_done == digest.n_cells
        phase = StudyPhase.DONE if is_whole else StudyPhase.STOPPED
        self._end(phase, f"Done: {digest.n_cells} cells" if is_whole else _how_far(digest))
        self._settle()

    def _was_cancelled(self, event: core_jobs.WasCancelled) -> None:
        del event
        self._end(StudyPhase.STOPPED, _how_far(self._session.study.digest))
        self._settle()

    def _failed(self, event: core_jobs.Failed) -> None:
        self._session.post(f"Study: {event.message}", event.details, is_error=True)
        digest = self._session.study.digest
        if event.details and not digest.n_done:  # refused before the first cell
            self._end(StudyPhase.IDLE, event.message)
            self._settle()
        else:
            self._end(StudyPhase.STOPPED, f"Interrupted: {event.message}. {_how_far(digest)}")

    def _end(self, phase: StudyPhase, message: str) -> None:
        self._child = None
        self._session.set_study(replace(self._session.study, phase=phase, message=message))

    def _settle(self) -> None:
        """Remember that this study needs no offer at the next start; list it."""
        folder = self._session.study.folder
        if folder is not None:
            self._submit("Studies", partial(self._core.settle, folder), lambda _: None)
            self._list_earlier()

    # earlier studies ---------------------------------------------------------------------------

    def _list_earlier(self) -> None:
        self._submit("Earlier studies", self._core.earlier, self._take_earlier)

    def _take_earlier(self, studies: tuple[EarlierStudy, ...]) -> None:
        self._session.set_earlier(studies)

    def _offer_cut_off(self, folder: Path | None) -> None:
        if folder is not None and self._session.study.phase is StudyPhase.IDLE:
            self.show_earlier(folder)
            self._session.post(f"A study was cut off: {folder.name}. Resume it on the Study page")

    def show_earlier(self, folder: Path) -> None:
        """Show what an earlier study has given; one that is not whole can be resumed."""
        if not self._session.study.phase.is_active:
            take = partial(self._take_digest, folder)
            self._submit("Reading a study", partial(self._core.digest, folder), take)
            plan = partial(self._core.plan_of, folder, self._session.study_plan)
            self._submit("Reading a study", plan, self._take_plan)

    def _take_digest(self, folder: Path, digest: Digest) -> None:
        if self._session.study.phase.is_active:
            return
        is_whole = digest.n_cells > 0 and digest.n_done == digest.n_cells
        phase = StudyPhase.DONE if is_whole else StudyPhase.STOPPED
        message = f"{folder.name}: {digest.n_cells} cells" if is_whole else _how_far(digest)
        self._session.set_study(StudyRun(phase, folder, digest, message))
        work = partial(self._core.kept, folder, digest)
        self._submit("Reading a study", work, partial(self._take_kept, folder))

    def _take_plan(self, plan: StudyPlan) -> None:
        """Show what the study was made of, so that it can be changed and started anew."""
        session = self._session
        scans = [entry.scan for entry in plan.scans]
        if not session.study.phase.is_active and scans == list(session.scans):
            self._are_roles_by_hand = self._is_native_by_hand = True
            session.set_study_plan(plan)

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


def _drawn(scans: Sequence[Scan]) -> tuple[Scan, ...]:
    """The demo scans."""
    return tuple(scan for scan in scans if scan.path is None)


def _most_images(plan: StudyPlan) -> int:
    """The most images to tune on; a usual number while what is written is none."""
    text = plan.counts_text
    return _DEFAULT_IMAGES if counts_problem(text) else max(parse_counts(text))


def _how_far(digest: Digest) -> str:
    if not digest.n_cells:
        return "No cell is done yet"
    return f"{digest.n_done} of {digest.n_cells} cells are done and kept"
