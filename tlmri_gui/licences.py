"""What the application is made of, and under which licences: shipped texts, or what is installed.

An installer ships the folder ``licences`` with ``components.json``, a list of objects with
``name``, ``version``, ``licence``, ``home`` and ``files`` (paths in that folder).
"""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import dataclass
from importlib import metadata
from pathlib import Path

from core.paths import resources

TABLE = "components.json"
OVERVIEW = "THIRD-PARTY.md"
BILL = "bill-of-materials.cdx.json"

_LONGEST_NAME = 60
"""Longest name of a licence; some distributions state its whole text instead."""

_LICENCE_STEMS = ("licen", "copying", "notice", "authors")


@dataclass(frozen=True)
class Component:
    """A part of the application.

    Attributes
    ----------
    name, version, licence
        As a person reads them; the licence by its SPDX expression where that is known.
    home
        Address of its project, or empty.
    files
        Texts of its licence, in the order to be read.
    """

    name: str
    version: str
    licence: str
    home: str
    files: tuple[Path, ...]


def folder() -> Path:
    """Where an installer puts the texts; there is none beside the source."""
    return resources().parent / "licences"


def components(place: Path) -> tuple[Component, ...]:
    """What the folder tells of, or without such a folder what is installed beside tlmri.

    Raises
    ------
    ValueError
        If the folder's table is damaged.
    """
    if not (place / TABLE).is_file():
        return _by_name(_installed())
    return _by_name({part.name: part for part in _shipped(place)})


def text_of(component: Component) -> str:
    """Its licences' texts, each under the name of its file."""
    parts = []
    for path in component.files:
        try:
            text = path.read_text(encoding="utf-8", errors="replace").strip()
        except OSError as error:
            text = f"cannot be read: {error.strerror or error}"
        parts.append(text if len(component.files) == 1 else f"{path.name}\n\n{text}")
    if not parts:
        return f"{component.name} comes without a text of its licence ({component.licence})."
    return f"\n\n{'-' * 72}\n\n".join(parts)


def _by_name(found: Mapping[str, Component]) -> tuple[Component, ...]:
    return tuple(sorted(found.values(), key=lambda part: part.name.lower()))


def _shipped(place: Path) -> list[Component]:
    try:
        rows = json.loads((place / TABLE).read_text(encoding="utf-8"))
        if not isinstance(rows, list):
            raise TypeError(f"a {type(rows).__name__}")
        return [
            Component(
                name=row["name"],
                version=row["version"],
                licence=row["licence"],
                home=row["home"],
                files=tuple(place / name for name in row["files"]),
            )
            for row in rows
        ]
    except (OSError, ValueError, KeyError, TypeError) as error:
        rule = "must be a list of components; reinstall tlmri"
        raise ValueError(f"{TABLE}: {rule}, got {type(error).__name__}: {error}") from None


def _installed() -> dict[str, Component]:
    """By name, since an environment may hold a distribution's metadata twice."""
    found = {}
    for one in metadata.distributions():
        about = one.metadata
        name = about["Name"]
        if name and name != "tlmri-gui":
            files = tuple(
                Path(str(path.locate()))
                for path in one.files or ()
                if ".dist-info/" in str(path) and path.name.lower().startswith(_LICENCE_STEMS)
            )
            found[name] = Component(
                name, one.version, _licence(about), _field(about, "Home-page"), files
            )
    return found


def _licence(about: metadata.PackageMetadata) -> str:
    """Its name: the expression, or what a classifier or the old field says."""
    said = [_field(about, "License-Expression"), _field(about, "License")]
    classifiers = about.get_all("Classifier") or []
    said += [c.split(" :: ")[-1] for c in classifiers if c.startswith("License :: OSI")]
    names = (name for name in said if name and len(name) <= _LONGEST_NAME)
    return next((name for name in names if name != "UNKNOWN"), "see its text")


def _field(about: metadata.PackageMetadata, name: str) -> str:
    return str(about[name]) if name in about else ""
