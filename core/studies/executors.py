"""Where cells run: in this process, or on Dask (:mod:`core.studies.cluster`)."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from concurrent.futures import FIRST_COMPLETED, ThreadPoolExecutor, wait
from typing import Protocol

from core.progress import Cancelled, Progress
from core.studies.cells import Cell, CellResult
from core.studies.kinds import run_cell

POLL_SECONDS = 0.1
"""How often a stop is asked about while cells run."""


class Executor(Protocol):
    """Runs cells and yields their results as they come, in any order."""

    def prepare(self, cells: Sequence[Cell]) -> None:
        """Refuse (ValueError) before the first cell what cannot work here."""
        ...

    def run(
        self, cells: Sequence[Cell], progress: Progress, stop_requested: Callable[[], bool]
    ) -> Iterator[CellResult]:
        """Results of the cells as they come.

        Ends early, dropping the cells under way, once ``stop_requested`` is true; raises
        :class:`core.progress.Cancelled` through ``progress``.
        """
        ...


class InProcess:
    """Cells in this process: one after the other, or a few at once in threads.

    A cell spends its time in torch, which lets other threads run, so threads do what processes
    would; Dask's are for when a crash must not take the study with it, and for other machines.

    Parameters
    ----------
    workers
        Cells at once.
    """

    def __init__(self, workers: int = 1) -> None:
        self._workers = workers

    def prepare(self, cells: Sequence[Cell]) -> None:
        """Nothing to check: the plan was made here."""

    def run(
        self, cells: Sequence[Cell], progress: Progress, stop_requested: Callable[[], bool]
    ) -> Iterator[CellResult]:
        """Results as they come; in the order of the cells where one runs at a time."""
        board = _Board(len(cells))
        with ThreadPoolExecutor(self._workers, "tlmri-cell") as pool:
            try:
                left = {pool.submit(board.run, cell): cell for cell in cells}
                while left and not stop_requested():
                    progress(board.fraction, board.message)
                    done, _ = wait(left, POLL_SECONDS, FIRST_COMPLETED)
                    for future in done:
                        del left[future]
                        yield future.result()
            finally:
                board.stop = True
                pool.shutdown(wait=True, cancel_futures=True)


class _Board:
    """What the threads say of their cells, and whether they are to go on."""

    def __init__(self, n_cells: int) -> None:
        self.stop = False
        self.message = "starting"
        self._n_cells = n_cells
        self._fractions: dict[str, float] = {}

    @property
    def fraction(self) -> float:
        return sum(self._fractions.copy().values()) / self._n_cells

    def run(self, cell: Cell) -> CellResult:
        def progress(fraction: float, message: str = "") -> None:
            if self.stop:
                raise Cancelled
            self._fractions[cell.key] = fraction
            self.message = f"{cell.title}: {message}"

        progress(0.0, "starting")
        result = run_cell(cell, progress)
        self._fractions[cell.key] = 1.0
        return result
