"""How a study names its scans: in the file a path, a range of its slices or a digital brain.

``PATH`` counts from the study file's folder, ``data:PATH`` from the data folder, so that a file
that goes from machine to machine needs no path of any; ``PATH#A:B`` are the slices from A up to,
and without, B, counted from 0 as tlmri reads the file; ``phantom:SEED`` is a digital brain. In the
table such a range is called after the scan and its first and last slice, and its slices are
counted from its own first.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from pathlib import Path

PHANTOM = "phantom"
"""The target that needs no data; ``phantom:SEED`` is one of its people in a list of scans."""

DATA = "data"

_RANGE = re.compile(r"(?P<path>.+)#(?P<start>\d+):(?P<stop>\d+)")
_PART = re.compile(r"(?P<scan>.+), slices (?P<first>\d+) to (?P<last>\d+)(?P<number> \(\d+\))?")


@dataclass(frozen=True)
class ScanWord:
    """One entry of a list of scans.

    Attributes
    ----------
    text
        As it is written.
    path
        The file; empty for a phantom.
    is_in_data
        Whether ``path`` counts from the data folder.
    slices
        First slice, and the one behind the last; None for all.
    seed
        What stands behind ``phantom:``; None for a file.
    """

    text: str
    path: str = ""
    is_in_data: bool = False
    slices: tuple[int, int] | None = None
    seed: str | None = None


def read_word(text: str) -> ScanWord:
    """What an entry of a list of scans says."""
    kind, colon, rest = text.partition(":")
    if colon and kind == PHANTOM:
        return ScanWord(text, seed=rest)
    is_in_data = bool(colon) and kind == DATA
    path = rest if is_in_data else text
    found = _RANGE.fullmatch(path)
    if found is None:
        return ScanWord(text, path, is_in_data)
    slices = int(found["start"]), int(found["stop"])
    return ScanWord(text, found["path"], is_in_data, slices)


def part_words(start: int, stop: int) -> str:
    """What the slices of a scan from ``start`` up to, and without, ``stop`` are called after it."""
    return f"slices {start} to {stop - 1}"


def own_slice(scan: str, index: int) -> tuple[str, int]:
    """A slice of a scan's table name as the whole scan's: its name, and the number there."""
    found = _PART.fullmatch(scan)
    if found is None:
        return scan, index
    return f"{found['scan']}{found['number'] or ''}", int(found["first"]) + index


def located(folder: Path, text: str) -> str:
    """The entry with a path that no longer counts from ``folder``, the study file's."""
    word = read_word(text)
    if word.is_in_data or word.seed is not None:
        return text
    return str((folder / Path(text).expanduser()).absolute())
