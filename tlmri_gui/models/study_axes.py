"""Where the curves of a study are drawn: axes, ticks, and from values to places."""

from __future__ import annotations

import math
from collections.abc import Iterable, Sequence
from dataclasses import dataclass

_STEPS = (1.0, 2.0, 5.0, 10.0)
_MARGIN = 0.06
"""Room above and below the curves, as a share of their range."""


@dataclass(frozen=True)
class Axis:
    """A range of values with its ticks.

    Attributes
    ----------
    low, high
        Ends of the axis, after :attr:`forward`'s transform if there is one.
    ticks
        Values that are labelled.
    digits
        How they are printed.
    """

    low: float
    high: float
    ticks: tuple[float, ...]
    digits: str = "g"

    def place(self, value: float) -> float:
        """Where a value lies: 0 at the low end, 1 at the high end."""
        return (value - self.low) / (self.high - self.low)

    def holds(self, value: float) -> bool:
        """Whether a value lies between the ends."""
        return self.low <= value <= self.high


def count_place(n_images: float) -> float:
    """Numbers of images on an axis on which 0, 1, 2, 5, 10 and 100 can all be told apart."""
    return math.log2(1.0 + n_images)


def count_axis(counts: Iterable[int]) -> Axis:
    """Axis of numbers of tuning images; ticks at those that were asked for, in images."""
    ticks = tuple(sorted({float(n) for n in counts})) or (0.0, 1.0)
    low, high = count_place(ticks[0]), count_place(ticks[-1])
    room = 0.05 * (high - low) or 0.5
    return Axis(low - room, high + room, ticks)


def value_axis(values: Sequence[float], most_ticks: int = 6) -> Axis:
    """Axis that holds these values with some room, and round ticks."""
    finite = [value for value in values if math.isfinite(value)]
    low, high = (min(finite), max(finite)) if finite else (0.0, 1.0)
    room = _MARGIN * (high - low) or 0.05 * max(abs(high), 1.0)
    low, high = low - room, high + room
    step = _round_step((high - low) / max(most_ticks - 1, 1))
    first, last = math.ceil(low / step), math.floor(high / step)
    ticks = tuple(i * step for i in range(first, last + 1))
    return Axis(low, high, ticks, f".{max(0, -math.floor(math.log10(step) + 1e-9))}f")


def _round_step(least: float) -> float:
    """The next of 1, 2 and 5 times a power of ten."""
    power = 10.0 ** math.floor(math.log10(least))
    return next(step * power for step in _STEPS if step * power >= least * (1 - 1e-9))
