"""What a child process says to its end, which comes soon whatever hangs in it."""

from __future__ import annotations

import time
from collections.abc import Generator

from core import jobs

STARTING_S = 60.0
"""How long a child may take to its first word at least: a busy machine starts it slowly."""

_POLL_S = 0.5


def events(child: jobs.ChildJob, patience_s: float) -> Generator[jobs.Event, None, None]:
    """A child's events to the last; closed before that, as by an error, it ends the child.

    Parameters
    ----------
    child
        The process.
    patience_s
        How long it may say nothing after its first word, in seconds; it is ended then, and has
        failed.
    """
    heard, is_ended, allowed_s = time.monotonic(), False, max(patience_s, STARTING_S)
    try:
        while not child.finished:
            event = child.next_event(min(_POLL_S, patience_s))
            if event is not None:
                if is_ended and isinstance(event, jobs.Failed):
                    event = jobs.Failed(f"it said nothing for {allowed_s:g} s and was ended")
                else:
                    allowed_s = patience_s
                yield event
                heard = time.monotonic()
            elif time.monotonic() - heard > allowed_s:
                child.kill()
                is_ended = True
    finally:
        if not child.finished:
            child.kill()
