"""The core's work as Qt signals. This is the only file of the window with threads.

Short work runs in order on one worker thread; long work runs in a child process whose events a
thread collects. One long-lived object emits every signal, and jobs are plain objects: a QObject
for each job was seen to crash once in some five hundred runs.
"""

from __future__ import annotations

import queue
import threading
import time
import traceback
from collections.abc import Callable
from dataclasses import dataclass, field, replace
from itertools import count
from typing import Any

from PyQt6.QtCore import QObject, pyqtSignal

from core.jobs import (
    ChildJob,
    Event,
    Failed,
    JobFunction,
    Progressed,
    Succeeded,
    WasCancelled,
)
from core.progress import Cancelled, Progress

_REPORT_INTERVAL_S = 0.05
_CHILD_POLL_S = 0.1
_CANCEL_GRACE_S = 3.0
_CLOSE_GRACE_S = 10.0

Work = Callable[[Progress], Any]
"""Runs on the worker thread; calls the progress hook often, which may raise Cancelled."""


@dataclass(frozen=True)
class Failure:
    """Why a job gave no result: one line for a person, and the traceback."""

    message: str
    details: str


def _ignore(_: Any) -> None:  # noqa: ANN401 - any result
    pass


@dataclass(frozen=True, eq=False)
class Job:
    """One piece of short work.

    Attributes
    ----------
    title
        What the job bar says.
    work
        The function for the worker thread.
    on_result, on_error
        Called on the GUI thread, unless the job was cancelled meanwhile.
    group
        Name under which :meth:`JobRunner.cancel` finds it.
    is_urgent
        Whether it goes before all that is not and has not begun, as what takes a moment and shows
        at once.
    """

    title: str
    work: Work
    on_result: Callable[[Any], None] = _ignore
    on_error: Callable[[Failure], None] = _ignore
    group: str = ""
    is_urgent: bool = False
    cancelled: threading.Event = field(default_factory=threading.Event)


@dataclass(frozen=True)
class Status:
    """What the job bar shows; ``title`` is empty when there is nothing to do."""

    title: str = ""
    fraction: float = 0.0
    message: str = ""
    n_waiting: int = 0
    can_cancel: bool = True


class Child:
    """Handle of a child process; its methods may be called from the GUI thread."""

    def __init__(self, on_event: Callable[[Event], None], status: Status) -> None:
        self.on_event = on_event
        self.status = status
        self._lock = threading.Lock()
        self._process: ChildJob | None = None
        self._request: str | None = None
        self._cancelled_at: float | None = None
        self._is_killed = False
        self.is_dropped = False

    def stop(self) -> None:
        """Ask it to finish early and keep its best."""
        self._ask("stop")

    def cancel(self) -> None:
        """Ask it to keep nothing; it is killed if it does not unwind within seconds."""
        self._cancelled_at = time.monotonic()
        self._ask("cancel")

    def kill(self) -> None:
        """End it at once, or as soon as it has started."""
        with self._lock:
            self._is_killed = True
            if self._process is not None:
                self._process.kill()

    @property
    def pid(self) -> int | None:
        """Its process number, once it runs."""
        return None if self._process is None else self._process.pid

    def _ask(self, request: str) -> None:
        with self._lock:
            self._request = request
            if self._process is not None:
                _send(self._process, request)

    def run(self, function: JobFunction, argument: object, emit: Callable[[Event], None]) -> None:
        """Start the process and hand out its events until the last (on a thread of its own)."""
        try:
            process = ChildJob(function, argument)
        except Exception as error:  # it could not even start: told like any other failure
            emit(Failed(one_line(error), traceback.format_exc()))
            return
        with self._lock:
            self._process = process
            if self._request is not None:
                _send(process, self._request)
            if self._is_killed:
                process.kill()
        while not process.finished:
            event = process.next_event(_CHILD_POLL_S)
            if event is not None:
                emit(self._as_wished(event))
            elif self._cancelled_at and time.monotonic() - self._cancelled_at > _CANCEL_GRACE_S:
                process.kill()

    def _as_wished(self, event: Event) -> Event:
        was_cancelled = isinstance(event, Failed) and self._cancelled_at is not None
        return WasCancelled() if was_cancelled else event


def _send(process: ChildJob, request: str) -> None:
    if request == "stop":
        process.stop()
    else:
        process.cancel()


def one_line(error: BaseException) -> str:
    """An exception in one line for a person."""
    text = str(error).strip()
    return text.splitlines()[0] if text else type(error).__name__


def attempt(work: Work, progress: Progress) -> tuple[Any, Failure | None]:
    """What work gives, or why it fails.

    Raises
    ------
    Cancelled
        If the hook cancels it.
    """
    try:
        return work(progress), None
    except Cancelled:
        raise
    except Exception as error:  # told to the user in one line, with the traceback on request
        return None, Failure(one_line(error), traceback.format_exc())


