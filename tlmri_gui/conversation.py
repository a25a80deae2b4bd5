"""The conversation with a child process: one at a time, from its preparation to its last word."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, replace
from typing import Any

from core import jobs as core_jobs
from tlmri_gui.jobs import Child, Failure, Job, JobRunner, Status


def _nothing(*_: object) -> None:
    pass


@dataclass(frozen=True)
class Replies:
    """What is done with what the child says; what is left out is not listened to.

    Attributes
    ----------
    succeeded, was_cancelled, failed
        Its last word: its result, that it unwound (or was never started), or why it ended.
    started
        It runs and listens.
    progressed
        Its fraction in [0, 1] and one line on what it does.
    published
        Something it shows before its end.
    """

    succeeded: Callable[[Any], None] = _nothing
    was_cancelled: Callable[[], None] = _nothing
    failed: Callable[[Failure], None] = _nothing
    started: Callable[[], None] = _nothing
    progressed: Callable[[float, str], None] = _nothing
    published: Callable[[Any], None] = _nothing


class Conversation:
    """Starts a child process, hands what it says to the replies, and asks it to end.

    Parameters
    ----------
    jobs
        Runs the child.
    status
        What the job bar shows of it.
    replies
        Called on the GUI thread. The child is over when its last word is replied to, so that a
        reply may start the next one.
    """

    def __init__(self, jobs: JobRunner, status: Status, replies: Replies) -> None:
        self._jobs = jobs
        self._status = status
        self._replies = replies
        self._child: Child | None = None
        self._is_called_off = False

    @property
    def is_open(self) -> bool:
        """Whether a child was started whose last word has not come."""
        return self._child is not None

    def prepare(self, job: Job) -> None:
        """Run a job that gives a function and its argument, then that function in a child."""
        self._is_called_off = False
        self._jobs.submit(replace(job, on_result=self._start_prepared))

    def _start_prepared(self, prepared: tuple[core_jobs.JobFunction, object]) -> None:
        if self._is_called_off:
            self._replies.was_cancelled()
        else:
            self.start(*prepared)

    def start(self, function: core_jobs.JobFunction, argument: object) -> None:
        """Run a function in a child."""
        self._child = self._jobs.start_child(function, argument, self._hear, self._status)

    def stop(self) -> None:
        """Ask it to finish early and keep its best."""
        if self._child is not None:
            self._child.stop()

    def cancel(self) -> None:
        """Ask it to keep nothing; what is only being prepared is never started."""
        self._is_called_off = True
        if self._child is not None:
            self._child.cancel()

    def cancel_at_once(self) -> None:
        """Cancel it without waiting until it unwinds."""
        self.cancel()
        if self._child is not None:
            self._child.kill()

    def _hear(self, event: core_jobs.Event) -> None:
        replies = self._replies
        match event:
            case core_jobs.Started():
                replies.started()
            case core_jobs.Progressed(fraction, message):
                replies.progressed(fraction, message)
            case core_jobs.Published(payload):
                replies.published(payload)
            case core_jobs.Acknowledged():
                pass  # whoever asked has shown so already
            case core_jobs.Succeeded(result):
                self._child = None
                replies.succeeded(result)
            case core_jobs.WasCancelled():
                self._child = None
                replies.was_cancelled()
            case core_jobs.Failed(message, details):
                self._child = None
                replies.failed(Failure(message, details))
