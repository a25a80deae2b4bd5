"""Fine-tuning in a child process: the plan, the run, and what becomes of its weights."""

from __future__ import annotations

import re
from collections.abc import Callable
from dataclasses import replace
from datetime import datetime
from functools import partial
from pathlib import Path
from typing import Any

from PyQt6.QtCore import QLockFile, QObject

from core import jobs as core_jobs
from core.devices import says_out_of_memory
from core.people import same_person
from core.types import Scan
from tlmri_gui import unfinished
from tlmri_gui.core_access import CoreAccess
from tlmri_gui.jobs import Child, Failure, Job, JobRunner, Status
from tlmri_gui.session import Session
from tlmri_gui.state import MethodOffer, ScanImages, TuningPhase, TuningPlan, TuningRun

PLANNING = "planning"
SAVING = "saving"


class FinetuneController(QObject):
    """Plans, runs, stops and saves fine-tunings, one at a time.

    Weights lie in a folder of unfinished ones until the tuning has ended well or the user keeps
    them; only then do the lists find them.
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
        self._child: Child | None = None
        self._output = Path()
        self._claim: QLockFile | None = None
        self._left_behind: list[tuple[Path, QLockFile]] = []
        self._device = "auto"
        self._is_by_hand = False
        self._on_event: dict[type, Callable[[Any], None]] = {
            core_jobs.Started: self._started,
            core_jobs.Progressed: self._progressed,
            core_jobs.Published: self._published,
            core_jobs.Acknowledged: self._acknowledged,
            core_jobs.Succeeded: self._succeeded,
            core_jobs.WasCancelled: self._was_cancelled,
            core_jobs.Failed: self._failed,
        }
        session.catalogue_changed.connect(self._complete_plan)
        session.scans_changed.connect(self._follow_scans)

    # the plan ----------------------------------------------------------------------------------

    def set_source(self, source: str) -> None:
        """Start from this network."""
        self._session.set_plan(replace(self._session.plan, source=source))

    def set_settings(self, settings: Any) -> None:  # noqa: ANN401 - TuneSettings
        """Take this recipe; images are chosen anew if their number or seed changed."""
        old = self._session.plan.settings
        self._session.set_plan(replace(self._session.plan, settings=settings))
        what = ("n_images", "n_validation", "seed")
        if old is None or any(getattr(old, name) != getattr(settings, name) for name in what):
            self._choose_images()

    def set_preset(self, name: str) -> None:
        """Take a named recipe."""
        self.set_settings(self._session.catalogue.presets[name])

    def set_scans(self, scans: tuple[Scan, ...]) -> None:
        """Tune on slices of these scans, whichever others are opened."""
        self._is_by_hand = True
        self._plan_scans(scans)

    def _plan_scans(self, scans: tuple[Scan, ...]) -> None:
        images = tuple(ScanImages(scan) for scan in scans)
        self._session.set_plan(replace(self._session.plan, images=images))
        self._choose_images()

    def set_images(self, images: ScanImages) -> None:
        """Take the slices of one scan as the user wrote them."""
        self._is_by_hand = True
        plan = self._session.plan
        entries = tuple(images if e.scan is images.scan else e for e in plan.images)
        self._session.set_plan(replace(plan, images=entries))

    def _complete_plan(self) -> None:
        """Fill in what the catalogue now offers."""
        session, plan = self._session, self._session.plan
        names = [offer.name for offer in session.catalogue.networks]
        source = plan.source if plan.source in names else next(iter(names), "")
        settings = plan.settings or next(iter(session.catalogue.presets.values()), None)
        was_incomplete = plan.settings is None
        session.set_plan(replace(plan, source=source, settings=settings))
        if was_incomplete and settings is not None:
            self._choose_images()

    def _follow_scans(self) -> None:
        """Keep what was chosen by hand, or propose anew where none of it is open any more."""
        session, planned = self._session, self._session.plan.images
        still_open = tuple(entry for entry in planned if entry.scan in session.scans)
        self._is_by_hand = self._is_by_hand and (bool(still_open) or not planned)
        if self._is_by_hand:
            if len(still_open) < len(planned):
                session.set_plan(replace(session.plan, images=still_open))
            return
        wished = _proposed(session.scans, session.scan)
        if [entry.scan for entry in planned] != list(wished):
            self._plan_scans(wished)

    def _choose_images(self) -> None:
        plan = self._session.plan
        self._jobs.cancel(PLANNING)
        if plan.images and plan.settings is not None:
            scans = tuple(entry.scan for entry in plan.images)
            work = partial(self._core.choose_images, scans, plan)
            job = Job("Choosing slices", work, self._take_images, self._no_images, PLANNING)
            self._jobs.submit(job)

    def _take_images(self, images: tuple[ScanImages, ...]) -> None:
        self._session.set_plan(replace(self._session.plan, images=images))

    def _no_images(self, failure: Failure) -> None:
        plan = self._session.plan
        images = tuple(ScanImages(entry.scan) for entry in plan.images)
        self._session.set_plan(replace(plan, images=images))
        self._set_run(message=failure.message)

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
        job = Job("Gathering the tuning images", work, self._spawn, self._cannot_start, SAVING)
        self._jobs.submit(job)

    def _spawn(self, prepared: tuple[Any, Any]) -> None:
        if self._session.run.phase is TuningPhase.CANCELLING:
            self._was_cancelled(core_jobs.WasCancelled())
            return
        function, request = prepared
        status = Status("Fine-tuning", can_cancel=False)  # its panel has two ways to end it
        self._child = self._jobs.start_child(function, request, self._take_event, status)

    def _cannot_start(self, failure: Failure) -> None:
        self._claim = None
        self._session.set_run(TuningRun(message=failure.message))
        self._session.post(failure.message, failure.details, is_error=True)

    def stop(self) -> None:
        """Finish early and keep the best."""
        if self._session.run.phase is TuningPhase.RUNNING and self._child is not None:
            self._set_run(TuningPhase.STOPPING)
            self._child.stop()

    def cancel(self) -> None:
        """Finish at once and keep nothing."""
        if not self._session.run.phase.is_active:
            return
        self._set_run(TuningPhase.CANCELLING)
        if self._child is not None:
            self._child.cancel()

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
            self._session.post(f"{text}. Keep or discard them under Fine-tuning")

    # what the child says -----------------------------------------------------------------------

    def _take_event(self, event: core_jobs.Event) -> None:
        self._on_event[type(event)](event)

    def _started(self, event: core_jobs.Started) -> None:
        del event
        if self._session.run.phase is TuningPhase.STARTING:
            self._set_run(TuningPhase.RUNNING)

    def _progressed(self, event: core_jobs.Progressed) -> None:
        self._set_run(message=event.message)

    def _published(self, event: core_jobs.Published) -> None:
        run = self._session.run
        self._session.set_run(replace(run, points=(*run.points, event.payload)))

    def _acknowledged(self, event: core_jobs.Acknowledged) -> None:
        del event  # the window has said so already

    def _succeeded(self, event: core_jobs.Succeeded) -> None:
        result = event.result
        gain = result.best_psnr_db - result.start_psnr_db
        kept = f"kept step {result.best_step} of {result.steps}"
        text = f"Stopped early, {kept}" if result.stopped_early else kept.capitalize()
        self._finish(
            f"{text}: validation {result.measure} {result.start_psnr_db:.2f} → "
            f"{result.best_psnr_db:.2f} dB ({gain:+.2f} dB)"
        )
        self._save(result.path)

    def _was_cancelled(self, event: core_jobs.WasCancelled) -> None:
        del event
        self._child = None
        self._session.set_run(TuningRun(message="Cancelled; nothing was kept"))
        self._remove(self._output)

    def _may_be_on_gpu(self) -> bool:
        names = {choice.name for choice in self._session.catalogue.devices}
        return self._device != "cpu" and bool(names - {"auto", "cpu"})

    def _failed(self, event: core_jobs.Failed) -> None:
        self._child = None
        # Without details the process was ended from outside, and any memory may have been short.
        if event.details and says_out_of_memory(event.message) and self._may_be_on_gpu():
            self._launch(self._launched, "cpu", "The GPU is out of memory: tuning on the processor")
            return
        self._session.post(f"Fine-tuning: {event.message}", event.details, is_error=True)
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
        self._child = self._claim = None
        self._session.set_run(TuningRun(points=self._session.run.points, message=message))

    def _set_run(self, phase: TuningPhase | None = None, message: str = "") -> None:
        run = self._session.run
        self._session.set_run(
            replace(run, phase=phase or run.phase, message=message or run.message)
        )


def _proposed(scans: tuple[Scan, ...], shown: Scan | None) -> tuple[Scan, ...]:
    """Scans of other people than on show, or else other scans, or else it; no phantom if it can be.

    What is tuned on a person gets no score on that person.
    """
    candidates = tuple(scan for scan in scans if scan.path is not None) or scans
    if shown is None:
        return candidates
    others = tuple(scan for scan in candidates if scan is not shown)
    of_others = tuple(scan for scan in others if not same_person(scan, shown))
    return of_others or others or candidates


def _stem(source: MethodOffer | None, plan: TuningPlan, now: datetime) -> str:
    """File name of a tuned checkpoint: source, acceleration, number of images, time."""
    label = source.name.removeprefix("net:") if source else "network"
    origin = re.sub(r"[^A-Za-z0-9]+", "-", Path(label).stem).strip("-").split("-tuned")[0]
    n_images = sum(len(entry.tuning) for entry in plan.images)
    acceleration = plan.settings.acceleration if plan.settings else 0
    return f"{origin}-tuned-R{acceleration:g}-n{n_images}-{now:%Y%m%d-%H%M%S}"
