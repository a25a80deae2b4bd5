"""Every slice with anatomy by every chosen method, batch by batch, and the means of the scores."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from functools import partial
from typing import Any, NamedTuple

from PyQt6.QtCore import QObject

from core.progress import Progress, part
from core.types import Mask, Scan
from tlmri_gui.compare_controller import CompareController
from tlmri_gui.core_access import CoreAccess, Reconstructed
from tlmri_gui.jobs import Failure, Job, JobRunner, Work, attempt
from tlmri_gui.models.slice_text import spoken_slices
from tlmri_gui.session import Session
from tlmri_gui.state import Means

ALL_SLICES = "all slices"
TITLE = "All slices"

Piece = tuple[Reconstructed | None, Failure | None]
"""What a method gave for a slice, or why it failed."""


class Batch(NamedTuple):
    """Slices that are reconstructed side by side by one method."""

    slices: tuple[int, ...]
    method: str


@dataclass(frozen=True, eq=False)
class _Run:
    """What is to be computed."""

    scan: Scan
    mask: Mask
    slices: tuple[int, ...]
    batches: tuple[Batch, ...]

    def n_images(self, n_batches: int) -> int:
        """Number of images that so many batches give."""
        return sum(len(batch.slices) for batch in self.batches[:n_batches])


class AllSlicesController(QObject):
    """Reconstructs the whole scan and asks for the means.

    A batch, of as many slices as are worked on at once, is queued once the one before it is done,
    so that what the user asks for meanwhile waits for one batch only. What every coil sees is let
    go of with each slice that is not on show, so memory grows with the slices at work, not with
    all of them. Other settings than it began with end it.
    """

    def __init__(
        self, session: Session, jobs: JobRunner, core: CoreAccess, compare: CompareController
    ) -> None:
        super().__init__()
        self._session = session
        self._jobs = jobs
        self._core = core
        self._compare = compare
        self._run: _Run | None = None
        self._averaged: tuple[int, ...] = ()
        for signal in (session.mask_changed, session.methods_changed, compare.restarted):
            signal.connect(self.cancel)
        compare.rescored.connect(self._average_again)

    def start(self) -> None:
        """Reconstruct every slice with anatomy by the chosen methods."""
        session = self._session
        if session.scan is None or session.mask is None or not session.chosen():
            session.post("All slices need a scan, its mask and a chosen method", is_error=True)
            return
        self.cancel()
        scan, device = session.scan, session.device

        def plan(progress: Progress) -> tuple[tuple[int, ...], int]:
            slices = self._core.anatomy_slices(scan, progress)
            return slices, self._core.slices_at_once(scan, device, progress)

        self._submit(plan, partial(self._take_slices, scan, session.mask))

    def cancel(self) -> None:
        """Give up what is still to come; what was computed stays."""
        self._jobs.cancel(ALL_SLICES)
        self._run = None
        self._averaged = ()

    def _take_slices(self, scan: Scan, mask: Mask, plan: tuple[tuple[int, ...], int]) -> None:
        slices, at_once = plan
        if not slices:
            self._session.post(f"{scan.name} has no slice with enough anatomy", is_error=True)
            return
        self._run = _Run(scan, mask, slices, tuple(self._batches(slices, at_once)))
        self._next(self._run, 0)

    def _batches(self, slices: Sequence[int], at_once: int) -> Iterator[Batch]:
        """What is missing, some slices after the other, each by all methods."""
        outcomes, chosen = self._session.outcomes, self._session.chosen()
        for start in range(0, len(slices), at_once):
            some = slices[start : start + at_once]
            for name in chosen:
                missing = tuple(index for index in some if (index, name) not in outcomes)
                if missing:
                    yield Batch(missing, name)

    def _next(self, run: _Run, done: int) -> None:
        if run is not self._run:
            return  # given up while the last batch was taken in
        if done == len(run.batches):
            self._average(run.slices)
            return

        def take(found: Sequence[Piece]) -> None:
            for index, (result, failure) in zip(run.batches[done].slices, found, strict=True):
                if run is self._run:
                    self._take_piece(run, index, run.batches[done].method, result, failure)
            self._next(run, done + 1)

        self._submit(self._work(run, done), take)

    def _work(self, run: _Run, done: int) -> Work:
        """What reconstructs a batch, and says how much of the whole is done."""
        slices, method = run.batches[done]
        shown = self._session.slice_index
        pieces = []
        for index in slices:
            one = self._compare.work(run.scan, run.mask, index, method)
            pieces.append(partial(attempt, partial(_reconstructed, one, index == shown)))
        total = run.n_images(len(run.batches))
        begin, end = (run.n_images(n) / total for n in (done, done + 1))
        how_far = f"{run.n_images(done)} of {total} done"
        message = f"{spoken_slices(slices)} by {self._compare.label(method)}, {how_far}"

        def work(progress: Progress) -> list[Piece]:
            hook = part(progress, begin, end)

            def report(fraction: float, _: str = "") -> None:
                hook(fraction, message)

            report(0.0)  # at once: the bar would else be blank until the first slice reports
            return self._core.side_by_side(pieces, report)

        return work

    def _take_piece(
        self,
        run: _Run,
        index: int,
        method: str,
        result: Reconstructed | None,
        failure: Failure | None,
    ) -> None:
        if failure is not None:
            self._compare.method_failed(run.mask, index, method, failure)
        elif result is not None:
            self._compare.take_outcome(run.mask, index, method, result)

    def _average(self, slices: tuple[int, ...]) -> None:
        session = self._session
        self._averaged = slices
        comparisons = session.comparisons(slices)
        if any(c.score.definition != session.definition for c in comparisons):
            return  # they are being scored anew, and averaged after that
        work = partial(self._core.means, slices, comparisons, session.definition)
        self._submit(work, self._take_means)

    def _average_again(self) -> None:
        if self._averaged:
            self._average(self._averaged)

    def _take_means(self, means: Means) -> None:
        self._session.set_means(means)

    def _failed(self, failure: Failure) -> None:
        self._session.post(failure.message, failure.details, is_error=True)

    def _submit(self, work: Work, take: Any) -> None:  # noqa: ANN401
        self._jobs.submit(Job(TITLE, work, take, self._failed, ALL_SLICES))


def _reconstructed(work: Work, is_shown: bool, progress: Progress) -> Reconstructed:
    """What work gives, without what is kept of the slice on show only."""
    result: Reconstructed = work(progress)
    if is_shown:
        return result
    return replace(result, outcome=replace(result.outcome, coil_images=None))
