"""``splits.json`` of a data folder: which files each domain's splits are made of."""

from __future__ import annotations

import json
import re
from dataclasses import dataclass
from pathlib import Path

_ENTRY = re.compile(r"(?P<file>[^#]+)(?:#(?P<dataset>\w+)\[(?P<start>\d+):(?P<stop>\d+)\])?")


@dataclass(frozen=True)
class SplitEntry:
    """A file, or a range of a data set in it (``file.h5#images[0:1000]``)."""

    path: Path
    dataset: str | None = None
    start: int | None = None
    stop: int | None = None


def read_split(folder: Path, domain: str, split: str) -> tuple[SplitEntry, ...]:
    """The files of one split of one domain.

    Raises
    ------
    ValueError
        If the folder has no ``splits.json``, or that has no such split or names a missing file.
    """
    index = folder / "splits.json"
    try:
        table = json.loads(index.read_text(encoding="utf-8"))
    except FileNotFoundError:
        raise ValueError(f"{folder}: a data folder must hold splits.json, found none") from None
    except json.JSONDecodeError as error:
        raise ValueError(f"{index}: must be JSON, got: {error}") from None
    try:
        lines = table[domain][split]
    except KeyError:
        raise ValueError(f"{index}: must list {domain!r} / {split!r}, found neither") from None
    return tuple(_entry(folder, line) for line in lines)


def _entry(folder: Path, line: str) -> SplitEntry:
    match = _ENTRY.fullmatch(line)
    if match is None:
        raise ValueError(f"splits.json: entries must read FILE or FILE#NAME[A:B], got {line!r}")
    path = folder / match["file"]
    if not path.is_file():
        raise ValueError(f"{path}: listed in splits.json but missing")
    if match["dataset"] is None:
        return SplitEntry(path)
    return SplitEntry(path, match["dataset"], int(match["start"]), int(match["stop"]))
