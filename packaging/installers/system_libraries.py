"""Shared libraries that PyInstaller takes from the system that builds, a Debian one."""

from __future__ import annotations

import re
import shutil
import subprocess
from pathlib import Path

from installers.components import Component, Text
from installers.known_licences import table

_DOCUMENTS = Path("/usr/share/doc")


def owners(names: list[str]) -> dict[str, str]:
    """From names of libraries to the Debian packages that they come from, if from one."""
    if not shutil.which("dpkg") or not names:
        return {}
    places = _places()
    paths = {place: name for name in names if name in places for place in _spellings(places[name])}
    if not paths:
        return {}
    told = subprocess.run(["dpkg", "-S", *paths], capture_output=True, text=True, check=False)
    found = {}
    for line in told.stdout.splitlines():
        packages, _, path = line.rpartition(": ")
        if path in paths:
            found[paths[path]] = packages.split(", ")[0].split(":")[0]
    return found


def component(package: str) -> Component:
    """The Debian source package that a binary package was made of, as a component.

    Raises
    ------
    ValueError
        If its licence is not in ``packaging/licences/debian.toml``.
    """
    source, version, home = subprocess.run(
        ["dpkg-query", "-W", "-f=${source:Package}\n${source:Version}\n${Homepage}\n", package],
        capture_output=True,
        text=True,
        check=True,
    ).stdout.splitlines()[:3]
    licence = table("debian").get(source)
    if licence is None:
        raise ValueError(
            f"licence of {source} (Debian package {package}): must be named in "
            "packaging/licences/debian.toml, is not"
        )
    text = (_DOCUMENTS / package / "copyright").resolve()
    return Component(
        name=source,
        version=version,
        licence=licence,
        home=home or f"https://tracker.debian.org/pkg/{source}",
        kind="library",
        texts=(Text("copyright.txt", text),) if text.is_file() else (),
        purl=f"pkg:deb/debian/{source}@{version}?arch=source",
    )


def _places() -> dict[str, str]:
    told = subprocess.run(
        [shutil.which("ldconfig") or "/sbin/ldconfig", "-p"],
        capture_output=True,
        text=True,
        check=True,
    ).stdout
    found: dict[str, str] = {}
    for name, path in re.findall(r"^\s+(\S+) \(.*\) => (\S+)$", told, re.MULTILINE):
        found.setdefault(name, path)
    return found


def _spellings(path: str) -> set[str]:
    """A library's own name and that of its links, in /lib and in /usr/lib, which may be one."""
    known = {path, str(Path(path).resolve())}
    return (
        known
        | {one.removeprefix("/usr") for one in known}
        | {f"/usr{one}" for one in known if one.startswith("/lib")}
    )
