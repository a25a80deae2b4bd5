"""What is known by hand of licences: the tables and texts in ``packaging/licences``."""

from __future__ import annotations

import tomllib
from functools import cache
from pathlib import Path
from typing import Any

from installers.components import Text
from installers.project import ROOT

FOLDER = ROOT / "packaging" / "licences"
"""Tables, and the texts that wheels leave out; its ``README.md`` names their sources."""

_LATEST = {"GPL": "GPL-3", "LGPL": "LGPL-3", "GFDL": "GFDL-1.3"}
_OF_THE_SYSTEM = Path("/usr/share/common-licenses")


@cache
def table(name: str) -> dict[str, Any]:
    """One of the tables, by its name without ``.toml``."""
    return tomllib.loads((FOLDER / f"{name}.toml").read_text(encoding="utf-8"))


def supplied(paths: list[str]) -> tuple[Text, ...]:
    """The texts at some paths below the folder; a folder stands for all files in it.

    Raises
    ------
    ValueError
        If there is none at a path.
    """
    texts = []
    for path in paths:
        found = FOLDER / path
        files = sorted(found.rglob("*.txt")) if found.is_dir() else [found]
        if not files or not all(file.is_file() for file in files):
            raise ValueError(f"packaging/licences/{path}: must be a text or a folder of texts")
        texts += [Text(file.name, file) for file in files]
    return tuple(texts)


def common_text(pointer: str) -> Text:
    """The text of a licence that others point at, by Debian's name for it, such as ``LGPL-2.1``.

    Raises
    ------
    ValueError
        If it is not here.
    """
    name = _LATEST.get(pointer, pointer)
    for spelling in (name, name.removesuffix(".0")):  # some write GPL-2.0 for GPL-2
        for candidate in (FOLDER / "common" / f"{spelling}.txt", _OF_THE_SYSTEM / spelling):
            if candidate.is_file():
                return Text(f"{spelling}.txt", candidate)
    raise ValueError(f"text of the licence {pointer}: must be in packaging/licences/common")
