"""What the user should know as the window starts: what cannot be kept, used, or is here twice."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, replace
from functools import partial
from typing import TypeVar

from core import gpu_addon, installations, paths
from core.progress import Progress
from tlmri_gui import settings
from tlmri_gui.jobs import Job, JobRunner
from tlmri_gui.session import Session

T = TypeVar("T")

_BETWEEN = "\0"
"""Between places in the settings: no path has one."""


@dataclass(frozen=True)
class Notices:
    """What was found; lines may be empty.

    Attributes
    ----------
    unwritable, gpu_addon
        Lines on what is wrong.
    others
        Line on other installations.
    places
        Where those are, and the one that runs.
    """

    unwritable: str
    gpu_addon: str
    others: str
    places: frozenset[str]


def look(session: Session, jobs: JobRunner) -> None:
    """Look on the worker thread, after what it has to do for the window, and say what is found."""
    jobs.submit(Job("Starting", _found, partial(_say, session)))


def _found(progress: Progress) -> Notices:
    del progress
    nothing: tuple[str, frozenset[str]] = "", frozenset()
    others, places = _looked(_others, nothing)
    return Notices(
        _looked(paths.unwritable, ""),
        _looked(lambda: gpu_addon.status().problem, ""),
        others,
        places,
    )


def _others() -> tuple[str, frozenset[str]]:
    others = installations.others()
    places = installations.running_places().union(other.place for other in others)
    return installations.described(others), places


def _looked(look: Callable[[], T], nothing: T) -> T:
    try:
        return look()
    except Exception:  # whatever it is, it must not silence what the others find
        return nothing


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
    told_of = frozenset(remembered.told_of.split(_BETWEEN))
    if notices.others and not notices.places <= told_of:
        session.post(notices.others, is_notice=True)
        now = _BETWEEN.join(sorted(filter(None, told_of | notices.places)))
        settings.save(replace(remembered, told_of=now), since=remembered)
