"""How long work says where it is, and how it is told to stop.

Every long function of the core takes one hook ``progress(fraction, message)``. The hook may raise
:class:`Cancelled`; the function then unwinds and leaves nothing half-written.
"""

from __future__ import annotations

from collections.abc import Callable

Progress = Callable[[float, str], None]
"""``progress(fraction, message)``: fraction in [0, 1], message one short line."""


class Cancelled(Exception):  # noqa: N818 - a decision of the user, not an error
    """The user asked the work to stop; the core's only control-flow exception."""


def no_progress(fraction: float, message: str = "") -> None:
    """Hook that listens to nothing."""


def part(progress: Progress, start: float, stop: float) -> Progress:
    """Hook for one part of a longer task: its [0, 1] becomes the whole's [start, stop]."""

    def report(fraction: float, message: str = "") -> None:
        progress(start + (stop - start) * min(max(fraction, 0.0), 1.0), message)

    return report


def duration(seconds: float) -> str:
    """A time for a person: ``40 s``, ``12 min``, ``3.5 h``."""
    if seconds < 100:
        return f"{seconds:.0f} s"
    return f"{seconds / 60:.0f} min" if seconds < 100 * 60 else f"{seconds / 3600:.1f} h"
