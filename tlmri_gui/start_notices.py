"""What the user should know as the window starts: what cannot be kept, used, or is here twice."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, replace
from functools import partial

from core import gpu_addon, installations, paths
from core.progress import Progress
from tlmri_gui import settings
from tlmri_gui.jobs import Job, JobRunner
from tlmri_gui.session import Session


@dataclass(frozen=True)
class Notices:
    """Each a line, or empty."""

    unwritable: str
    gpu_addon: str
    others: str


def look(session: Session, jobs: JobRunner) -> None:
    """Look on the worker thread, after what it has to do for the window, and say what is found."""
    jobs.submit(Job("Starting", _found, partial(_say, session)))


def _found(progress: Progress) -> Notices:
    del progress
    return Notices(
        _looked(paths.unwritable),
        _looked(lambda: gpu_addon.status().problem),
        _looked(lambda: installations.described(installations.others())),
    )


def _looked(look: Callable[[], str]) -> str:
    try:
        return look()
    except Exception:  # whatever it is, it must not silence what the others find
        return ""


def _say(session: Session, notices: Notices) -> None:
    """Post it, unless there is a message already; of the same installations only once."""
    if session.message is not None:
        return
    if notices.unwritable:
        text = f"Settings and tuned networks are not kept: {notices.unwritable}"
        session.post(text, is_error=True)
        return
    if notices.gpu_addon:
        session.post(f"Computing on the processor: {notices.gpu_addon}", is_error=True)
        return
    remembered = settings.load()
    if notices.others not in ("", remembered.told_of):
        session.post(notices.others)
        settings.save(replace(remembered, told_of=notices.others), since=remembered)
