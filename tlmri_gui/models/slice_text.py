"""Lists of slices as a person writes them: ``3, 5, 10-14``."""

from __future__ import annotations

import re
from collections.abc import Iterable, Sequence

_PIECE = re.compile(r"(\d+)(?:\s*[-–]\s*(\d+))?")


def format_slices(slices: Iterable[int]) -> str:
    """Slice numbers in ascending order with commas between."""
    return ", ".join(map(str, sorted(slices)))


def spoken_slices(slices: Sequence[int]) -> str:
    """Slice numbers in a sentence: ``slice 4``, ``slices 1, 3 to 5``."""
    runs: list[list[int]] = []
    for index in sorted(slices):
        if runs and index == runs[-1][-1] + 1:
            runs[-1].append(index)
        else:
            runs.append([index])
    said = (f"{run[0]} to {run[-1]}" if len(run) > 1 else f"{run[0]}" for run in runs)
    return f"slice{'s' if len(slices) > 1 else ''} {', '.join(said)}"


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
