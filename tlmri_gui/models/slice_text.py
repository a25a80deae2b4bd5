"""Lists of slices as a person writes them: ``3, 5, 10-14``."""

from __future__ import annotations

import re
from collections.abc import Iterable

_PIECE = re.compile(r"(\d+)(?:\s*[-–]\s*(\d+))?")


def format_slices(slices: Iterable[int]) -> str:
    """Slice numbers in ascending order with commas between."""
    return ", ".join(map(str, sorted(slices)))


def parse_slices(text: str, n_slices: int) -> tuple[int, ...]:
    """Slice numbers of a text such as ``3, 5, 10-14``, ascending; ranges include their end.

    Raises
    ------
    ValueError
        If a piece is no number or range, or names a slice that does not exist.
    """
    found: set[int] = set()
    for piece in filter(None, (part.strip() for part in text.split(","))):
        match = _PIECE.fullmatch(piece)
        if match is None:
            raise ValueError(f"slices must be like '3, 5, 10-14', got {piece!r}")
        first = int(match[1])
        last = int(match[2] or first)
        if not first <= last < n_slices:
            raise ValueError(f"slices must be from 0 to {n_slices - 1}, got {piece!r}")
        found.update(range(first, last + 1))
    return tuple(sorted(found))
