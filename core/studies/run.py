"""Run a study: every missing cell, each on disk as soon as it is done."""

from __future__ import annotations

import math
import time
from collections.abc import Callable, Sequence
from pathlib import Path

from core.progress import Progress, no_progress
from core.studies.cells import Cell, CellDone
from core.studies.executors import Executor, InProcess
from core.studies.plan import cells_of
from core.studies.sizes import checkpoint_bytes
from core.studies.spec import StudySpec, source_name
from core.studies.spec_file import to_toml
from core.studies.store import (
    Store,
    locked,
    plan_document,
    read_plan,
    require_space,
    write_plan,
)
from core.studies.table import TABLE_NAME, StudyTable, read_rows
from core.training.settings import SELF


def run_study(
    spec: StudySpec,
    folder: Path,
    progress: Progress = no_progress,
    publish: Callable[[CellDone], None] = lambda _: None,
    stop_requested: Callable[[], bool] = lambda: False,
    executor: Executor | None = None,
    device: str = "auto",
    reuse: Sequence[Path] = (),
) -> StudyTable:
    """Run what is missing of a study and return its table.

    A study that was interrupted goes on where it was; the finished table is the same however it
    was interrupted or distributed.

    Parameters
    ----------
    spec
        The study.
    folder
        Where its table and tuned networks go; made if it does not exist.
    progress
        Hook; cancelling it ends the study, and what is done stays on disk.
    publish
        Receives a :class:`CellDone` after each cell.
    stop_requested
        Asked often; once true, the cells under way are given up and the partial table returned.
    executor
        Where cells run; in this process by default.
    device
        Where networks run.
    reuse
        Folders of other studies, whose cells are taken over where they are this study's too.

    Raises
    ------
    ValueError
        Before the first cell: if anything is missing or impossible, or the folder is of another
        study, in use or not writable, or one to reuse is not a study's. Later: if a cell fails,
        naming it.
    """
    progress(0.0, "reading scans and networks")
    cells = cells_of(spec, device, progress)
    runner = executor or InProcess()
    with locked(folder):
        write_plan(folder, plan_document(spec.name, cells, source_name(spec.native)), to_toml(spec))
        store = Store(folder, cells)
        for other in reuse:
            n_adopted = store.adopt(other)
            progress(store.n_done / len(cells), f"{n_adopted} cells taken over from {other}")
        missing = store.missing()
        require_space(folder, checkpoint_bytes(missing))
        runner.prepare(missing)
        _run_missing(store, missing, runner, len(cells), progress, publish, stop_requested)
        return StudyTable(store.rows, store.n_done, len(cells))


def _run_missing(
    store: Store,
    missing: tuple[Cell, ...],
    runner: Executor,
    n_cells: int,
    progress: Progress,
    publish: Callable[[CellDone], None],
    stop_requested: Callable[[], bool],
) -> None:
    if not missing:
        return
    by_key = {cell.key: cell for cell in missing}
    clock = Clock(missing)
    done_before = store.n_done

    def overall(fraction: float, message: str = "") -> None:
        progress((done_before + fraction * len(missing)) / n_cells, message)

    for result in runner.run(missing, overall, stop_requested):
        store.add(result)
        cell = by_key[result.key]
        left = clock.seconds_left(cell)
        publish(CellDone(cell, result.rows, store.n_done, n_cells, left))


class Clock:
    """How long a study still takes, from the time of the cells done."""

    def __init__(self, cells: tuple[Cell, ...]) -> None:
        self._left = sum(map(cost, cells))
        self._done = 0.0
        self._start = time.monotonic()

    def seconds_left(self, cell: Cell) -> float:
        """Estimate after one more cell; NaN before anything is known."""
        self._done += cost(cell)
        self._left -= cost(cell)
        if self._done == 0:
            return math.nan
        return (time.monotonic() - self._start) * self._left / self._done


SCORED_SLICES = 25
"""Slices that a cell scores, as a rule."""

STEP_PASSES = 3
"""A step goes forward and backward through a network; backward takes twice as long."""

SIDE = 256
"""Of a slice, as a rule."""

BASELINE_PASSES = 600
"""What the tuning of a baseline takes, in passes through a network."""


def cost(cell: Cell) -> float:
    """Rough cost of a cell in passes through a network; only ratios of costs mean anything."""
    if not cell.n_images:
        return SCORED_SLICES
    if cell.kind == "baseline":
        return SCORED_SLICES + BASELINE_PASSES
    settings = cell.tuning
    is_whole = not settings.crop or settings.supervision == SELF
    share = 1.0 if is_whole else settings.batch * (settings.crop / SIDE) ** 2
    steps = settings.n_steps(cell.n_images) * STEP_PASSES * share
    return SCORED_SLICES + steps + settings.validation_rounds * settings.n_validation


def load_study(folder: Path) -> tuple[str, str, StudyTable]:
    """Name, native source and table of a study's folder, whole or not.

    Raises
    ------
    ValueError
        If it is no study's folder, or damaged.
    """
    plan = read_plan(folder)
    path = folder / TABLE_NAME
    rows = read_rows(path) if path.exists() else ()
    known = set(plan["cells"])
    rows = tuple(row for row in rows if row.cell in known)
    return plan["name"], plan["native"], StudyTable(rows, len({r.cell for r in rows}), len(known))
