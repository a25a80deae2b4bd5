"""Fine-tuning in a child process: the run, and what becomes of its weights."""

from __future__ import annotations

import re
from collections.abc import Callable
from dataclasses import replace
from datetime import datetime
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING

from PyQt6.QtCore import QLockFile, QObject

from core.devices import says_out_of_memory
from tlmri_gui import unfinished
from tlmri_gui.conversation import Conversation, Replies
from tlmri_gui.core_access import CoreAccess
from tlmri_gui.jobs import Failure, Job, JobRunner, Status
from tlmri_gui.session import Session
from tlmri_gui.state import MethodOffer, TuningPhase, TuningPlan, TuningRun
from tlmri_gui.tuning_planner import TuningPlanner

if TYPE_CHECKING:
    from core.training.finetune import TrainingPoint, TuneResult

SAVING = "saving"


class FinetuneController(QObject):
    """Runs, stops and saves fine-tunings, one at a time.

    Weights lie in a folder of unfinished ones until the tuning has ended well or the user keeps
    them; only then do the lists find them.

    Attributes
    ----------
    planner
        Plans the next one.
    """

    def __init__(
        self,
        session: Session,
        jobs: JobRunner,
        core: CoreAccess,
        now: Callable[[], datetime] = datetime.now,
    ) -> None:
        super().__init__()
        self._session = session
        self._jobs = jobs
        self._core = core
        self._now = now
        self.planner = TuningPlanner(session, jobs, core)
        self._output = Path()
        self._claim: QLockFile | None = None
        self._left_behind: list[tuple[Path, QLockFile]] = []
        self._device = "auto"
        self._talk = Conversation(
            jobs,
            Status("Fine-tuning", can_cancel=False),  # its panel has two ways to end it
            Replies(
                succeeded=self._succeeded,
                was_cancelled=self._was_cancelled,
                failed=self._failed,
                started=self._started,
                progressed=self._progressed,
                published=self._published,
            ),
        )

    # the run -----------------------------------------------------------------------------------

    def start(self) -> None:
        """Start fine-tuning as planned, at the sampling on show."""
        session = self._session
        if session.run.phase.is_active or session.plan.settings is None:
            return
        if session.study.phase.is_active:  # one heavy child at a time
            return
        sampling = session.sampling
        settings = replace(
            session.plan.settings,
            acceleration=sampling.acceleration,
            pattern=sampling.pattern,
            mask_params=sampling.params,
        )
        plan = replace(session.plan, settings=settings)
        stem = _stem(session.catalogue.method(plan.source), plan, self._now())
        self._output = self._core.unfinished_folder() / f"{stem}.safetensors"
        self._claim = unfinished.claim(self._output)
        self._launch(plan, session.device)

    def _launch(self, plan: TuningPlan, device: str, message: str = "") -> None:
        self._device = device
        self._launched = plan
        self._session.set_run(TuningRun(TuningPhase.STARTING, message=message))
        work = partial(self._core.tuning_request, plan, self._output, device)
        self._talk.prepare(
            Job(
                "Gathering the tuning images",
                work,
                on_error=self._cannot_start,
                group=SAVING,
                is_urgent=True,  # before reconstructions that wait
            )
        )

    def _cannot_start(self, failure: Failure) -> None:
        self._claim = None
        self._session.set_run(TuningRun(message=failure.message))
        self._session.post(failure.message, failure.details, is_error=True)

    def stop(self) -> None:
        """Finish early and keep the best."""
        if self._session.run.phase is TuningPhase.RUNNING:
            self._set_run(TuningPhase.STOPPING)
            self._talk.stop()

    def cancel(self) -> None:
        """Finish at once and keep nothing."""
        if self._session.run.phase.is_active:
            self._set_run(TuningPhase.CANCELLING)
            self._talk.cancel()

    def keep(self) -> None:
        """Keep the weights that an interrupted tuning left."""
        saved = self._session.run.saved
        if saved is not None:
            self._save(saved)

    def discard(self) -> None:
        """Remove the weights that an interrupted tuning left."""
        saved = self._session.run.saved
        self._session.set_run(TuningRun())
        if saved is not None:
            self._remove(saved)
            self._offer_next()

    def offer_unfinished(self) -> None:
        """Offer the weights that windows left which were ended in the middle of a tuning."""
        self._left_behind = unfinished.left_behind(self._core.unfinished_folder())
        self._offer_next()

    def _offer_next(self) -> None:
        if self._left_behind and self._session.run.phase is TuningPhase.IDLE:
            saved, self._claim = self._left_behind.pop(0)
            text = (
                f"The best weights of a fine-tuning that was interrupted were saved: {saved.stem}"
            )
            self._session.set_run(TuningRun(TuningPhase.INTERRUPTED, message=text, saved=saved))
            notice = f"{text}. Keep or discard them under Fine-tuning"
            self._session.post(notice, is_error=True)

    # what the child says -----------------------------------------------------------------------

    def _started(self) -> None:
        if self._session.run.phase is TuningPhase.STARTING:
            self._set_run(TuningPhase.RUNNING)

    def _progressed(self, fraction: float, message: str) -> None:
        del fraction  # the curve shows it
        self._set_run(message=message)

    def _published(self, point: TrainingPoint) -> None:
        run = self._session.run
        self._session.set_run(replace(run, points=(*run.points, point)))

    def _succeeded(self, result: TuneResult) -> None:
        gain = result.best_psnr_db - result.start_psnr_db
        kept = f"kept step {result.best_step} of {result.steps}"
        text = f"Stopped early, {kept}" if result.stopped_early else kept.capitalize()
        self._finish(
            f"{text}: validation {result.measure} {result.start_psnr_db:.2f} → "
            f"{result.best_psnr_db:.2f} dB ({gain:+.2f} dB)"
        )
        self._save(result.path)

    def _was_cancelled(self) -> None:
        self._session.set_run(TuningRun(message="Cancelled; nothing was kept"))
        self._remove(self._output)

    def _may_be_on_gpu(self) -> bool:
        names = {choice.name for choice in self._session.catalogue.devices}
        return self._device != "cpu" and bool(names - {"auto", "cpu"})

    def _failed(self, failure: Failure) -> None:
        # Without details the process was ended from outside, and any memory may have been short.
        if failure.details and says_out_of_memory(failure.message) and self._may_be_on_gpu():
            self._launch(self._launched, "cpu", "The GPU is out of memory: tuning on the processor")
            return
        self._session.post(f"Fine-tuning: {failure.message}", failure.details, is_error=True)
        run = self._session.run
        if self._output.is_file():
            self._session.set_run(
                replace(
                    run,
                    phase=TuningPhase.INTERRUPTED,
                    saved=self._output,
                    message="Interrupted. The best weights so far were saved.",
                )
            )
        else:
            self._finish("Interrupted before anything was saved")

    # what becomes of the weights ---------------------------------------------------------------

    def _save(self, saved: Path) -> None:
        work = partial(self._core.keep_checkpoint, saved)
        self._jobs.submit(Job("Saving the checkpoint", work, self._saved, self._unsaved, SAVING))

    def _saved(self, name: str) -> None:
        if self._session.run.saved is not None:
            self._finish("Kept the best weights of the interrupted tuning")
            self._offer_next()
        self._session.set_checked(name, True)
        self.refresh_methods()

    def _unsaved(self, failure: Failure) -> None:
        self._session.post(failure.message, failure.details, is_error=True)

    def _remove(self, saved: Path) -> None:
        self._claim = None
        work = partial(self._core.discard_checkpoint, saved)
        self._jobs.submit(Job("Discarding", work, on_error=self._unsaved, group=SAVING))

    def refresh_methods(self) -> None:
        """Read anew which checkpoints there are."""
        self._jobs.submit(Job("Listing methods", self._core.methods, self._take_methods))

    def _take_methods(self, methods: tuple[MethodOffer, ...]) -> None:
        self._session.set_catalogue(replace(self._session.catalogue, methods=methods))

    def _finish(self, message: str) -> None:
        self._claim = None
        self._session.set_run(TuningRun(points=self._session.run.points, message=message))

    def _set_run(self, phase: TuningPhase | None = None, message: str = "") -> None:
        run = self._session.run
        self._session.set_run(
            replace(run, phase=phase or run.phase, message=message or run.message)
        )


def _stem(source: MethodOffer | None, plan: TuningPlan, now: datetime) -> str:
    """File name of a tuned checkpoint: source, acceleration, number of images, time."""
    label = source.name.removeprefix("net:") if source else "network"
    origin = re.sub(r"[^A-Za-z0-9]+", "-", Path(label).stem).strip("-").split("-tuned")[0]
    n_images = sum(len(entry.tuning) for entry in plan.images)
    acceleration = plan.settings.acceleration if plan.settings else 0
    return f"{origin}-tuned-R{acceleration:g}-n{n_images}-{now:%Y%m%d-%H%M%S}"
