"""What the Study page says in words: what a study will take, and why it cannot start."""

from __future__ import annotations

import math

from core.progress import duration
from tlmri_gui.models.layers import missing_layers
from tlmri_gui.models.study_estimate import Estimate, estimate
from tlmri_gui.models.study_plan import problem, remarks
from tlmri_gui.models.words import counted
from tlmri_gui.session import Session

STUDY_RUNS = "A study is running: wait for it, or stop it on the Study page"
TUNING_RUNS = "A fine-tuning is running: wait for it, or stop it on the Compare page"


def start_problem(session: Session) -> str:
    """Why a study cannot start; empty if it can."""
    if not session.study_offer.presets:
        return _not_there(session)
    if session.run.phase.is_active:
        return TUNING_RUNS
    return problem(session.study_offer, session.study_plan)


def next_study_text(session: Session) -> str:
    """That the plan is not that of the study on show; empty while one runs, or none is on show."""
    study = session.study
    if study.folder is None or study.phase.is_active:
        return ""
    shown = study.digest.name or study.folder.name
    return f"This plan is for the next study. On show beside it: {shown}"


def estimate_text(session: Session) -> str:
    """Number of cells, expected time, and what is worth knowing, one line each."""
    found = _estimate(session)
    whose = "Next study: " if next_study_text(session) else ""
    first = f"{whose}{counted(found.n_cells, 'cell')}, {_time_text(found)}"
    return "\n".join((first, *remarks(session.study_plan)))


def time_left_text(session: Session) -> str:
    """Measured as soon as a cell is done; before, what all of them take on an idle machine."""
    digest = session.study.digest
    if not math.isnan(digest.seconds_left):
        return f"about {duration(digest.seconds_left)} left"
    if digest.n_done or problem(session.study_offer, session.study_plan):
        return ""
    return _time_text(_estimate(session))


def _time_text(found: Estimate) -> str:
    where = "at the pace of the study on show" if found.is_measured else "on an idle machine"
    return f"about {duration(found.seconds)} {where}"


def _estimate(session: Session) -> Estimate:
    names = {choice.name for choice in session.catalogue.devices}
    on_gpu = session.device != "cpu" and bool(names - {"auto", "cpu"})
    return estimate(session.study_offer, session.study_plan, on_gpu, session.study.digest)


def tuning_problem(session: Session) -> str:
    """Why a fine-tuning cannot start; empty if it can."""
    plan = session.plan
    if session.study.phase.is_active:
        return STUDY_RUNS
    if plan.settings is None:
        return _not_there(session)
    if not session.scans:
        return "Open a scan to tune on"
    if not plan.source:
        return "There is no network to start from"
    network = session.catalogue.method(plan.source)
    if network and (text := missing_layers(network, plan.settings.trainable)):
        return text
    if not plan.images:
        return "Tick at least one scan in the table"
    if plan.problem:
        return plan.problem
    for what, has_slices in (
        ("tuning", any(entry.tuning for entry in plan.images)),
        ("validation", any(entry.validation for entry in plan.images)),
    ):
        if not has_slices:
            return f"The table names no {what} slice: double-click to write some"
    return ""


def _not_there(session: Session) -> str:
    return "The core could not be loaded" if session.load_failed else "The core is still loading"
