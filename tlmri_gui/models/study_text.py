"""What the Study page says in words: what a study will take, and why it cannot start."""

from __future__ import annotations

from tlmri_gui.models.study_estimate import estimate
from tlmri_gui.models.study_plan import problem, remarks
from tlmri_gui.session import Session

STUDY_RUNS = "A study is running: wait for it, or stop it on the Study page"
TUNING_RUNS = "A fine-tuning is running: wait for it, or stop it on the Compare page"


def start_problem(session: Session) -> str:
    """Why a study cannot start; empty if it can."""
    if not session.study_offer.presets:
        return "The core is still loading"
    if session.run.phase.is_active:
        return TUNING_RUNS
    return problem(session.study_offer, session.study_plan)


def estimate_text(session: Session) -> str:
    """Number of cells, expected time, and what is worth knowing, one line each."""
    names = {choice.name for choice in session.catalogue.devices}
    on_gpu = session.device != "cpu" and bool(names - {"auto", "cpu"})
    found = estimate(session.study_offer, session.study_plan, on_gpu)
    cells = "1 cell" if found.n_cells == 1 else f"{found.n_cells} cells"
    first = f"{cells}, roughly {duration(found.seconds)} (measured once the first is done)"
    return "\n".join((first, *remarks(session.study_plan)))


def tuning_problem(session: Session) -> str:
    """Why a fine-tuning cannot start; empty if it can."""
    plan = session.plan
    if session.study.phase.is_active:
        return STUDY_RUNS
    if plan.settings is None:
        return "The core is still loading"
    if not session.scans:
        return "Open a scan to tune on"
    if not plan.source:
        return "There is no network to start from"
    if not plan.images:
        return "Tick at least one scan in the table"
    for what, has_slices in (
        ("tuning", any(entry.tuning for entry in plan.images)),
        ("validation", any(entry.validation for entry in plan.images)),
    ):
        if not has_slices:
            return f"The table names no {what} slice: double-click to write some"
    return ""


def duration(seconds: float) -> str:
    """A time as a person says it: ``40 s``, ``6 min``, ``2 h 10 min``."""
    if seconds < 90:
        return f"{max(round(seconds), 1)} s"
    minutes = round(seconds / 60)
    if minutes < 60:
        return f"{minutes} min"
    hours, rest = divmod(minutes, 60)
    return f"{hours} h {rest:02d} min" if rest else f"{hours} h"
