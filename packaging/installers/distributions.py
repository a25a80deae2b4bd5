"""The Python distributions of this environment: who owns which file, under which licence."""

from __future__ import annotations

import re
from collections.abc import Iterable
from fnmatch import fnmatchcase
from importlib.metadata import Distribution, distributions
from pathlib import Path
from typing import Any

from installers.components import Component, Text
from installers.known_licences import supplied, table

_TEXT = re.compile(r"(?i)(^|/)[^/]*(licen[cs]e|copying|copyright|notice|authors)[^/]*$")
_CODE = (".py", ".pyc", ".pyi", ".so", ".pyd", ".json", ".ABOUT")
_IN_METADATA = re.compile(r"^[^/]+\.dist-info/(licenses/)?")


def by_name(found: Iterable[Distribution] | None = None) -> dict[str, Distribution]:
    """The distributions, those of this environment by default, under their normalised names."""
    return {normalised(one.name): one for one in (distributions() if found is None else found)}


def normalised(name: str) -> str:
    """A distribution's name as the index compares it: small letters, hyphens."""
    return re.sub(r"[-_.]+", "-", name).lower()


def owners(found: dict[str, Distribution]) -> dict[str, str]:
    """From each installed file, relative to ``site-packages``, to its distribution's name."""
    return {
        str(file).replace("\\", "/"): name
        for name, one in found.items()
        for file in one.files or ()
    }


def licence(one: Distribution) -> str:
    """SPDX expression of a distribution: by hand, else what its metadata say.

    Raises
    ------
    ValueError
        If neither names one.
    """
    by_hand = _by_hand(one).get("licence")
    told = by_hand or _field(one, "License-Expression") or _field(one, "License")
    if not re.fullmatch(r"[\w.+()-]+( (AND|OR|WITH) [\w.+()-]+)*", told):
        raise ValueError(
            f"licence of {one.name}: must be named in packaging/licences/distributions.toml, "
            f"got {told.partition(chr(10))[0][:60]!r}"
        )
    return told


def texts(one: Distribution) -> tuple[Text, ...]:
    """What a distribution ships of licences, notices and authors, and what is added by hand."""
    shipped = [
        Text(_shown(str(file)), Path(str(one.locate_file(file))))
        for file in one.files or ()
        if _is_text(str(file))
    ]
    return (*sorted(shipped), *supplied(_by_hand(one).get("texts", [])))


def texts_like(one: Distribution, patterns: list[str]) -> tuple[Text, ...]:
    """Of all files of a distribution those whose shown names match one of some patterns."""
    return tuple(
        Text(shown.rsplit("/", 1)[-1], Path(str(one.locate_file(file))))
        for file in one.files or ()
        for shown in [_shown(str(file))]
        if any(fnmatchcase(shown, pattern) for pattern in patterns)
    )


def component(one: Distribution) -> Component:
    """A distribution as a component.

    Raises
    ------
    ValueError
        If its licence is not known.
    """
    by_hand = _by_hand(one)
    return Component(
        name=by_hand.get("name", one.name),
        version=one.version,
        licence=licence(one),
        home=by_hand.get("home", _home(one)),
        kind=by_hand.get("kind", "python"),
        texts=texts(one),
        purl=f"pkg:pypi/{normalised(one.name)}@{one.version.partition('+')[0]}",
    )


def _by_hand(one: Distribution) -> dict[str, Any]:
    entry = table("distributions").get(normalised(one.name), {})
    return {"licence": entry} if isinstance(entry, str) else entry


def _field(one: Distribution, name: str) -> str:
    """A field of the metadata, empty if it is missing, which some readers of it refuse to say."""
    told: list[str] = one.metadata.get_all(name) or []
    return told[0] if told else ""


def _home(one: Distribution) -> str:
    links = dict(
        link.split(", ", 1) for link in one.metadata.get_all("Project-URL") or () if ", " in link
    )
    links = {label.lower(): url for label, url in links.items()}
    for label in ("homepage", "home", "source", "repository", "source code", "github"):
        if label in links:
            return links[label]
    return _field(one, "Home-page") or next(iter(links.values()), "")


def _is_text(path: str) -> bool:
    if path.endswith(_CODE) or "/__pycache__/" in path:
        return False
    return ".dist-info/licenses/" in path or _TEXT.search(path) is not None


def _shown(path: str) -> str:
    return _IN_METADATA.sub("", path.replace("\\", "/"))
