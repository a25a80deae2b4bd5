"""The whole window's intents: opening scans, exporting, options, start and end."""

from __future__ import annotations

from collections.abc import Sequence
from functools import partial
from pathlib import Path
from typing import Any

from PyQt6.QtCore import QObject

from core.types import Scan
from tlmri_gui import export
from tlmri_gui.all_slices_controller import AllSlicesController
from tlmri_gui.compare_controller import CompareController
from tlmri_gui.conversation import Conversation, Replies
from tlmri_gui.core_access import CoreAccess
from tlmri_gui.doctor_controller import DoctorController
from tlmri_gui.finetune_controller import FinetuneController
from tlmri_gui.fingerprint_controller import FingerprintController
from tlmri_gui.installation_controller import InstallationController
from tlmri_gui.jobs import Failure, Job, JobRunner, Status
from tlmri_gui.models.coil_offers import AS_OPENED, shown_coils
from tlmri_gui.models.stage import StageState
from tlmri_gui.profile_controller import ProfileController
from tlmri_gui.session import Session
from tlmri_gui.state import Catalogue, Checkup, OtherCoils
from tlmri_gui.study_controller import StudyController
from tlmri_gui.view_controller import ViewController

N_OTHER_DEMO_SCANS = 1
OPENING = "opening"