class JobRunner(QObject):
    """Runs jobs and child processes, and delivers what they give on the GUI thread.

    Signals
    -------
    status_changed
        A :class:`Status` whenever the worker thread's job or its progress changes.
    """

    status_changed = pyqtSignal(object)
    _reported = pyqtSignal(object)
    _settled = pyqtSignal(object, object, object)
    _child_spoke = pyqtSignal(object, object)

    def __init__(self, parent: QObject | None = None) -> None:
        super().__init__(parent)
        self._queue: queue.PriorityQueue[tuple[int, int, Job | None]] = queue.PriorityQueue()
        self._tickets = count()
        self._open_jobs: list[Job] = []
        self._children: dict[Child, threading.Thread] = {}
        self._is_closed = False
        self._names = count(1)
        self._reported.connect(self._report)
        self._settled.connect(self._deliver)
        self._child_spoke.connect(self._deliver_event)
        self._worker = threading.Thread(target=self._serve, name="tlmri worker", daemon=True)
        self._worker.start()

    # GUI thread ---------------------------------------------------------------------------------

    def submit(self, job: Job) -> Job:
        """Queue a job; it runs after those queued before it, unless it is urgent."""
        if not self._is_closed:
            self._open_jobs.append(job)
            self._put(job, 0 if job.is_urgent else 1)
            self._announce()
        return job

    def _put(self, job: Job | None, rank: int) -> None:
        self._queue.put((rank, next(self._tickets), job))

    def cancel(self, group: str | None = None) -> None:
        """Cancel the jobs of a group (all of them if None); nothing of them is delivered."""
        for job in self._open_jobs:
            if group is None or job.group == group:
                job.cancelled.set()
        self._announce()

    def is_busy(self, group: str | None = None) -> bool:
        """Whether jobs of a group (any if None) wait or run."""
        return any(group is None or job.group == group for job in self._live_jobs())

    def start_child(
        self,
        function: JobFunction,
        argument: object,
        on_event: Callable[[Event], None],
        status: Status = Status(),
    ) -> Child:
        """Run a function in a child process; its events reach ``on_event`` on the GUI thread.

        A ``status`` with a title is shown, with the child's progress, while the worker is idle.
        """
        child = Child(on_event, status)

        def emit(event: Event) -> None:
            self._child_spoke.emit(child, event)

        thread = threading.Thread(
            target=child.run,
            args=(function, argument, emit),
            name=f"tlmri child {next(self._names)}",
            daemon=True,
        )
        self._children[child] = thread
        thread.start()
        self._announce()
        return child

    def close(self) -> None:
        """Cancel everything, end the children and wait for the threads; delivers nothing more."""
        if self._is_closed:
            return
        self._is_closed = True
        self.cancel()
        for child in self._children:
            child.is_dropped = True
            child.cancel()
            child.kill()
        self._put(None, 1)
        for thread in (*self._children.values(), self._worker):
            thread.join(_CLOSE_GRACE_S)

    def _live_jobs(self) -> list[Job]:
        return [job for job in self._open_jobs if not job.cancelled.is_set()]

    def _announce(self) -> None:
        if self._is_closed:
            return
        live = self._live_jobs()
        statuses = [child.status for child in self._children if child.status.title]
        if live:
            statuses.insert(0, Status(live[0].title, 0.0, "", len(live) - 1))
        self.status_changed.emit(statuses[0] if statuses else Status())

    def _report(self, report: tuple[Job, float, str]) -> None:
        job, fraction, message = report
        if job in self._open_jobs and not job.cancelled.is_set() and not self._is_closed:
            waiting = len(self._live_jobs()) - 1
            self.status_changed.emit(Status(job.title, fraction, message, waiting))

    def _deliver(self, job: Job, result: object, failure: Failure | None) -> None:
        self._open_jobs.remove(job)
        if job.cancelled.is_set() or self._is_closed:
            self._announce()
            return
        if failure is None:
            job.on_result(result)
        else:
            job.on_error(failure)
        self._announce()

    def _deliver_event(self, child: Child, event: Event) -> None:
        if isinstance(event, Progressed):
            fraction, message = event.fraction, event.message
            child.status = replace(child.status, fraction=fraction, message=message)
        if isinstance(event, Succeeded | WasCancelled | Failed):
            del self._children[child]
        if not child.is_dropped:
            child.on_event(event)
            if not self._live_jobs():
                self._announce()

    # worker thread ------------------------------------------------------------------------------

    def _serve(self) -> None:
        while (job := self._queue.get()[-1]) is not None:
            result, failure = self._attempt(job)
            self._settled.emit(job, result, failure)
            del job, result

    def _attempt(self, job: Job) -> tuple[object, Failure | None]:
        if job.cancelled.is_set():
            return None, None
        try:
            return attempt(job.work, self._hook(job))
        except Cancelled:
            job.cancelled.set()
            return None, None

    def _hook(self, job: Job) -> Progress:
        last_report = 0.0

        def report(fraction: float, message: str = "") -> None:
            nonlocal last_report
            if job.cancelled.is_set():
                raise Cancelled
            now = time.monotonic()
            if now - last_report >= _REPORT_INTERVAL_S:
                last_report = now
                self._reported.emit((job, fraction, message))

        return report
