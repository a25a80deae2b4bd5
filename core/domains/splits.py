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
        If the folder has no ``splits.json``, or that is not made as it must be, has no such split,
        or names no file or a missing one.
    """
    index = folder / "splits.json"
    try:
        table = json.loads(index.read_text(encoding="utf-8"))
    except FileNotFoundError:
        raise ValueError(f"{folder}: a data folder must hold splits.json, found none") from None
    except ValueError as error:  # not JSON, or not even text
        raise ValueError(f"{index}: must be JSON, got: {error}") from None
    lines = _member(index, _member(index, table, "the table", domain), repr(domain), split)
    if not isinstance(lines, list) or not lines:
        raise ValueError(
            f"{index}: {domain!r} / {split!r} must be a list of at least one file, "
            f"got {json.dumps(lines)}"
        )
    return tuple(_entry(folder, line) for line in lines)


def _member(index: Path, table: object, what: str, key: str) -> object:
    """``table[key]`` of a JSON object."""
    if not isinstance(table, dict):
        raise ValueError(f"{index}: {what} must be an object, got {type(table).__name__}")
    if key not in table:
        found = ", ".join(map(repr, table)) or "nothing"
        raise ValueError(f"{index}: {what} must list {key!r}, found {found}")
    return table[key]


def _entry(folder: Path, line: object) -> SplitEntry:
    match = _ENTRY.fullmatch(line) if isinstance(line, str) else None
    if match is None:
        index = folder / "splits.json"
        raise ValueError(f"{index}: entries must read FILE or FILE#NAME[A:B], got {line!r}")
    path = folder / match["file"]
    if not path.is_file():
        raise ValueError(f"{path}: listed in splits.json but missing")
    if match["dataset"] is None:
        return SplitEntry(path)
    return SplitEntry(path, match["dataset"], int(match["start"]), int(match["stop"]))