class Controller(QObject):
    """Starts the core, opens scans and exports; the rest is done by its parts.

    Attributes
    ----------
    views, profile, compare, all_slices, finetune, study, fingerprint, doctor, installation
        The controllers of the way a slice is looked at, of the line profile, of the comparison, of
        the whole scan, of fine-tuning, of studies, of fingerprinting, of the scan doctor and of the
        check of this installation.
    """

    def __init__(self, session: Session, jobs: JobRunner, core: CoreAccess) -> None:
        super().__init__()
        self._session = session
        self._jobs = jobs
        self._core = core
        self._demo = Conversation(
            jobs,
            Status("Demo scan"),
            Replies(
                succeeded=lambda _: session.set_drawing(""),
                was_cancelled=lambda: session.set_drawing(""),
                failed=self._demo_failed,
                progressed=lambda _, message: session.set_drawing(f"Demo scans: {message}…"),
                published=self._take_drawn,
            ),
        )
        self._demo_scan: Scan | None = None
        self._is_started = False
        self._given_early: list[Path] = []
        self._n_drawn = 0
        self.views = ViewController(session, jobs, core)
        self.profile = ProfileController(session)
        self.compare = CompareController(session, jobs, core)
        self.all_slices = AllSlicesController(session, jobs, core, self.compare)
        self.finetune = FinetuneController(session, jobs, core)
        self.study = StudyController(session, jobs, core.studies)
        self.fingerprint = FingerprintController(session, jobs, core.fingerprints)
        self.doctor = DoctorController(session, jobs, core.doctor)
        self.installation = InstallationController(jobs)
        self.doctor.answered.connect(lambda path: self.open_files([path]))
        self.study.planner.demo_scans_wanted.connect(self.draw_demo)
        self.study.network_kept.connect(lambda _: self.finetune.refresh_methods())

    def start(self, files: Sequence[Path] = ()) -> None:
        """Load the core, then open these files and those given by now, or else the demo scan."""
        load = Job("Starting", self._core.catalogue, self._take_catalogue, self._not_loaded)
        self._jobs.submit(load)
        self._is_started = True
        wanted = [*files, *self._given_early]
        if wanted:
            self.open_files(wanted)
        else:
            self.open_demo()

    def _take_catalogue(self, catalogue: Catalogue) -> None:
        session = self._session
        names = [choice.name for choice in catalogue.definitions]
        if session.definition not in names:
            session.set_definition(self._core.default_definition())
        if session.device not in [choice.name for choice in catalogue.devices]:
            session.set_device("auto")
        session.set_catalogue(catalogue)
        self.finetune.offer_unfinished()
        self.study.load()
        self.fingerprint.load()

    def _not_loaded(self, failure: Failure) -> None:
        self._session.set_load_failed()
        self._failed(failure)

    # scans -------------------------------------------------------------------------------------

    def open_files(self, files: Sequence[Path]) -> None:
        """Open files one after the other; each that cannot be read says why."""
        for path in files:
            work = partial(self._core.load_scan, path)
            job = Job(f"Opening {path.name}", work, self._take_scan, self._failed, OPENING)
            self._jobs.submit(job)

    def take_given(self, path: Path) -> None:
        """Open a file that the desktop gives, as macOS does after the start, and not the demo.

        A demo of which nothing is to be seen yet is given up.
        """
        if not self._is_started:
            self._given_early.append(path)
            return
        if self._demo.is_open and not self._session.scans:
            self._demo.cancel_at_once()
        self.open_files([path])

    def open_demo(self) -> None:
        """Show the digital brain; if it is not open, draw it, and another one to tune on."""
        drawn = [scan for scan in self._session.scans if scan.path is None]
        if drawn:
            self._session.show_scan(drawn[0])
        else:
            self.draw_demo()

    def draw_demo(self) -> None:
        """Draw the digital brains that are not open."""
        if not self._demo.is_open:
            self._n_drawn = 0
            self._session.set_drawing("Demo scans: starting to draw…")
            self._demo.start(self._core.demo(), N_OTHER_DEMO_SCANS)

    def suffixes(self) -> tuple[str, ...]:
        """Endings of the files that can be opened."""
        return self._core.suffixes()

    def close_scan(self, scan: Scan) -> None:
        """Take a scan off the list."""
        self._session.remove_scan(scan)

    def see_by(self, name: str) -> None:
        """See the scan on show by coils of this form, or as it was opened for the empty name.

        The latest wish counts: what is still computed for an earlier one of this scan is given up.
        """
        session, scan = self._session, self._session.scan
        self.study.planner.take_coils_on_show()
        if scan is None:
            return
        original = session.original(scan)
        group = _coils_of(original)
        self._jobs.cancel(group)
        if name == shown_coils(session):
            return
        if name == AS_OPENED:
            session.see_by(scan, original, None)
            return
        form = next(entry for entry in session.catalogue.coil_forms if entry.name == name)

        def take(found: Scan) -> None:
            session.see_by(scan, found, OtherCoils(original, form))

        work = partial(self._core.see_by, form, original)
        self._jobs.submit(Job(form.label, work, take, self._failed, group))

    def examine_shown(self) -> None:
        """Show how the file of the scan on show is read, to be corrected."""
        scan = self._session.scan
        if scan is None or scan.path is None:
            self._session.post("Only a scan that was read from a file can be examined")
        else:
            self.doctor.examine(scan.path)

    def _take_scan(self, found: Scan | Checkup) -> None:
        if isinstance(found, Checkup):
            self.doctor.take(found)
        else:
            self._session.add_scan(found)

    def _demo_failed(self, failure: Failure) -> None:
        self._session.set_drawing("")
        self._session.post(f"Demo scan: {failure.message}", failure.details, is_error=True)

    def _take_drawn(self, scan: Scan) -> None:
        self._n_drawn += 1
        drawn = [other for other in self._session.scans if other.path is None]
        if scan.name in [other.name for other in drawn]:
            return
        if self._n_drawn == 1:
            self._demo_scan = scan
        self._session.add_scan(scan, show=not drawn)

    # options and exports -----------------------------------------------------------------------

    def export_figure(self, path: Path, window: tuple[float, float], error_factor: float) -> None:
        """Write the comparison on show as PNG, PDF or SVG."""
        comparisons = self._session.comparisons([self._session.slice_index])
        work = partial(
            export.write_figure, path, comparisons, window, error_factor, self._provenance()
        )
        self._export(path, work)

    def export_view(self, path: Path, state: StageState) -> None:
        """Write the view on show, another than magnitude, as PNG, PDF or SVG."""
        session = self._session
        assert session.scan is not None
        work = partial(
            export.write_view,
            path,
            state,
            session.slice_index,
            session.mask,
            session.scan,
            self._provenance(),
        )
        self._export(path, work)

    def export_profile(self, path: Path) -> None:
        """Write the line profile on show as PNG, PDF, SVG, or as CSV."""
        session = self._session
        if session.scan is None:
            session.post("There is no line profile to export yet", is_error=True)
            return
        line = session.profile.line_in(session.scan.slice_shape)
        comparisons = session.comparisons([session.slice_index])
        work = partial(export.write_profile, path, comparisons, line, self._provenance())
        self._export(path, work)

    def export_table(self, path: Path) -> None:
        """Write the scores as CSV or JSON: of the slices averaged, or else of all there are."""
        session = self._session
        means = session.means
        comparisons = session.comparisons(means.slices if means else None)
        n_slices = len({comparison.recon.source.slice_index for comparison in comparisons})
        of_all = f" of {session.scan.n_slices}" if session.scan else ""
        coverage = f": {n_slices}{of_all} slices" + ("" if means else ", those computed so far")
        work = partial(
            export.write_table,
            path,
            comparisons,
            means,
            session.definition,
            self._provenance(),
        )
        self._export(path, work, coverage)

    def _export(self, path: Path, work: Any, coverage: str = "") -> None:  # noqa: ANN401 - Work
        def done(_: object) -> None:
            self._session.post(f"Wrote {path}{coverage}")

        self._jobs.submit(Job(f"Writing {path.name}", work, done, self._failed))

    def command_line(self) -> str:
        """The command that computes what is on show.

        Raises
        ------
        ValueError
            If there is none.
        """
        return export.command_line(self._session, self._demo_scan)

    def _provenance(self) -> str:
        """The command that makes an exported file again, or why there is none."""
        try:
            return self.command_line()
        except ValueError as error:
            return f"none: {error}"

    def cancel(self) -> None:
        """Give up everything under way but fine-tuning, which has buttons of its own."""
        self._jobs.cancel(OPENING)
        for scan in self._session.scans:
            self._jobs.cancel(_coils_of(self._session.original(scan)))
        self._demo.cancel_at_once()
        self.compare.cancel()
        self.all_slices.cancel()
        self.fingerprint.cancel()

    def close(self) -> None:
        """End all work; nothing is delivered any more."""
        self._jobs.close()

    def _failed(self, failure: Failure) -> None:
        self._session.post(failure.message, failure.details, is_error=True)


def _coils_of(original: Scan) -> str:
    """Group of the jobs that see a scan by other coils."""
    return f"coils of {id(original)}"
