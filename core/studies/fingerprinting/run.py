"""Run a noise study: every missing cell, each on disk as soon as it is done."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from pathlib import Path
from threading import Lock

from core import devices, parallel
from core.progress import Progress, no_progress, part
from core.studies.fingerprinting.bench import FingerprintBench
from core.studies.fingerprinting.cells import FingerprintCell
from core.studies.fingerprinting.result import FingerprintResult
from core.studies.fingerprinting.reuse import take_over
from core.studies.fingerprinting.spec import FingerprintStudy
from core.studies.fingerprinting.store import FingerprintStore, begin
from core.studies.store import locked

Chain = tuple[FingerprintCell, ...]
"""Cells one after the other: those of one seed, whose children follow their parents."""


@dataclass(frozen=True)
class FingerprintCellDone:
    """Published after each cell: the cell, its result, how many are done, of how many."""

    cell: FingerprintCell
    result: FingerprintResult
    n_done: int
    n_cells: int


Publish = Callable[[FingerprintCellDone], None]


def publish_nothing(_done: FingerprintCellDone) -> None:
    """A listener that does nothing."""


def run_fingerprint_study(
    study: FingerprintStudy,
    folder: Path,
    device: str = "auto",
    progress: Progress = no_progress,
    publish: Publish = publish_nothing,
    reuse: Sequence[Path] = (),
) -> FingerprintStore:
    """Run what is missing of a noise study.

    A study that was interrupted goes on with the cells that it was at. On the processor seeds run
    side by side, one a core.

    Parameters
    ----------
    study
        What to do.
    folder
        Where results and networks go; made if it does not exist.
    device
        Where networks and the dictionary run.
    progress
        Hook; cancelling it ends the study, and what is done stays on disk.
    publish
        Called after each cell, by one thread at a time.
    reuse
        Folders of other noise studies, whose cells are taken over where they are this study's too.

    Raises
    ------
    ValueError
        If one to reuse is not a noise study's or of other versions; if the folder is of another
        study, in use or not writable, there is no such device, or a training does not converge.
    """
    place = devices.resolve(device)
    with locked(folder):
        store = begin(folder, study)
        for other in reuse:
            progress(0.0, f"{take_over(store, other)} cells taken over from {other}")
        chains = chains_of(store.missing())
        if chains:
            progress(0.0, "preparing")
            worker = _Worker(store, FingerprintBench(store, place), publish)
            workers = parallel.workers_on(place)
            for _ in parallel.in_order(worker.run, chains, workers, progress):
                pass
    return store


def chains_of(cells: Sequence[FingerprintCell]) -> tuple[Chain, ...]:
    """Cells by seed; the dictionary by itself."""
    chains: dict[tuple[bool, int], Chain] = {}
    for cell in cells:
        key = (cell.training is None, cell.seed)
        chains[key] = (*chains.get(key, ()), cell)
    return tuple(chains.values())


class _Worker:
    """Runs chains, several at once, and tells of each cell."""

    def __init__(self, store: FingerprintStore, bench: FingerprintBench, publish: Publish) -> None:
        self._store = store
        self._bench = bench
        self._publish = publish
        self._n_cells = len(store.cells)
        self._n_done = self._n_cells - len(store.missing())
        self._telling = Lock()

    def run(self, chain: Chain, progress: Progress) -> None:
        """Run the cells of a chain, each on disk before the next."""
        costs = [1 if cell.training is None else cell.training.steps for cell in chain]
        bench = self._bench.of_seed(chain[0].seed)
        for i, cell in enumerate(chain):
            start, stop = (sum(costs[:n]) / sum(costs) for n in (i, i + 1))
            result = bench.run(cell, _titled(part(progress, start, stop), cell.name))
            self._store.add(cell, result)
            with self._telling:
                self._n_done += 1
                done = FingerprintCellDone(cell, result, self._n_done, self._n_cells)
                self._publish(done)


def _titled(progress: Progress, title: str) -> Progress:
    def report(fraction: float, message: str = "") -> None:
        progress(fraction, f"{title}: {message}")

    return report
