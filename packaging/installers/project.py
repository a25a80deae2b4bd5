"""What ``pyproject.toml`` says of the project, for everything that is made of it."""

from __future__ import annotations

import tomllib
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from typing import Any

ROOT = Path(__file__).resolve().parents[2]
"""The repository."""

WINDOWED = "tlmri-window"
"""The program of Windows and macOS that opens the window and no terminal."""


@dataclass(frozen=True)
class Project:
    """The project as its users know it.

    Attributes
    ----------
    name
        Name of the command, of the desktop entry and of the icon.
    version
        Version, such as ``0.1.0``.
    summary
        What it is for, in one phrase.
    licence
        SPDX expression.
    keywords
        Words that it is found by.
    """

    name: str
    version: str
    summary: str
    licence: str
    keywords: tuple[str, ...]


@cache
def document() -> dict[str, Any]:
    """All of ``pyproject.toml``; to be read only."""
    return tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))


@cache
def project() -> Project:
    """The project, from ``pyproject.toml``; its description up to the colon."""
    told = document()["project"]
    (name,) = told["scripts"]
    return Project(
        name=name,
        version=told["version"],
        summary=told["description"].split(":")[0],
        licence=told["license"],
        keywords=tuple(told["keywords"]),
    )
