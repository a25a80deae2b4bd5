"""Libraries, fonts and data that wheels bring with them, from the table ``inside.toml``."""

from __future__ import annotations

from collections.abc import Iterable
from fnmatch import fnmatchcase
from importlib.metadata import Distribution
from pathlib import Path
from typing import Any

from installers import distributions
from installers.components import Component, Text
from installers.frozen_folder import below_internal, holds
from installers.known_licences import supplied, table
from installers.project import ROOT


def entry_of(path: str) -> str | None:
    """Key of the first entry that a file belongs to, by its path in the folder ``_internal``.

    Capitals do not matter: Windows has ``VCRUNTIME140.dll`` in both spellings.
    """
    for key, entry in table("inside").items():
        if any(fnmatchcase(path.lower(), pattern.lower()) for pattern in entry["files"]):
            return str(key)
    return None


def linked_in(frozen: Path, files: Iterable[str]) -> dict[str, list[str]]:
    """Entries whose marks are inside other files, with these: linked into them."""
    paths = [(file, below_internal(file) or "") for file in files]
    found: dict[str, list[str]] = {}
    for key, entry in table("inside").items():
        for pattern, mark in entry.get("marks", ()):
            for file, path in paths:
                if fnmatchcase(path, pattern) and holds(frozen / file, mark.encode()):
                    found.setdefault(key, []).append(file)
    return found


def component(key: str, known: dict[str, Distribution]) -> Component:
    """An entry as a component; its version is that of the distribution that brings it.

    Parameters
    ----------
    key
        Key of the table.
    known
        Distributions of the environment by normalised name.

    Raises
    ------
    ValueError
        If the environment lacks the distribution.
    """
    entry = table("inside")[key]
    version, texts = "", supplied(entry.get("texts", []))
    if "of" in entry:
        bringer = known.get(entry["of"])
        if bringer is None:
            raise ValueError(
                f"{entry['name']}: needs the distribution {entry['of']}, not installed"
            )
        version = f"as in {bringer.name} {bringer.version}"
        texts += distributions.texts_like(bringer, entry.get("texts_of", []))
    return Component(
        name=entry["name"],
        version=version,
        licence=entry["licence"],
        home=entry["home"],
        kind=entry.get("kind", "library"),
        texts=(*texts, *_from_repository(entry)),
    )


def _from_repository(entry: dict[str, Any]) -> list[Text]:
    return [
        Text(path.relative_to(ROOT).as_posix().removeprefix("resources/"), path)
        for pattern in entry.get("texts_from", ())
        for path in sorted(ROOT.glob(pattern))
    ]
