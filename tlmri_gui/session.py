"""The window's only mutable state. Setters store and announce; they compute nothing."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import replace
from typing import Any

from PyQt6.QtCore import QObject, pyqtSignal

from core.types import Mask, Scan
from tlmri_gui.fingerprint_state import FingerprintPlan, FingerprintRun, VoxelView
from tlmri_gui.profile_state import ProfileWish
from tlmri_gui.state import (
    Catalogue,
    Checkup,
    Means,
    Message,
    MethodOffer,
    OtherCoils,
    Outcome,
    Reference,
    Sampling,
    TuningPlan,
    TuningRun,
)
from tlmri_gui.study_state import EarlierStudy, StudyOffer, StudyPlan, StudyProgress, StudyRun
from tlmri_gui.view_state import Viewing

DEFAULT_METHODS = ("zf", "cs", "net:natural")


class Session(QObject):
    """What is open, what is wished for, and what has been computed.

    A new scan or sampling clears what lies downstream of it; nothing updates upstream. A signal is
    emitted only after a real change. ``scan_replaced`` says which scan of the list gave its place
    to which other form of it, before ``scans_changed``: what was chosen for the one is meant for
    the other.
    """

    catalogue_changed = pyqtSignal()
    scans_changed = pyqtSignal()
    scan_replaced = pyqtSignal(object, object)
    slice_changed = pyqtSignal()
    reference_changed = pyqtSignal()
    sampling_changed = pyqtSignal()
    mask_changed = pyqtSignal()
    methods_changed = pyqtSignal()
    options_changed = pyqtSignal()
    results_changed = pyqtSignal()
    viewing_changed = pyqtSignal()
    profile_changed = pyqtSignal()
    plan_changed = pyqtSignal()
    run_changed = pyqtSignal()
    study_plan_changed = pyqtSignal()
    study_changed = pyqtSignal()
    study_progress_changed = pyqtSignal()
    earlier_changed = pyqtSignal()
    fingerprint_plan_changed = pyqtSignal()
    fingerprint_changed = pyqtSignal()
    voxel_changed = pyqtSignal()
    drawing_changed = pyqtSignal()
    checkup_changed = pyqtSignal()
    message_changed = pyqtSignal()

    def __init__(self, parent: QObject | None = None) -> None:
        super().__init__(parent)
        self.catalogue = Catalogue()
        self.load_failed = False
        self.scans: tuple[Scan, ...] = ()
        self.other_coils: Mapping[Scan, OtherCoils] = {}
        self.scan: Scan | None = None
        self.slice_index = 0
        self.reference: Reference | None = None
        self.peak = 0.0
        self.sampling = Sampling("poisson")
        self.mask: Mask | None = None
        self.checked: frozenset[str] = frozenset(DEFAULT_METHODS)
        self.method_params: Mapping[str, Any] = {}
        self.definition = ""
        self.device = "auto"
        self.outcomes: Mapping[tuple[int, str], Outcome] = {}
        self.means: Means | None = None
        self.viewing = Viewing()
        self.profile = ProfileWish()
        self.plan = TuningPlan()
        self.run = TuningRun()
        self.study_offer = StudyOffer()
        self.study_plan = StudyPlan()
        self.study = StudyRun()
        self.study_progress = StudyProgress()
        self.earlier: tuple[EarlierStudy, ...] = ()
        self.fingerprint_plan = FingerprintPlan()
        self.fingerprint = FingerprintRun()
        self.voxel = VoxelView()
        self.drawing = ""
        self.checkup: Checkup | None = None
        self.message: Message | None = None

    # what the core offers ----------------------------------------------------------------------

    def set_catalogue(self, catalogue: Catalogue) -> None:
        """Offer these methods, patterns, definitions and devices."""
        self.catalogue = catalogue
        self.catalogue_changed.emit()

    def set_load_failed(self) -> None:
        """Say that what is not offered by now will not come."""
        self.load_failed = True
        self.catalogue_changed.emit()

    # scans -------------------------------------------------------------------------------------

    def add_scan(self, scan: Scan, show: bool = True) -> None:
        """Add a scan to the list, in place of one from the same file, and show it."""
        replaced = next((s for s in self.scans if s.path and s.path == scan.path), None)
        if replaced is None:
            self.scans = (*self.scans, scan)
        else:
            self.scans = tuple(scan if s is replaced else s for s in self.scans)
        self._forget_closed()
        if show or self.scan is replaced:
            self._show(scan)
        self.scans_changed.emit()

    def remove_scan(self, scan: Scan) -> None:
        """Take a scan off the list; its neighbour is shown if it was on show."""
        if scan not in self.scans:
            return
        position = self.scans.index(scan)
        self.scans = tuple(s for s in self.scans if s is not scan)
        self._forget_closed()
        if scan is self.scan:
            self._show(self.scans[min(position, len(self.scans) - 1)] if self.scans else None)
        self.scans_changed.emit()

    def show_scan(self, scan: Scan) -> None:
        """Show a scan of the list, at its middle slice."""
        if scan is not self.scan and scan in self.scans:
            self._show(scan)
            self.scans_changed.emit()

    def original(self, scan: Scan) -> Scan:
        """A scan of the list as it was opened."""
        seen = self.other_coils.get(scan)
        return scan if seen is None else seen.original

    def see_by(self, scan: Scan, found: Scan, seen: OtherCoils | None) -> None:
        """Put another form of a scan in its place, at the same slice.

        Parameters
        ----------
        scan
            Of the list; nothing happens if it has left it.
        found, seen
            What takes its place, and how that came about; None for the scan as it was opened.
        """
        if scan not in self.scans or found is scan:
            return
        self.scans = tuple(found if s is scan else s for s in self.scans)
        self._forget_closed()
        if seen is not None:
            self.other_coils = {**self.other_coils, found: seen}
        self.scan_replaced.emit(scan, found)
        if scan is self.scan:
            self._show(found, self.slice_index)
        self.scans_changed.emit()

    def _forget_closed(self) -> None:
        """What scans were that are no longer of the list, so that memory is given back."""
        self.other_coils = {s: o for s, o in self.other_coils.items() if s in self.scans}

    def set_drawing(self, text: str) -> None:
        """Say what the drawing of the demo scans is at; empty once it has ended."""
        if text != self.drawing:
            self.drawing = text
            self.drawing_changed.emit()

    def set_checkup(self, checkup: Checkup | None) -> None:
        """Put a file into the scan doctor's hands; None when it is done with."""
        if checkup is not self.checkup:
            self.checkup = checkup
            self.checkup_changed.emit()

    def _show(self, scan: Scan | None, slice_index: int | None = None) -> None:
        """A scan at a slice, or at its middle one."""
        self.scan = scan
        middle = scan.n_slices // 2 if scan else 0
        self.slice_index = middle if slice_index is None else slice_index
        self.peak = 0.0  # not known until the scan's first reference has come
        self._clear_reference()
        self.set_mask(None)
        self.slice_changed.emit()

    def set_slice(self, index: int) -> None:
        """Show another slice, the nearest there is; its earlier results are kept."""
        if self.scan is None:
            return
        index = min(max(index, 0), self.scan.n_slices - 1)
        if index != self.slice_index:
            self.slice_index = index
            self.outcomes = {key: self._kept(key[0], o) for key, o in self.outcomes.items()}
            self._clear_reference()
            self.slice_changed.emit()

    def set_reference(self, reference: Reference) -> None:
        """Show the fully sampled image; dropped if it is not of the slice on show."""
        if reference.scan is self.scan and reference.slice_index == self.slice_index:
            self.reference = reference
            self.peak = reference.volume_maximum
            self.reference_changed.emit()

    def _clear_reference(self) -> None:
        if self.reference is not None:
            self.reference = None
            self.reference_changed.emit()

    # sampling ----------------------------------------------------------------------------------

    def set_sampling(self, sampling: Sampling) -> None:
        """Wish for another mask, which clears the mask and all results."""
        if sampling != self.sampling:
            self.sampling = sampling
            self.set_mask(None)
            self.sampling_changed.emit()

    def set_mask(self, mask: Mask | None) -> None:
        """Take a mask; results under another one are dropped."""
        if mask is not self.mask:
            self.mask = mask
            self.mask_changed.emit()
            self.clear_results()

    # methods and options -----------------------------------------------------------------------

    def set_checked(self, name: str, checked: bool) -> None:
        """Choose a method, or no longer."""
        wished = self.checked | {name} if checked else self.checked - {name}
        if wished != self.checked:
            self.checked = wished
            self.set_means(None)
            self.methods_changed.emit()

    def set_method_params(self, name: str, params: Any) -> None:  # noqa: ANN401 - its dataclass
        """Take a method's settings; its results under others are dropped."""
        if self.method_params.get(name) != params:
            self.method_params = {**self.method_params, name: params}
            self.clear_results(name)
            self.methods_changed.emit()

    def set_definition(self, definition: str) -> None:
        """Score under another definition."""
        if definition != self.definition:
            self.definition = definition
            self.options_changed.emit()

    def set_device(self, device: str) -> None:
        """Run networks elsewhere."""
        if device != self.device:
            self.device = device
            self.options_changed.emit()

    def chosen(self) -> tuple[str, ...]:
        """Names of the checked methods that can be used, in the order of the list."""
        offers = self.catalogue.methods
        return tuple(m.name for m in offers if m.name in self.checked and not self.unusable(m))

    def unusable(self, offer: MethodOffer) -> str:
        """Why a method cannot be used on the scan on show; empty if it can."""
        if offer.unavailable or self.scan is None or self.scan.n_coils >= offer.min_coils:
            return offer.unavailable
        return f"needs at least {offer.min_coils} receive coils; this scan has {self.scan.n_coils}"

    # results -----------------------------------------------------------------------------------

    def outcome(self, method: str) -> Outcome | None:
        """What a method gave for the slice on show, if it has run."""
        return self.outcomes.get((self.slice_index, method))

    def is_missing(self, method: str) -> bool:
        """Whether a method has to run for what is on show of the slice."""
        outcome = self.outcome(method)
        if outcome is None:
            return True
        needs_more = self.viewing.needs_coil_images and outcome.comparison is not None
        return needs_more and outcome.coil_images is None

    def _kept(self, slice_index: int, outcome: Outcome) -> Outcome:
        """An outcome without what is kept of the slice on show only."""
        if outcome.coil_images is None or slice_index == self.slice_index:
            return outcome
        return replace(outcome, coil_images=None)

    def add_outcome(self, mask: Mask, slice_index: int, method: str, outcome: Outcome) -> None:
        """Keep what a method gave; dropped if made under a mask that is no longer the session's."""
        if mask is self.mask:
            kept = self._kept(slice_index, outcome)
            self.outcomes = {**self.outcomes, (slice_index, method): kept}
            self.results_changed.emit()

    def replace_outcomes(self, outcomes: Mapping[tuple[int, str], Outcome]) -> None:
        """Put rescored results in place of those that are still there."""
        self.outcomes = {key: outcomes.get(key, old) for key, old in self.outcomes.items()}
        self.results_changed.emit()

    def clear_results(self, *methods: str) -> None:
        """Drop the results of these methods (of all if none is named)."""
        kept = {k: v for k, v in self.outcomes.items() if methods and k[1] not in methods}
        if len(kept) != len(self.outcomes):
            self.outcomes = kept
            self.means = None
            self.results_changed.emit()

    def set_means(self, means: Means | None) -> None:
        """Take the means of the results; they are dropped with any of those."""
        if means is not self.means:
            self.means = means
            self.results_changed.emit()

    def set_viewing(self, viewing: Viewing) -> None:
        """Say how the slice is looked at, and what has been drawn of it."""
        self.viewing = viewing
        self.viewing_changed.emit()

    def set_profile(self, profile: ProfileWish) -> None:
        """Say whether the line profile is shown, and along which line."""
        if profile != self.profile:
            self.profile = profile
            self.profile_changed.emit()

    def comparisons(self, slices: Iterable[int] | None = None) -> list[Any]:
        """Comparisons of these slices (all if None), by slice, in the order of the methods."""
        order = {name: i for i, name in enumerate(self.chosen())}
        wanted = None if slices is None else set(slices)
        found = [
            (slice_index, order[method], outcome.comparison)
            for (slice_index, method), outcome in self.outcomes.items()
            if method in order
            and outcome.comparison is not None
            and (wanted is None or slice_index in wanted)
        ]
        return [comparison for _, _, comparison in sorted(found, key=lambda item: item[:2])]

    # fine-tuning -------------------------------------------------------------------------------

    def set_plan(self, plan: TuningPlan) -> None:
        """Plan the next fine-tuning."""
        self.plan = plan
        self.plan_changed.emit()

    def set_run(self, run: TuningRun) -> None:
        """Say where fine-tuning stands."""
        self.run = run
        self.run_changed.emit()

    # studies -----------------------------------------------------------------------------------

    def set_study_offer(self, offer: StudyOffer, plan: StudyPlan) -> None:
        """Say what a study can be made of, and plan one of that."""
        self.study_offer, self.study_plan = offer, plan
        self.study_plan_changed.emit()

    def set_study_plan(self, plan: StudyPlan) -> None:
        """Plan the next study."""
        if plan != self.study_plan:
            self.study_plan = plan
            self.study_plan_changed.emit()

    def set_study(self, study: StudyRun) -> None:
        """Say where a study stands and what has come of it."""
        if study != self.study:
            self.study = study
            self.study_changed.emit()

    def set_study_progress(self, progress: StudyProgress) -> None:
        """Say what the study's child process does now."""
        self.study_progress = progress
        self.study_progress_changed.emit()

    def set_earlier(self, studies: tuple[EarlierStudy, ...]) -> None:
        """Offer studies made earlier."""
        if studies != self.earlier:
            self.earlier = studies
            self.earlier_changed.emit()

    # fingerprinting ----------------------------------------------------------------------------

    def set_fingerprint_plan(self, plan: FingerprintPlan) -> None:
        """Plan the next series, and by which methods one is mapped."""
        if plan != self.fingerprint_plan:
            self.fingerprint_plan = plan
            self.fingerprint_plan_changed.emit()

    def set_fingerprint(self, run: FingerprintRun) -> None:
        """Say which series is on show and what has come of it."""
        if run is not self.fingerprint:
            self.fingerprint = run
            self.fingerprint_changed.emit()

    def set_voxel(self, voxel: VoxelView) -> None:
        """Say which voxel's signal is looked at."""
        if voxel is not self.voxel:
            self.voxel = voxel
            self.voxel_changed.emit()

    # messages ----------------------------------------------------------------------------------

    def post(
        self, text: str, details: str = "", is_error: bool = False, is_notice: bool = False
    ) -> None:
        """Show a line in the message bar."""
        self.message = Message(text, details, is_error, is_notice)
        self.message_changed.emit()

    def dismiss_message(self) -> None:
        """Take the line away."""
        if self.message is not None:
            self.message = None
            self.message_changed.emit()
