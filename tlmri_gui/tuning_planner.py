"""The plan of a fine-tuning: from which network, by which recipe, on which slices."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import replace
from functools import partial
from typing import Any

from PyQt6.QtCore import QObject

from core.people import same_person
from core.training.settings import FULL, SELF
from core.types import Scan
from tlmri_gui.core_access import CoreAccess
from tlmri_gui.jobs import Failure, Job, JobRunner
from tlmri_gui.session import Session
from tlmri_gui.state import ScanImages

PLANNING = "planning"


class TuningPlanner(QObject):
    """Keeps the session's plan of a fine-tuning complete: the user's choices, and proposals."""

    def __init__(self, session: Session, jobs: JobRunner, core: CoreAccess) -> None:
        super().__init__()
        self._session = session
        self._jobs = jobs
        self._core = core
        self._is_by_hand = False
        self._set_aside = False  # full supervision, for scans that cannot give it
        session.catalogue_changed.connect(self._complete_plan)
        session.scan_replaced.connect(self._follow_replaced)
        session.scans_changed.connect(self._follow_scans)

    def set_source(self, source: str) -> None:
        """Start from this network."""
        self._session.set_plan(replace(self._session.plan, source=source))

    def set_settings(self, settings: Any) -> None:  # noqa: ANN401 - TuneSettings
        """Take this recipe; images are chosen anew if their number or seed changed."""
        old = self._session.plan.settings
        if old is None or old.supervision != settings.supervision:
            self._set_aside = False
        self._session.set_plan(replace(self._session.plan, settings=settings))
        what = ("n_images", "n_validation", "seed")
        if old is None or any(getattr(old, name) != getattr(settings, name) for name in what):
            self._choose_images()

    def set_preset(self, name: str) -> None:
        """Take a named recipe."""
        self.set_settings(self._session.catalogue.presets[name])

    def set_scans(self, scans: tuple[Scan, ...]) -> None:
        """Tune on slices of these scans, whichever others are opened."""
        self._is_by_hand = True
        self._plan_scans(scans)

    def set_images(self, images: ScanImages) -> None:
        """Take the slices of one scan as the user wrote them."""
        self._is_by_hand = True
        planned = self._session.plan.images
        self._take_images(tuple(images if e.scan is images.scan else e for e in planned))

    def _complete_plan(self) -> None:
        """Fill in what the catalogue now offers."""
        session, plan = self._session, self._session.plan
        names = [offer.name for offer in session.catalogue.networks]
        source = plan.source if plan.source in names else next(iter(names), "")
        settings = plan.settings or next(iter(session.catalogue.presets.values()), None)
        was_incomplete = plan.settings is None
        session.set_plan(replace(plan, source=source, settings=settings))
        if was_incomplete and settings is not None:
            self._fit_supervision(entry.scan for entry in session.plan.images)
            self._choose_images()

    def _follow_replaced(self, scan: Scan, found: Scan) -> None:
        """Keep the slices of a scan for another form of it."""
        session, planned = self._session, self._session.plan.images
        if scan not in [entry.scan for entry in planned]:
            return
        images = tuple(replace(e, scan=found) if e.scan is scan else e for e in planned)
        session.set_plan(replace(session.plan, images=images))
        if self._jobs.is_busy(PLANNING):
            self._choose_images()  # what is being chosen is of the scan that is gone

    def _follow_scans(self) -> None:
        """Keep what was chosen by hand, or propose anew where none of it is open any more."""
        session, planned = self._session, self._session.plan.images
        still_open = tuple(entry for entry in planned if entry.scan in session.scans)
        self._is_by_hand = self._is_by_hand and (bool(still_open) or not planned)
        if self._is_by_hand:
            if len(still_open) < len(planned):
                self._take_images(still_open)
            return
        wished = _proposed(session.scans, session.scan)
        if [entry.scan for entry in planned] != list(wished):
            self._plan_scans(wished)

    def _plan_scans(self, scans: tuple[Scan, ...]) -> None:
        self._take_images(tuple(ScanImages(scan) for scan in scans))
        self._fit_supervision(scans)
        self._choose_images()

    def _fit_supervision(self, scans: Iterable[Scan]) -> None:
        """Propose self-supervision for scans that were acquired undersampled, and only for them."""
        plan = self._session.plan
        only_self = any(scan.sampled is not None for scan in scans)
        if plan.settings is None or only_self == self._set_aside:
            return
        if only_self and plan.settings.supervision == SELF:
            return
        self._set_aside = only_self
        settings = replace(plan.settings, supervision=SELF if only_self else FULL)
        self._session.set_plan(replace(plan, settings=settings))

    def _choose_images(self) -> None:
        plan = self._session.plan
        self._jobs.cancel(PLANNING)
        if plan.images and plan.settings is not None:
            scans = tuple(entry.scan for entry in plan.images)
            work = partial(self._core.choose_images, scans, plan)
            job = Job("Choosing slices", work, self._take_images, self._no_images, PLANNING)
            self._jobs.submit(job)

    def _take_images(self, images: tuple[ScanImages, ...]) -> None:
        self._session.set_plan(replace(self._session.plan, images=images, problem=""))

    def _no_images(self, failure: Failure) -> None:
        plan = self._session.plan
        images = tuple(ScanImages(entry.scan) for entry in plan.images)
        self._session.set_plan(replace(plan, images=images, problem=failure.message))


def _proposed(scans: tuple[Scan, ...], shown: Scan | None) -> tuple[Scan, ...]:
    """Scans of other people than on show, or else other scans, or else it; no phantom if it can be.

    What is tuned on a person gets no score on that person.
    """
    candidates = tuple(scan for scan in scans if scan.path is not None) or scans
    if shown is None:
        return candidates
    others = tuple(scan for scan in candidates if scan is not shown)
    of_others = tuple(scan for scan in others if not same_person(scan, shown))
    return of_others or others or candidates
