"""From a scan and wishes to masks, reconstructions and scores: intents to jobs to session."""

from __future__ import annotations

from collections.abc import Mapping
from functools import partial
from typing import Any

from PyQt6.QtCore import QObject, QTimer, pyqtSignal

from core.people import same_person
from core.types import Mask, Scan
from tlmri_gui.core_access import CoreAccess, Reconstructed, TunedSettings
from tlmri_gui.jobs import Failure, Job, JobRunner, Work
from tlmri_gui.models.panels import NOT_COMPUTED
from tlmri_gui.session import Session
from tlmri_gui.state import Outcome, Reference, Sampling

COMPARE = "compare"
"""Jobs that a newer wish replaces."""

SCORING = "scoring"
TUNING = "tuning of settings"
WAITING = "waiting for the tuning"
PAUSE_MS = 180
"""A wish counts once nothing more is changed for so long, as while a slider is dragged."""


class CompareController(QObject):
    """Keeps the comparison on show up to date.

    Every change restarts the chain reference, mask, methods from where it is out of date. Jobs of
    an older wish are cancelled, and what they still give is dropped by the session.

    Signals
    -------
    pending_changed
        The names of methods still to come for the slice on show have changed, or what holds them
        up.
    restarted
        Results are dropped to be computed anew.
    rescored
        Results have come under another definition.
    """

    pending_changed = pyqtSignal()
    restarted = pyqtSignal()
    rescored = pyqtSignal()

    def __init__(self, session: Session, jobs: JobRunner, core: CoreAccess) -> None:
        super().__init__()
        self._session = session
        self._jobs = jobs
        self._core = core
        self._pending: frozenset[str] = frozenset()
        self._hold_up = ""
        self._is_tuning = False
        self._view = session.viewing.shown
        self._pause = QTimer(self)
        self._pause.setSingleShot(True)
        self._pause.setInterval(PAUSE_MS)
        self._pause.timeout.connect(self.update)
        session.slice_changed.connect(self._slice_changed)
        session.sampling_changed.connect(self.update_soon)
        session.methods_changed.connect(self.update_soon)
        session.catalogue_changed.connect(self.update_soon)
        session.viewing_changed.connect(self._viewing_changed)

    @property
    def pending(self) -> frozenset[str]:
        """Methods still to come for the slice on show."""
        return self._pending

    @property
    def hold_up(self) -> str:
        """Why missing images are not being computed; empty while they are."""
        return self._hold_up

    # intents -----------------------------------------------------------------------------------

    def show_scan(self, scan: Scan) -> None:
        """Show another scan of the list."""
        self._session.show_scan(scan)

    def show_slice(self, index: int) -> None:
        """Show another slice."""
        self._session.set_slice(index)

    def step_slice(self, step: int) -> None:
        """Show a slice further on."""
        self._session.set_slice(self._session.slice_index + step)

    def set_sampling(self, sampling: Sampling) -> None:
        """Wish for another mask."""
        self._session.set_sampling(sampling)

    def set_checked(self, name: str, checked: bool) -> None:
        """Choose a method, or no longer."""
        self._session.set_checked(name, checked)

    def set_method_params(self, name: str, params: Any) -> None:  # noqa: ANN401 - its dataclass
        """Change a method's settings."""
        self._session.set_method_params(name, params)

    def set_definition(self, definition: str) -> None:
        """Score under another definition."""
        self._session.set_definition(definition)
        self._jobs.cancel(SCORING)
        stale = dict(self._session.outcomes)
        if stale:
            self._submit(
                "Scoring",
                partial(self._core.rescore, stale, definition),
                self._take_scores,
                SCORING,
            )

    def set_device(self, device: str) -> None:
        """Run networks elsewhere, which drops what they gave."""
        self.restarted.emit()
        self._session.set_device(device)
        for offer in self._session.catalogue.networks:
            self._session.clear_results(offer.name)
        self.update_soon()

    def reconstruct(self) -> None:
        """Compute everything on show anew."""
        self.restarted.emit()
        self._session.clear_results()
        self.update()

    def tune_method(self, name: str) -> None:
        """Pick a method's settings on the tuning images of the plan."""
        images = tuple(entry for entry in self._session.plan.images if entry.tuning)
        if not images:
            self._session.post("Choose tuning images in the fine-tuning panel first", is_error=True)
            return
        self._jobs.cancel(TUNING)
        sampling, params = self._session.sampling, self._params(name)
        work = partial(self._core.tune, name, images, sampling, params)
        take = partial(self._take_params, name, frozenset(entry.scan for entry in images))
        count = sum(len(entry.tuning) for entry in images)
        names = ", ".join(entry.scan.name for entry in images)
        slices = "1 slice" if count == 1 else f"{count} slices"
        title = f"Tuning {self.label(name)} on {slices} of {names}"
        self._jobs.submit(Job(title, work, take, self._tuning_failed, TUNING))
        self._is_tuning = True
        self._expect(self._pending)

    def cancel(self) -> None:
        """Give up a tuning, or else the comparison; :meth:`reconstruct` starts that again."""
        if self._is_tuning:
            self._jobs.cancel(TUNING)
            self._is_tuning = False
            self.update()
            return
        self._pause.stop()
        for group in (COMPARE, SCORING):
            self._jobs.cancel(group)
        self._set_pending(frozenset(), NOT_COMPUTED)

    # the chain ---------------------------------------------------------------------------------

    def update_soon(self) -> None:
        """Bring the comparison up to date once the user pauses."""
        if self._is_ready():
            self._expect(self._missing())
            self._pause.start()

    def update(self) -> None:
        """Bring the comparison up to date."""
        self._pause.stop()
        self._jobs.cancel(COMPARE)
        if not self._is_ready():
            self._expect(frozenset())
            return
        self._expect(self._missing())
        self._want_reference()
        scan, mask = self._session.scan, self._session.mask
        assert scan is not None
        if mask is None:
            self._want_mask(scan)
        else:
            self._want_methods(scan, mask)

    def _is_ready(self) -> bool:
        return self._session.scan is not None and bool(self._session.catalogue.methods)

    def _missing(self) -> frozenset[str]:
        session = self._session
        return frozenset(name for name in session.chosen() if session.is_missing(name))

    def _slice_changed(self) -> None:
        self._jobs.cancel(COMPARE)
        if self._is_ready():
            self._want_reference()
        self.update_soon()

    def _viewing_changed(self) -> None:
        """Run methods again of whose results another view shows more than was kept."""
        shown = self._session.viewing.shown
        if shown is not self._view:
            self._view = shown
            if self._missing() - self._pending:
                self.update_soon()

    def _want_reference(self) -> None:
        session = self._session
        if session.scan is not None and session.reference is None:
            work = partial(self._core.reference, session.scan, session.slice_index)
            self._submit("Reference image", work, self._take_reference)

    def _take_reference(self, reference: Reference) -> None:
        self._session.set_reference(reference)

    def _want_mask(self, scan: Scan) -> None:
        work = partial(self._core.mask, scan, self._session.sampling)
        self._submit("Sampling mask", work, partial(self._take_mask, scan))

    def _take_mask(self, scan: Scan, mask: Mask) -> None:
        self._session.set_mask(mask)
        self._want_methods(scan, mask)

    def _want_methods(self, scan: Scan, mask: Mask) -> None:
        session = self._session
        for name in session.chosen():
            if session.is_missing(name):
                index = session.slice_index
                work = self.work(scan, mask, index, name)
                take = partial(self.take_outcome, mask, index, name)
                fail = partial(self.method_failed, mask, index, name)
                self._jobs.submit(Job(self.label(name), work, take, fail, COMPARE))

    def work(self, scan: Scan, mask: Mask, index: int, name: str) -> Work:
        """What reconstructs and scores a slice by a method as it is set now."""
        session = self._session
        return partial(
            self._core.reconstruct,
            scan,
            index,
            mask,
            name,
            self._params(name),
            session.definition,
            session.device,
        )

    def label(self, name: str) -> str:
        """What a person reads of a method."""
        offer = self._session.catalogue.method(name)
        return offer.label if offer else name

    def _params(self, name: str) -> Any:  # noqa: ANN401 - the method's own dataclass
        offer = self._session.catalogue.method(name)
        return self._session.method_params.get(name, offer.params if offer else None)

    def take_outcome(self, mask: Mask, index: int, name: str, result: Reconstructed) -> None:
        """Keep what :meth:`work` gave."""
        self._session.add_outcome(mask, index, name, result.outcome)
        if result.remark:
            self._session.post(result.remark)
        comparison = result.outcome.comparison
        if comparison is not None and comparison.score.definition != self._session.definition:
            self.set_definition(self._session.definition)  # changed while this one ran
        self._no_longer_pending(index, name)

    def method_failed(self, mask: Mask, index: int, name: str, failure: Failure) -> None:
        """Keep why :meth:`work` gave nothing."""
        self._session.add_outcome(mask, index, name, Outcome(error=failure.message))
        self._no_longer_pending(index, name)
        self._session.post(failure.message, failure.details, is_error=True)

    # helpers -----------------------------------------------------------------------------------

    def _no_longer_pending(self, index: int, name: str) -> None:
        if index == self._session.slice_index:
            self._set_pending(self._pending - {name}, self._hold_up)

    def _expect(self, pending: frozenset[str]) -> None:
        self._set_pending(pending, WAITING if self._is_tuning else "")

    def _set_pending(self, pending: frozenset[str], hold_up: str) -> None:
        if (pending, hold_up) != (self._pending, self._hold_up):
            self._pending, self._hold_up = pending, hold_up
            self.pending_changed.emit()

    def _take_scores(self, outcomes: Mapping[tuple[int, str], Outcome]) -> None:
        self._session.replace_outcomes(outcomes)
        self.rescored.emit()

    def _take_params(
        self,
        name: str,
        tuned_on: frozenset[Scan],
        tuned: TunedSettings,
    ) -> None:
        self._end_tuning()
        self._session.set_method_params(name, tuned.params)
        text = f"{self.label(name)}: now with the settings best on the tuning images"
        shown = self._session.scan
        if shown is not None and any(same_person(shown, scan) for scan in tuned_on):
            text += f"; {shown.name} is not scored with them: tune on another person to get a score"
        self._session.post(f"{text}; {tuned.remark}" if tuned.remark else text)

    def _tuning_failed(self, failure: Failure) -> None:
        self._end_tuning()
        self._session.post(failure.message, failure.details, is_error=True)

    def _end_tuning(self) -> None:
        self._is_tuning = False
        self._expect(self._pending)

    def _submit(self, title: str, work: Any, take: Any, group: str = COMPARE) -> None:  # noqa: ANN401
        self._jobs.submit(Job(title, work, take, self._failed, group))

    def _failed(self, failure: Failure) -> None:
        if self._session.mask is None:
            self._set_pending(frozenset(), NOT_COMPUTED)  # without a mask none of them can come
        self._session.post(failure.message, failure.details, is_error=True)
