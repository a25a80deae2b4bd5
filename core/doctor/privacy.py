"""Texts without who and where: what errors and systems say, fit to be pasted into a report."""

from __future__ import annotations

import getpass
import os
import platform
import re
import sys
import tempfile
from collections.abc import Iterator
from contextlib import suppress
from pathlib import Path
from typing import NamedTuple

from core.paths import HOME_VARIABLE

_GENERIC = {
    *("admin", "administrator", "debian", "docker", "guest", "localhost", "python", "root"),
    *("runner", "test", "tlmri", "torch", "ubuntu", "user"),
}
"""Names of accounts and machines that tell nothing of a person, and are words of other texts."""

_SHORTEST_NAME = 3
"""Letters; a shorter name is part of other words, and is hidden within its folder only."""

_SYSTEM = r"(?:usr|lib|lib64|opt|etc|proc|sys|dev|bin|System|Library|Applications)(?![\w.-])"
"""First folders of paths that are the same on every machine."""

_PROGRAMS = r"(?:Windows|Program Files)"


def _with_rest(start: str) -> str:
    """Pattern of a path that begins so, all below included: folders have names of people too.

    It ends with the quotation marks that it began with, or else with a colon or the line: it may
    hold spaces, commas and apostrophes.
    """
    return rf"""(?P<mark>["'])?{start}(?(mark)(?:(?!(?P=mark)).)*|[^":\n]*)"""


_PATTERNS = tuple(
    (re.compile(_with_rest(start)), stand_in)
    for start, stand_in in (
        # Homes of others, and of this user by a name that the system did not tell.
        (r"/(?:home|Users)/", "~"),
        (r"(?<![A-Za-z])[A-Za-z]:[\\/]+(?i:Users)[\\/]+", "~"),
        # What messages say of this user's already.
        (r"(?<!\w)~[\\/]", "~"),
        # All other places, but those of every machine. An address of the web is none.
        (rf"(?<![\w.~)/])/(?!/)(?!{_SYSTEM})", "(path)"),
        (rf"(?<![A-Za-z])[A-Za-z]:[\\/]+(?!{_PROGRAMS})", "(path)"),
        (r"(?<![\w:\\)])\\\\", "(path)"),
    )
)


class Place(NamedTuple):
    """A folder that a text may name, and what is said instead; with all below it if private."""

    folder: str
    stand_in: str
    is_private: bool = True


def anonymous(text: str) -> str:
    """One line that names no user, no machine, and no folder of theirs."""
    return hidden(" ".join(text.split()), tuple(_places()), tuple(_names()))


def hidden(text: str, places: tuple[Place, ...], names: tuple[str, ...]) -> str:
    """A text without these folders and names, nor any other that lies where users' folders do.

    Folders are found however their separators are written (doubled, in a text of Python's).
    """
    # The longest first; of two as long, the one that is no private one.
    for place in sorted(places, key=lambda place: (-len(place.folder), place.is_private)):
        if len(place.folder.strip("\\/")) > 2:  # neither "/" nor "C:\"
            folder = _spelled(place.folder)
            if place.is_private:
                text = re.sub(_with_rest(folder), rf"\g<mark>{place.stand_in}", text)
            else:
                text = re.sub(folder, place.stand_in, text)
    for pattern, stand_in in _PATTERNS:
        text = pattern.sub(rf"\g<mark>{stand_in}", text)
    for name, stand_in in zip(names, ("(user)", "(machine)"), strict=True):
        if len(name) >= _SHORTEST_NAME and name.lower() not in _GENERIC:
            text = re.sub(rf"(?<!\w){re.escape(name)}(?!\w)", stand_in, text, flags=re.IGNORECASE)
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


def _names() -> Iterator[str]:
    """The user's and the machine's."""
    user = ""
    with suppress(OSError, KeyError, ImportError):  # which a system without accounts raises
        user = getpass.getuser()
    yield user
    yield platform.node().partition(".")[0]
