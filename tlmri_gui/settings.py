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
    """Preferences; ``geometry`` is Qt's own bytes in base64."""

    last_folder: str = ""
    device: str = "auto"
    definition: str = ""
    geometry: str = ""


def load(path: Path | None = None) -> Settings:
    """Read the preferences; whatever is missing or damaged takes its default."""
    try:
        document = json.loads((path or _file()).read_text(encoding="utf-8"))
    except (OSError, ValueError):
        return Settings()
    if not isinstance(document, dict):
        return Settings()
    known = {f.name for f in fields(Settings)}
    good: dict[str, Any] = {
        name: value for name, value in document.items() if name in known and isinstance(value, str)
    }
    return replace(Settings(), **good)


def save(settings: Settings, path: Path | None = None) -> None:
    """Write the preferences, whole or not at all."""
    write_bytes(path or _file(), json.dumps(asdict(settings), indent=2).encode())


def _file() -> Path:
    return paths.user_data() / FILE_NAME
