"""The plan of a study: what it can be made of, which scans serve for what, the demo's plan."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace

from PyQt6.QtCore import QObject, pyqtSignal

from core.types import Scan
from tlmri_gui.models.study_plan import (
    counts_problem,
    parse_counts,
    proposed_native,
    proposed_roles,
    with_role,
)
from tlmri_gui.session import Session
from tlmri_gui.study_state import Role, StudyOffer, StudyPlan, StudyScan

DEMO_ACCELERATION = 4.0
DEMO_COUNTS = "0, 1, 5"
DEMO_SLICES = 6
N_DEMO_SCANS = 2
_DEFAULT_IMAGES = 10


class StudyPlanner(QObject):
    """Keeps the session's plan of a study complete: what the user chose, and proposals beside it.

    Signals
    -------
    demo_scans_wanted
        A study of the demo scans was asked for, and they are not open.
    """

    demo_scans_wanted = pyqtSignal()

    def __init__(self, session: Session) -> None:
        super().__init__()
        self._session = session
        self._are_roles_by_hand = False
        self._is_native_by_hand = False
        self._is_demo = False
        session.scan_replaced.connect(self._follow_replaced)
        session.scans_changed.connect(self._follow_scans)

    def take_offer(self, offer: StudyOffer) -> None:
        """Plan with what a study can be made of."""
        plan = _of_what_is_offered(self._session.study_plan, offer)
        self._session.set_study_offer(offer, self._with_native(plan, offer))

    def set_plan(self, plan: StudyPlan) -> None:
        """Take the plan as the user edited it."""
        if plan.native != self._session.study_plan.native:
            self._is_native_by_hand = True
        self._session.set_study_plan(plan)

    def set_role(self, scan: Scan, role: Role) -> None:
        """Give a scan a role, whichever others are opened."""
        self._are_roles_by_hand = True
        self._is_demo = False
        self._session.set_study_plan(
            self._with_native(with_role(self._session.study_plan, scan, role))
        )

    def adopt(self, plan: StudyPlan) -> None:
        """Take what a study was made of, unless other scans were opened meanwhile."""
        scans = [entry.scan for entry in plan.scans]
        if scans == list(self._session.scans):
            self._are_roles_by_hand = self._is_native_by_hand = True
            self._session.set_study_plan(_of_what_is_offered(plan, self._session.study_offer))

    def take_coils_on_show(self) -> None:
        """See scans by the coils that are chosen in the window, not by an earlier study's."""
        self._session.set_study_plan(replace(self._session.study_plan, coils=0))

    def plan_demo(self) -> None:
        """Plan a study of digital brains that takes a few minutes."""
        session = self._session
        self._are_roles_by_hand = self._is_native_by_hand = False
        self._is_demo = True
        plan = replace(
            session.study_plan,
            sources=session.study_plan.sources[:1],
            accelerations=(DEMO_ACCELERATION,),
            counts_text=DEMO_COUNTS,
            slices_per_scan=DEMO_SLICES,
            n_seeds=1,
            baselines=session.study_plan.baselines[:1],
            coils=0,
        )
        session.set_study_plan(plan)
        self._follow_scans()
        if len(_drawn(session.scans)) < N_DEMO_SCANS:
            self.demo_scans_wanted.emit()

    def _follow_replaced(self, scan: Scan, found: Scan) -> None:
        """Keep the role of a scan for another form of it."""
        session, plan = self._session, self._session.study_plan
        scans = tuple(replace(e, scan=found) if e.scan is scan else e for e in plan.scans)
        session.set_study_plan(replace(plan, scans=scans))

    def _follow_scans(self) -> None:
        """Keep the roles given by hand, or propose anew."""
        session, plan = self._session, self._session.study_plan
        are_kept = self._are_roles_by_hand and any(s.scan in session.scans for s in plan.scans)
        if are_kept or session.study.phase.is_active:
            known = {entry.scan: entry for entry in plan.scans}
        else:
            self._are_roles_by_hand = False
            plan = replace(plan, coils=0)
            candidates = _drawn(session.scans) if self._is_demo else session.scans
            proposed = proposed_roles(candidates, session.scan, _most_images(plan))
            known = {entry.scan: entry for entry in proposed}
        scans = tuple(known.get(scan, StudyScan(scan)) for scan in session.scans)
        session.set_study_plan(self._with_native(replace(plan, scans=scans)))

    def _with_native(self, plan: StudyPlan, offer: StudyOffer | None = None) -> StudyPlan:
        """The plan with the native source that the scans' names speak of."""
        if self._is_native_by_hand:
            return plan
        used = [*plan.with_role(Role.TUNE), *plan.with_role(Role.TEST)]
        return replace(plan, native=proposed_native(offer or self._session.study_offer, used))


def _of_what_is_offered(plan: StudyPlan, offer: StudyOffer) -> StudyPlan:
    """The plan without what cannot be chosen here, as a study file of one's own may state it."""
    names = [source.name for source in offer.sources]
    baselines = {choice.name for choice in offer.baselines}
    there = {rate for source in offer.sources for rate in source.accelerations}
    rates = tuple(rate for rate in plan.accelerations if rate in offer.accelerations)
    return replace(
        plan,
        sources=tuple(name for name in plan.sources if name in names) or tuple(names[:1]),
        native=plan.native if plan.native in names else "",
        accelerations=rates or offer.accelerations[:1],
        source_acceleration=plan.source_acceleration if plan.source_acceleration in there else 0.0,
        preset=plan.preset if plan.preset in offer.presets else next(iter(offer.presets), ""),
        baselines=tuple(name for name in plan.baselines if name in baselines),
    )


def _drawn(scans: Sequence[Scan]) -> tuple[Scan, ...]:
    """The demo scans."""
    return tuple(scan for scan in scans if scan.path is None)


def _most_images(plan: StudyPlan) -> int:
    """The most images to tune on; a usual number while what is written is none."""
    text = plan.counts_text
    return _DEFAULT_IMAGES if counts_problem(text) else max(parse_counts(text))
