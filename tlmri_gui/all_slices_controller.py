"""Every slice with anatomy by every chosen method, piece by piece, and the means of the scores."""

from __future__ import annotations

from dataclasses import dataclass
from functools import partial
from typing import Any

from PyQt6.QtCore import QObject

from core.progress import Progress, part
from core.types import Mask, Scan
from tlmri_gui.compare_controller import CompareController
from tlmri_gui.core_access import CoreAccess
from tlmri_gui.jobs import Failure, Job, JobRunner, Work
from tlmri_gui.session import Session
from tlmri_gui.state import Means

ALL_SLICES = "all slices"
TITLE = "All slices"

Piece = tuple[int, str]
"""A slice and a method."""


@dataclass(frozen=True, eq=False)
class _Run:
    """What is to be computed."""

    scan: Scan
    mask: Mask
    slices: tuple[int, ...]
    pieces: tuple[Piece, ...]


class AllSlicesController(QObject):
    """Reconstructs the whole scan and asks for the means.

    A piece is queued once the one before it is done, so that what the user asks for meanwhile
    waits for one piece only. Other settings than it began with end it.
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
        work = partial(self._core.anatomy_slices, session.scan)
        self._submit(work, partial(self._take_slices, session.scan, session.mask))

    def cancel(self) -> None:
        """Give up what is still to come; what was computed stays."""
        self._jobs.cancel(ALL_SLICES)
        self._run = None
        self._averaged = ()

    def _take_slices(self, scan: Scan, mask: Mask, slices: tuple[int, ...]) -> None:
        if not slices:
            self._session.post(f"{scan.name} has no slice with enough anatomy", is_error=True)
            return
        outcomes, chosen = self._session.outcomes, self._session.chosen()
        pieces = [(i, name) for i in slices for name in chosen if (i, name) not in outcomes]
        self._run = _Run(scan, mask, slices, tuple(pieces))
        self._next(self._run, 0)

    def _next(self, run: _Run, done: int) -> None:
        if run is not self._run:
            return  # given up while the last piece was taken in
        if done == len(run.pieces):
            self._average(run.slices)
            return
        index, name = run.pieces[done]
        reconstruct = self._compare.work(run.scan, run.mask, index, name)
        message = f"slice {index}, {done + 1} of {len(run.pieces)}"

        def work(progress: Progress) -> Any:  # noqa: ANN401 - Reconstructed
            hook = part(progress, done / len(run.pieces), (done + 1) / len(run.pieces))

            def report(fraction: float, _: str = "") -> None:
                hook(fraction, message)

            return reconstruct(report)

        def take(result: Any) -> None:  # noqa: ANN401 - Reconstructed
            self._compare.take_outcome(run.mask, index, name, result)
            self._next(run, done + 1)

        def fail(failure: Failure) -> None:
            self._compare.method_failed(run.mask, index, name, failure)
            self._next(run, done + 1)

        self._submit(work, take, fail)

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

    def _submit(self, work: Work, take: Any, fail: Any = None) -> None:  # noqa: ANN401
        self._jobs.submit(Job(TITLE, work, take, fail or self._failed, ALL_SLICES))
