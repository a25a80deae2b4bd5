"""What a child process says to its end, which comes soon whatever hangs in it."""

from __future__ import annotations

import time
from collections.abc import Generator

from core import jobs

_POLL_S = 0.5


def events(child: jobs.ChildJob, patience_s: float) -> Generator[jobs.Event, None, None]:
    """A child's events to the last; closed before that, as by an error, it ends the child.

    Parameters
    ----------
    child
        The process.
    patience_s
        How long it may say nothing, in seconds; it is ended then, and has failed.
    """
    heard, is_ended = time.monotonic(), False
    try:
        while not child.finished:
            event = child.next_event(min(_POLL_S, patience_s))
            if event is not None:
                if is_ended and isinstance(event, jobs.Failed):
                    event = jobs.Failed(f"it said nothing for {patience_s:g} s and was ended")
                yield event
                heard = time.monotonic()
            elif time.monotonic() - heard > patience_s:
                child.kill()
                is_ended = True
    finally:
        if not child.finished:
            child.kill()
