"""What the window remembers from one start to the next: one small JSON file."""

from __future__ import annotations

import json
from dataclasses import asdict, dataclass, fields, replace
from pathlib import Path
from typing import Any

from core import paths
from core.atomic import write_bytes

FILE_NAME = "window.json"


@dataclass(frozen=True)
class Settings:
    """Preferences; ``geometry`` is Qt's own bytes in base64.

    ``told_of`` are the places of the installations that the user has been told of, those that ran
    then too, with a NUL between them.
    """

    last_folder: str = ""
    device: str = "auto"
    definition: str = ""
    geometry: str = ""
    told_of: str = ""


def load(path: Path | None = None) -> Settings:
    """Read the preferences; whatever is missing or damaged takes its default."""
    known = {f.name for f in fields(Settings)}
    good: dict[str, Any] = {
        name: value
        for name, value in _document(path or _file()).items()
        if name in known and isinstance(value, str)
    }
    return replace(Settings(), **good)


def save(settings: Settings, path: Path | None = None, since: Settings | None = None) -> None:
    """Write the preferences, whole or not at all.

    Parameters
    ----------
    settings, path
        What to write and where; None for the user's own file.
    since
        What they were: only what differs is written. Another window may have written the rest
        meanwhile, and a newer version what this one does not know.

    Raises
    ------
    ValueError
        If the file cannot be written.
    """
    before = asdict(since) if since is not None else {}
    changed = {name: v for name, v in asdict(settings).items() if before.get(name) != v}
    path = path or _file()
    write_bytes(path, json.dumps(_document(path) | changed, indent=2).encode())


def _document(path: Path) -> dict[str, Any]:
    """What the file holds; nothing if it is missing or damaged."""
    try:
        document = json.loads(path.read_text(encoding="utf-8"))
    except (OSError, ValueError):
        return {}
    return document if isinstance(document, dict) else {}


def _file() -> Path:
    return paths.user_data() / FILE_NAME
