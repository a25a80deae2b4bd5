"""Texts without who and where: what errors and systems say, fit to be pasted into a report."""

from __future__ import annotations

import getpass
import os
import platform
import re
import sys
import tempfile
from collections.abc import Iterable, Iterator
from contextlib import suppress
from pathlib import Path
from typing import NamedTuple

from core.paths import HOME_VARIABLE

_GENERIC = {
    *("admin", "administrator", "debian", "docker", "guest", "localhost", "python", "root"),
    *("runner", "test", "tlmri", "torch", "ubuntu", "user"),
    *("inet", "inet6", "local", "tcp", "unix"),  # beside the machine in a display's name
}
"""Names of accounts and machines that tell nothing of a person, and are words of other texts."""

_SHORTEST_NAME = 3
"""Letters; a shorter name is part of other words, and is hidden within its folder only."""

_LETTER = r"[^\W_]"
"""Or a digit."""

_STAYS_BELOW = r"""(?![^"\n]*[\\/]\.\.(?![\w.]))"""
"""Nothing that follows in the path leads up, to where people's folders may be."""

_SYSTEM = (
    r"(?:usr|lib|lib64|bin|etc|proc|System|opt/tlmri|dev/nvidia[\w-]*|Applications/tlmri\.app)"
    rf"""(?=[/"':;,)]|$){_STAYS_BELOW}"""
)
"""First folders of paths that are the same on every machine, and where tlmri is installed."""

_PROGRAMS = rf"""(?i:Windows|Program Files(?: \(x86\))?)(?=[\\/"':;,)]|$){_STAYS_BELOW}"""


def _with_rest(start: str) -> str:
    """Pattern of a path that begins so, all below included: folders have names of people too.

    It ends with the quotation marks that it began with, or else with the line, or a colon after
    which there is no separator: it may hold spaces, commas, colons and apostrophes.
    """
    quoted, bare = r"(?:(?!(?P=mark)(?!\w)).)*", r"""(?:[^"\n]*[\\/])?[^":\n]*"""
    return rf"""(?P<mark>["'])?{start}(?(mark){quoted}|{bare})"""


_PATTERNS = tuple(
    (re.compile(_with_rest(start)), stand_in)
    for start, stand_in in (
        # Addresses of files and shares. One of the web is none.
        (r"(?<!\w)(?!(?i:https?):)[A-Za-z][A-Za-z0-9+.-]*://", "(path)"),
        # Homes of others, and of this user by a name that the system did not tell.
        (r"/(?:home|Users)/", "~"),
        (r"(?<![A-Za-z])[A-Za-z]:[\\/]+(?i:Users)[\\/]+", "~"),
        # What messages say of this user's already.
        (r"(?<!\w)~[\\/]", "~"),
        # All other places, but those of every machine.
        (r"(?<![\w.~)/])(?<!http:)(?<!https:)//+", "(path)"),
        (rf"(?<![\w.~)/])/(?!/)(?!{_SYSTEM})", "(path)"),
        (r"(?<![\w.])\.{1,2}[\\/]", "(path)"),
        (rf"(?<![A-Za-z])[A-Za-z]:[\\/]+(?!{_PROGRAMS})", "(path)"),
        (r"(?<![\w:\\)])\\\\", "(path)"),
    )
)


class Place(NamedTuple):
    """A folder that a text may name, and what is said instead; with all below it if private."""

    folder: str
    stand_in: str
    is_private: bool = True


class Name(NamedTuple):
    """A user's or a machine's, and what is said instead."""

    name: str
    stand_in: str


def anonymous(text: str) -> str:
    """One line that names no user, no machine, and no folder of theirs."""
    return hidden(" ".join(text.split()), tuple(_places()), tuple(_names()))


def hidden(text: str, places: Iterable[Place], names: Iterable[Name]) -> str:
    """A text without these folders and names, nor any other that lies where users' folders do.

    Folders are found however their separators are written (doubled, in a text of Python's). What
    is joined to a name is hidden with it: ``jane_doe``, and a machine's domain.
    """
    # The longest first; of two as long, the one that is no private one.
    for place in sorted(places, key=lambda place: (-len(place.folder), place.is_private)):
        if len(place.folder.strip("\\/")) > 2:  # neither "/" nor "C:\"
            folder = _spelled(place.folder)
            if place.is_private:
                text = re.sub(_with_rest(folder), rf"\g<mark>{place.stand_in}", text)
            else:
                text = re.sub(rf"{folder}(?![\w-]){_STAYS_BELOW}", place.stand_in, text)
    for pattern, stand_in in _PATTERNS:
        text = pattern.sub(rf"\g<mark>{stand_in}", text)
    for name, stand_in in sorted(names, key=lambda name: -len(name.name)):
        if len(name) >= _SHORTEST_NAME and name.lower() not in _GENERIC:
            whole = rf"(?<!{_LETTER})(?:{_LETTER}+[_.-]+)*{re.escape(name)}(?:[_.-]+{_LETTER}+)*"
            text = re.sub(rf"{whole}(?!{_LETTER})", stand_in, text, flags=re.IGNORECASE)
    return text


def _spelled(folder: str) -> str:
    words = re.split(r"[\\/]+", folder.rstrip("\\/"))
    flags = "(?i:{})" if "\\" in folder else "{}"  # Windows does not tell case
    return flags.format(r"[\\/]+".join(map(re.escape, words)))


def _places() -> Iterator[Place]:
    """Each as it is said, and as it is behind links."""
    for place in _said():
        yield place
        with suppress(OSError, RuntimeError, ValueError):
            yield place._replace(folder=str(Path(place.folder).resolve()))


def _said() -> Iterator[Place]:
    yield Place(sys.prefix, "(environment)", is_private=False)
    yield Place(str(Path(__file__).parents[2]), "(tlmri)", is_private=False)
    if folder := os.environ.get(HOME_VARIABLE):
        yield Place(folder, f"({HOME_VARIABLE})")
    for variable in ("TMPDIR", "TEMP", "TMP"):
        if folder := os.environ.get(variable):
            yield Place(folder, "(temporary folder)")
    for variable in ("HOME", "USERPROFILE"):
        if folder := os.environ.get(variable):
            yield Place(folder, "~")
    with suppress(OSError):
        yield Place(tempfile.gettempdir(), "(temporary folder)")
    with suppress(OSError):
        yield Place(str(Path.cwd()), "(current folder)")
    with suppress(RuntimeError):
        yield Place(str(Path.home()), "~")


def _names() -> Iterator[Name]:
    """The user's, this machine's, and those of the machine or session that shows the screen."""
    with suppress(OSError, KeyError, ImportError):  # which a system without accounts raises
        yield Name(getpass.getuser(), "(user)")
    for machine in (platform.node(), *_machines_of(os.environ.get("DISPLAY", ""))):
        whole = machine.strip("[]")
        yield Name(whole, "(machine)")
        if not re.fullmatch(r"[\d.:]*|.*:.*", whole):  # no part of an IP address is a name
            first, _, domain = whole.partition(".")
            yield Name(first, "(machine)")
            if "." in domain:
                yield Name(domain, "(machine)")
    yield Name(os.environ.get("WAYLAND_DISPLAY", ""), "(screen)")


def _machines_of(display: str) -> list[str]:
    """Of a name as ``tcp/machine:0`` and ``machine/unix:0.0``; a path is hidden as others are."""
    return [] if display.startswith("/") else display.rpartition(":")[0].split("/")
