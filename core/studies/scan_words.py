"""How a study file names one scan of a list: a file, a range of its slices, or a digital brain.

``PATH`` counts from the study file's folder, ``data:PATH`` from the data folder, so that a file
that goes from machine to machine needs no path of any; ``PATH#A:B`` are the slices from A up to,
and without, B, counted from 0 as tlmri reads the file; ``phantom:SEED`` is a digital brain.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from pathlib import Path

PHANTOM = "phantom"
"""The target that needs no data; ``phantom:SEED`` is one of its people in a list of scans."""

DATA = "data"

_RANGE = re.compile(r"(?P<path>.+)#(?P<start>\d+):(?P<stop>\d+)")


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


def located(folder: Path, text: str) -> str:
    """The entry with a path that no longer counts from ``folder``, the study file's."""
    word = read_word(text)
    if word.is_in_data or word.seed is not None:
        return text
    return str((folder / Path(text).expanduser()).absolute())
