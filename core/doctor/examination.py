"""Looks at everything, in a child process: what crashes there is a finding, and no more."""

from __future__ import annotations

import signal
from collections.abc import Iterable, Iterator, Sequence
from contextlib import closing

from core import jobs
from core.doctor.check import Check, Look, Outcome, failed
from core.doctor.course import Course
from core.doctor.hearing import events
from core.doctor.looks import LOOKS
from core.doctor.privacy import anonymous
from core.progress import Cancelled, Progress, no_progress

PATIENCE_SECONDS = 300.0
"""How long a child may say nothing, as in a GPU's driver that hangs, before it is ended."""


def look_at(look: Look, progress: Progress = no_progress) -> Check:
    """What a look finds; one that raises has failed, with the reason as what was found.

    Raises
    ------
    Cancelled
        If the hook cancels it.
    """
    try:
        finding = look.function(progress)
    except Cancelled:
        raise
    except Exception as error:  # a broken installation may raise anything, and that is the finding
        finding = failed(f"{type(error).__name__}: {error}")
    advice = finding.advice
    if finding.outcome is Outcome.FAILED:
        advice = advice or look.advice
    return Check(look.name, anonymous(finding.text), finding.outcome, advice)


def examination_job(context: jobs.JobContext, names: Sequence[str]) -> None:
    """Publish a :class:`Check` for each of these names of :data:`LOOKS`, in a child process."""
    # Ctrl-C reaches all processes of a terminal; the parent, which is told too, ends this one.
    signal.signal(signal.SIGINT, signal.SIG_IGN)
    for i, name in enumerate(names):
        context.progress(i / len(names), name)
        context.publish(look_at(LOOKS[name], _within(context, i / len(names), name)))


def _within(context: jobs.JobContext, fraction: float, name: str) -> Progress:
    """The hook of one look, whose own fractions are left out: most take a moment."""

    def report(_: float, message: str = "") -> None:
        context.progress(fraction, f"{name}, {message}" if message else name)

    return report


def examine(also: Iterable[Look] = ()) -> Iterator[Check]:
    """The checks as they come: those of :data:`LOOKS` in child processes, then others here."""
    course = Course()
    while course.left and not course.is_hopeless:
        yield from _by_child(course)
    for name in course.left:
        yield look_at(LOOKS[name])
    yield course.of_children()
    for look in also:
        yield look_at(look)


def _by_child(course: Course) -> Iterator[Check]:
    """What one child finds before it ends."""
    try:
        child = jobs.ChildJob(examination_job, tuple(course.left))
    except OSError as error:
        course.hear(jobs.Failed(f"{type(error).__name__}: {error}"))
        return
    with closing(events(child, PATIENCE_SECONDS)) as told:
        for event in told:
            check = course.hear(event)
            if check is not None:
                yield check
