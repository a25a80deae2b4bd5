"""Fingerprinting: series are simulated or opened, mapped method by method, and saved."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING, Any

from PyQt6.QtCore import QObject

from tlmri_gui.fingerprint_core import FingerprintAccess, command_line
from tlmri_gui.fingerprint_state import (
    DICTIONARY,
    FigureLook,
    FingerprintMethod,
    FingerprintPlan,
    FingerprintRun,
    MapOutcome,
    VoxelView,
)
from tlmri_gui.fingerprint_voxel import VoxelController
from tlmri_gui.jobs import Failure, Job, JobRunner, Work
from tlmri_gui.models.fingerprint_text import map_problem
from tlmri_gui.session import Session

if TYPE_CHECKING:
    from core.fingerprinting.series import Mapped, Series

    Found = tuple[Mapped, ...]

MAPPING = "mapping"
SERIES = "fingerprint series"
"""Groups of the jobs."""

GIVEN_UP = "The mapping was given up for another series"
NOTHING_MAPPED = "there are no maps yet: map a series on the Fingerprinting page first"


class FingerprintController(QObject):
    """Keeps the series on show, and its maps.

    Attributes
    ----------
    voxel
        The controller of the voxel that is looked at.
    """

    def __init__(self, session: Session, jobs: JobRunner, core: FingerprintAccess) -> None:
        super().__init__()
        self._session = session
        self._jobs = jobs
        self._core = core
        self.voxel = VoxelController(session, jobs, core)

    def load(self) -> None:
        """Read which methods and settings there are."""
        self._jobs.submit(Job("Fingerprinting", self._core.plan, self._take_plan, self._not_loaded))

    def _not_loaded(self, failure: Failure) -> None:
        self._session.set_load_failed()
        self._say(failure)

    def _take_plan(self, plan: FingerprintPlan) -> None:
        self._session.set_fingerprint_plan(plan)
        self._offer_beside(self._session.fingerprint.series)

    def _offer_beside(self, series: Series | None) -> None:
        """Let only those methods be used that can map this series."""
        methods = self._session.fingerprint_plan.methods
        self._plan(methods=tuple(method.beside(series) for method in methods))

    # the plan ----------------------------------------------------------------------------------

    def set_simulation(self, settings: Any) -> None:  # noqa: ANN401 - SimulateSettings
        """Simulate the next series with these settings."""
        self._plan(simulation=settings)

    def set_checked(self, name: str, checked: bool) -> None:
        """Choose a method, or no longer."""
        before = self._session.fingerprint_plan.checked
        self._plan(checked=before | {name} if checked else before - {name})
        self.voxel.update()

    def set_atoms(self, n_atoms: int) -> None:
        """Match against a dictionary of this size."""
        self._plan(n_atoms=n_atoms)

    def add_network(self, path: Path) -> None:
        """Offer a network of the user's, and choose it."""
        work = partial(self._core.network, path)
        self._jobs.submit(Job(f"Reading {path.name}", work, self._take_network, self._say))

    def _take_network(self, method: FingerprintMethod) -> None:
        plan = self._session.fingerprint_plan
        others = tuple(m for m in plan.methods if m.name != method.name)
        run = self._session.fingerprint
        self._run(  # the file may have been written anew: its maps are of what it was
            outcomes={n: o for n, o in run.outcomes.items() if n != method.name},
            pending=tuple(name for name in run.pending if name != method.name),
        )
        method = method.beside(run.series)
        self._plan(methods=(*others, method), checked=plan.checked | {method.name})
        self._dismiss_error()
        self.voxel.update()

    def _plan(self, **changes: Any) -> None:  # noqa: ANN401 - fields of the plan
        self._session.set_fingerprint_plan(replace(self._session.fingerprint_plan, **changes))

    # the series --------------------------------------------------------------------------------

    def simulate(self) -> None:
        """Simulate a series as planned."""
        self._simulate(lambda: None)

    def demo(self) -> None:
        """Simulate a series as planned, and map it."""
        self._simulate(self.map)

    def _simulate(self, then: Callable[[], None]) -> None:
        settings = self._session.fingerprint_plan.simulation
        if settings is None:
            return

        def take(series: Series) -> None:
            self._show(series, settings)
            then()

        self._give_up_mapping()
        self._get("Simulating a series", partial(self._core.simulate, settings), take)

    def open(self, path: Path) -> None:
        """Read a series; the one on show stays if it cannot be read."""
        self._get(f"Opening {path.name}", partial(self._core.open, path), self._show)

    def _get(self, title: str, work: Work, take: Callable[[Series], None]) -> None:
        self._jobs.cancel(SERIES)
        self._run(busy=f"{title}…")
        self._jobs.submit(Job(title, work, take, self._no_series, SERIES))

    def _show(self, series: Series, simulation: Any = None) -> None:  # noqa: ANN401
        self._dismiss_error()
        self._give_up_mapping()
        self._offer_beside(series)
        run = FingerprintRun(series, series.shape[0] // 2, simulation=simulation)
        self._session.set_fingerprint(run)
        self._session.set_voxel(VoxelView())

    def _give_up_mapping(self) -> None:
        """For another series, and say so if maps were still to come."""
        if self._session.fingerprint.pending:
            self._stop_mapping()
            self._session.post(GIVEN_UP)

    def _dismiss_error(self) -> None:
        """Say no more of what went wrong before something went right."""
        message = self._session.message
        if message is not None and message.is_error:
            self._session.dismiss_message()

    def _no_series(self, failure: Failure) -> None:
        self._run(busy="")
        self._say(failure)

    def show_slice(self, index: int) -> None:
        """Show another slice, the nearest there is."""
        run = self._session.fingerprint
        if run.series is None:
            return
        index = min(max(index, 0), run.series.shape[0] - 1)
        if index != run.slice_index:
            self._run(slice_index=index)
            self._session.set_voxel(VoxelView())

    def step_slice(self, step: int) -> None:
        """Show the slice so many further on."""
        self.show_slice(self._session.fingerprint.slice_index + step)

    # mapping -----------------------------------------------------------------------------------

    def map(self) -> None:
        """Map the series by every chosen method that has not; by all of them if all have."""
        session, plan = self._session, self._session.fingerprint_plan
        series = session.fingerprint.series
        problem = map_problem(session)
        if problem or series is None:
            session.post(problem, is_error=True)
            return
        session.dismiss_message()
        self._stop_mapping()
        names = [method.name for method in plan.chosen]
        missing = [name for name in names if not self._is_mapped(name)] or names
        kept = {n: o for n, o in session.fingerprint.outcomes.items() if n not in missing}
        self._run(pending=tuple(missing), outcomes=kept)
        for method in plan.chosen:
            if method.name in missing:
                self._submit(series, method, plan.n_atoms)

    def _submit(self, series: Series, method: FingerprintMethod, n_atoms: int) -> None:
        work = partial(self._core.map, series, method.name, n_atoms, self._session.device)

        def fail(failure: Failure) -> None:
            text = f"{method.label}: {failure.message}"
            self._session.post(text, failure.details, is_error=True)
            self._take_outcome(series, method.name, MapOutcome(error=failure.message))

        take = partial(self._take_outcome, series, method.name)
        self._jobs.submit(Job(f"Mapping by {method.label}", work, take, fail, MAPPING))

    def _is_mapped(self, name: str) -> bool:
        outcome = self._session.fingerprint.outcomes.get(name)
        if outcome is None or outcome.mapped is None:
            return False
        return name != DICTIONARY or outcome.n_atoms == self._session.fingerprint_plan.n_atoms

    def _take_outcome(self, series: Series, name: str, outcome: MapOutcome) -> None:
        run = self._session.fingerprint
        if run.series is not series or name not in run.pending:
            return
        pending = tuple(other for other in run.pending if other != name)
        self._run(pending=pending, outcomes={**run.outcomes, name: outcome})
        self.voxel.update()

    def cancel(self) -> None:
        """Give up what is simulated, opened or mapped; maps that are there stay."""
        self._jobs.cancel(SERIES)
        self._run(busy="")
        self._stop_mapping()

    def _stop_mapping(self) -> None:
        self._jobs.cancel(MAPPING)
        self._run(pending=())

    def _run(self, **changes: Any) -> None:  # noqa: ANN401 - fields of the run
        run = self._session.fingerprint
        if any(getattr(run, name) != value for name, value in changes.items()):
            self._session.set_fingerprint(replace(run, **changes))

    # what leaves the page ----------------------------------------------------------------------

    def save(self, folder: Path, look: FigureLook) -> None:
        """Write maps, scores and the figure into a folder."""

        def work(found: Found, index: int, command: str) -> Work:
            return partial(self._core.save, folder, found, index, command, look)

        self._write(folder, work)

    def export_figure(self, path: Path, look: FigureLook) -> None:
        """Write the figure of maps."""

        def work(found: Found, index: int, command: str) -> Work:
            return partial(self._core.write_figure, path, found, index, command, look)

        self._write(path, work)

    def export_scores(self, path: Path) -> None:
        """Write the scores as a table."""
        self._write(path, lambda found, *_: partial(self._core.write_scores, path, found))

    def _write(self, path: Path, work: Callable[[Found, int, str], Work]) -> None:
        """Write something of maps, slice and command, which ``work`` is made of."""
        session = self._session
        found = session.fingerprint.mapped(session.fingerprint_plan)
        if not found:
            session.post(f"Nothing was written: {NOTHING_MAPPED}", is_error=True)
            return
        writing = work(found, session.fingerprint.slice_index, self.command_line())
        done = partial(self._wrote, path)
        self._jobs.submit(Job(f"Writing {path.name}", writing, done, self._say))

    def _wrote(self, path: Path, _: object) -> None:
        self._session.post(f"Wrote {path}")

    def command_line(self) -> str:
        """The command that maps the series on show.

        Raises
        ------
        ValueError
            If there is none.
        """
        session = self._session
        return command_line(session.fingerprint, session.fingerprint_plan, session.device)

    def _say(self, failure: Failure) -> None:
        self._session.post(failure.message, failure.details, is_error=True)
