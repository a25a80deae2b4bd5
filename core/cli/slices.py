"""Which slices: ``7``, ``20:40``, ``20:40:2``, ``3,5,9`` or ``all``, as on the command line."""

from __future__ import annotations

import re
from collections.abc import Sequence

HELP = (
    "slices, counted from 0: 'all', '7', '3,5,9', '20:40' or '20:40:2' (as in Python, the last one "
    "is not included)"
)

_PIECE = re.compile(r"(?P<start>\d+)(?P<range>:(?P<stop>\d+)(:(?P<step>\d+))?)?")


def parse_slices(text: str, scan_name: str, n_slices: int) -> tuple[int, ...]:
    """Slice indices in the order given, each once.

    Ranges are half-open like Python's, but one that reaches beyond the scan is refused, not cut.

    Raises
    ------
    ValueError
        If the text is malformed, a range is empty, or a slice does not exist.
    """
    if text.strip() == "all":
        return tuple(range(n_slices))
    found: dict[int, None] = {}
    for piece in text.split(","):
        for index in _piece(piece.strip(), text):
            if index >= n_slices:
                raise ValueError(
                    f"--slices of {scan_name} must be from 0 to {n_slices - 1} "
                    f"(it has {n_slices}), got {text!r}"
                )
            found[index] = None
    return tuple(found)


def middle(slices: Sequence[int]) -> int:
    """The slice that stands for all of them in figures."""
    return slices[len(slices) // 2]


def _piece(piece: str, text: str) -> range:
    match = _PIECE.fullmatch(piece)
    if match is None:
        raise ValueError(
            f"--slices must read like 'all', '7', '3,5,9', '20:40' or '20:40:2', got {text!r}"
        )
    start = int(match["start"])
    if match["range"] is None:
        return range(start, start + 1)
    step = 1 if match["step"] is None else int(match["step"])
    if step == 0 or int(match["stop"]) <= start:
        raise ValueError(f"--slices must name at least one slice, got {text!r}")
    return range(start, int(match["stop"]), step)
