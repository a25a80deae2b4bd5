"""Places of things in lines, as words stand on a page."""

from __future__ import annotations

from collections.abc import Sequence

from PyQt6.QtCore import QRectF


def flow(widths: Sequence[float], room: float, gap: float, line: float) -> list[QRectF]:
    """A place for each thing, line under line from (0, 0); one wider than ``room`` has its own.

    Parameters
    ----------
    widths
        Of the things, pixels.
    room
        Width of a line.
    gap
        Between neighbours on a line.
    line
        Height of a line.
    """
    found: list[QRectF] = []
    x = y = 0.0
    for width in widths:
        if x > 0 and x + width > room:
            x, y = 0.0, y + line
        found.append(QRectF(x, y, width, line))
        x += width + gap
    return found
