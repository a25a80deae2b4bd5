"""A long job in a child process: its events come back over a pipe, and it can be told to stop.

The child is started with ``spawn``, so that a crash, a kill or running out of memory there leaves
the parent alive, and its GPU memory comes back. What crosses the pipe are this program's own
objects between its own processes; no file is ever unpickled.
"""

from __future__ import annotations

import multiprocessing as mp
import threading
import traceback
from collections.abc import Callable
from dataclasses import dataclass
from multiprocessing.connection import Connection
from typing import Any

from core.progress import Cancelled

GRACE_SECONDS = 5.0
"""How long a child may take to exit after its last word."""

_SPAWN = mp.get_context("spawn")


@dataclass(frozen=True)
class Started:
    """The child runs and listens."""


@dataclass(frozen=True)
class Progressed:
    """The job's fraction in [0, 1] and one line on what it does."""

    fraction: float
    message: str


@dataclass(frozen=True)
class Published:
    """Something the job wants seen before its end, such as a point of a curve."""

    payload: Any


@dataclass(frozen=True)
class Acknowledged:
    """The child heard ``stop`` or ``cancel``."""

    request: str


@dataclass(frozen=True)
class Succeeded:
    """The job's result."""

    result: Any


@dataclass(frozen=True)
class WasCancelled:
    """The job unwound after ``cancel``."""


@dataclass(frozen=True)
class Failed:
    """The job raised, or its process died; ``message`` is one line for a person."""

    message: str
    details: str = ""


Event = Started | Progressed | Published | Acknowledged | Succeeded | WasCancelled | Failed
_LAST = (Succeeded, WasCancelled, Failed)


class JobContext:
    """What the function in the child sees of its parent."""

    def __init__(self, connection: Connection) -> None:
        self._connection = connection
        self._lock = threading.Lock()
        self._stop = threading.Event()
        self._cancel = threading.Event()
        threading.Thread(target=self._listen, daemon=True).start()

    def _listen(self) -> None:
        while True:
            try:
                request = self._connection.recv()
            except (EOFError, OSError):
                self._cancel.set()  # the parent is gone: nobody waits for the result
                return
            (self._stop if request == "stop" else self._cancel).set()
            self.send(Acknowledged(request))

    def send(self, event: Event) -> None:
        """Send an event; silently dropped once the parent is gone."""
        with self._lock:
            try:
                self._connection.send(event)
            except OSError:
                self._cancel.set()

    def progress(self, fraction: float, message: str = "") -> None:
        """The job's progress hook; raises :class:`Cancelled` after ``cancel``."""
        if self._cancel.is_set():
            raise Cancelled
        self.send(Progressed(fraction, message))

    def publish(self, payload: Any) -> None:  # noqa: ANN401 - whatever the job shows
        """Show something before the end."""
        self.send(Published(payload))

    def stop_requested(self) -> bool:
        """Whether to finish early and keep the best."""
        return self._stop.is_set()


JobFunction = Callable[[JobContext, Any], Any]
"""A module-level function of (context, argument); both it and the argument cross the pipe."""


def _run_in_child(connection: Connection, function: JobFunction, argument: object) -> None:
    context = JobContext(connection)
    context.send(Started())
    try:
        context.send(Succeeded(function(context, argument)))
    except Cancelled:
        context.send(WasCancelled())
    except Exception as error:  # every failure is told to the parent, in one line and in full
        message = str(error).splitlines()[0] if str(error) else type(error).__name__
        context.send(Failed(message, traceback.format_exc()))


class ChildJob:
    """A function running in a child process."""

    def __init__(self, function: JobFunction, argument: object) -> None:
        self._connection, child_end = _SPAWN.Pipe()
        self._process = _SPAWN.Process(
            target=_run_in_child, args=(child_end, function, argument), daemon=True
        )
        self._process.start()
        child_end.close()
        self._finished = False

    @property
    def pid(self) -> int | None:
        """Process number of the child."""
        return self._process.pid

    @property
    def finished(self) -> bool:
        """Whether the last event was handed out."""
        return self._finished

    def next_event(self, timeout: float | None = None) -> Event | None:
        """The next event, or None after ``timeout`` seconds without one.

        A child that dies without a word yields :class:`Failed`. After a :class:`Succeeded`,
        :class:`WasCancelled` or :class:`Failed` there is nothing more.
        """
        if self._finished:
            return None
        try:
            if not self._connection.poll(timeout):
                return None
            event: Event = self._connection.recv()
        except (EOFError, OSError):
            self._process.join(timeout=GRACE_SECONDS)
            self._process.kill()  # it may have closed its pipe and linger
            self._process.join()
            event = Failed(_how_it_died(self._process.exitcode))
        if isinstance(event, _LAST):
            self._finished = True
            self._process.join(timeout=GRACE_SECONDS)
            self._connection.close()
        return event

    def stop(self) -> None:
        """Ask the job to finish early and keep what is best so far."""
        self._request("stop")

    def cancel(self) -> None:
        """Ask the job to unwind and keep nothing."""
        self._request("cancel")

    def kill(self) -> None:
        """End the process at once; :meth:`next_event` then says so."""
        self._process.kill()

    def _request(self, request: str) -> None:
        if self._finished:
            return
        try:
            self._connection.send(request)
        except OSError:
            return  # it just ended; next_event tells how


def _how_it_died(exit_code: int | None) -> str:
    if exit_code is not None and exit_code < 0:
        reason = f"the process was ended from outside (signal {-exit_code})"
        return f"{reason}; it may have run out of memory"
    return f"the process ended without a result (exit code {exit_code})"
