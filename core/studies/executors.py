"""Where cells run: in this process, or on Dask (see :mod:`core.studies.cluster`)."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from typing import Protocol

from core.progress import Progress
from core.studies.cells import Cell, CellResult
from core.studies.kinds import run_cell


class Executor(Protocol):
    """Runs cells and yields their results as they come, in any order.

    ``prepare`` refuses (ValueError) before the first cell what cannot work. ``run`` raises
    :class:`core.progress.Cancelled` through ``progress`` and ends early, without a result of the
    cells under way, once ``stop_requested`` is true.
    """

    @property
    def n_workers(self) -> int:
        """Cells that run at once."""
        ...

    def prepare(self, cells: Sequence[Cell]) -> None:
        """Check that the cells can run here."""
        ...

    def run(
        self, cells: Sequence[Cell], progress: Progress, stop_requested: Callable[[], bool]
    ) -> Iterator[CellResult]:
        """Results of the cells as they come."""
        ...


class _StopRequestedError(Exception):
    """Unwinds a cell whose result is no longer wanted."""


class InProcess:
    """One cell after the other, in this process."""

    n_workers = 1

    def prepare(self, cells: Sequence[Cell]) -> None:
        """Nothing to check: the plan was made here."""

    def run(
        self, cells: Sequence[Cell], progress: Progress, stop_requested: Callable[[], bool]
    ) -> Iterator[CellResult]:
        """Results in the order of the cells."""
        for i, cell in enumerate(cells):
            hook = _hook(progress, stop_requested, i, len(cells), cell.title)
            try:
                hook(0.0, "starting")
                result = run_cell(cell, hook)
            except _StopRequestedError:
                return
            yield result


def _hook(
    progress: Progress, stop_requested: Callable[[], bool], index: int, total: int, title: str
) -> Progress:
    def report(fraction: float, message: str = "") -> None:
        if stop_requested():
            raise _StopRequestedError
        progress((index + fraction) / total, f"{title}: {message}")

    return report
