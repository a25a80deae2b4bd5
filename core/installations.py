"""Other installations of tlmri on this machine, found by their files; none of them is run.

All of them share the user's folder: its checkpoints, settings and studies.
"""

from __future__ import annotations

import os
import re
import shlex
import sys
import sysconfig
from collections.abc import Iterator
from contextlib import suppress
from dataclasses import dataclass, replace
from pathlib import Path

from core import paths, windows_registry

FOLDER, PACKAGE, PYTHON, APPLICATION, WINDOWS = (
    "folder",
    "package",
    "Python package",
    "application",
    "Windows application",
)
"""How an installation came here: an archive unpacked by hand, Debian's package, pip, a macOS
application in its folder, the Windows installer."""

VERSION_FILE = Path("_internal") / "VERSION"
"""Where the installers write the version, beside the program."""

MENU_SCRIPT = "add-to-menu.sh"
"""In an unpacked archive, beside the program: puts it into the desktop's menu, or takes it out."""

_VERSION = re.compile(r"\d[\w.+!-]{0,40}")
_NAMES = ("tlmri", "tlmri.exe")
_SITE_PACKAGES = ("lib/python*/site-packages", "lib/python*/dist-packages", "Lib/site-packages")


@dataclass(frozen=True)
class Installation:
    """A tlmri on this machine.

    Attributes
    ----------
    place
        Its folder, with ``~`` for the user's home.
    version
        Empty if its files do not tell.
    how
        One of :data:`FOLDER`, :data:`PACKAGE`, :data:`PYTHON`, :data:`APPLICATION`,
        :data:`WINDOWS`.
    is_in_menu
        Whether the user's own menu entry starts it, which ``add-to-menu.sh`` has put there.
    """

    place: str
    version: str
    how: str
    is_in_menu: bool = False

    @property
    def name(self) -> str:
        """Such as ``tlmri 0.0.9 in ~/Apps/tlmri-0.0.9``."""
        return f"tlmri {self.version or '(version unknown)'} in {self.place}"

    @property
    def removal(self) -> str:
        """What removes it."""
        out_of_menu = f"sh {_shell_word(f'{self.place}/{MENU_SCRIPT}')} --remove, then "
        return {
            FOLDER: f"{out_of_menu if self.is_in_menu else ''}delete {self.place}",
            PACKAGE: "sudo apt-get remove tlmri",
            PYTHON: "pip uninstall tlmri-gui in that environment",
            APPLICATION: f"move {self.place} to the Trash",
            WINDOWS: "Settings > Apps > tlmri > Uninstall",
        }[self.how]


def others() -> tuple[Installation, ...]:
    """Installations in the known places other than the one that runs; reads small files only.

    The folder of an unpacked archive is known only if it is on the path or in the desktop's menu.
    """
    found: dict[Path, Installation] = {}
    for program in _programs():
        with suppress(OSError, RuntimeError, ValueError):  # unreadable, links in a circle, a NUL
            resolved = program.resolve()
            found |= _described(resolved) if resolved.is_file() else {}
    for folder in _in_own_menu() & found.keys():
        found[folder] = replace(found[folder], is_in_menu=(folder / MENU_SCRIPT).is_file())
    for folder, version in _windows():
        found[folder] = Installation(paths.shown(folder), version, WINDOWS)
    running = _running()
    return tuple(found[folder] for folder in sorted(found) if folder not in running)


def running_places() -> frozenset[str]:
    """Where another installation may find the one that runs."""
    return frozenset(map(paths.shown, _running()))


def described(others: tuple[Installation, ...]) -> str:
    """A line for the user; empty if there are none."""
    if not others:
        return ""
    names = ", ".join(f"{other.name} (remove: {other.removal})" for other in others)
    return f"Also installed: {names}; all share the same settings and checkpoints"


# where to look --------------------------------------------------------------------------------


def _programs() -> Iterator[Path]:
    """Files that start a tlmri, if they are there."""
    for folder in filter(None, os.environ.get("PATH", "").split(os.pathsep)):
        yield from (Path(folder) / name for name in _NAMES)
    if sys.platform == "darwin":
        for folder in (Path("/Applications"), _home() / "Applications"):
            yield folder / "tlmri.app" / "Contents" / "MacOS" / "tlmri"
    elif sys.platform.startswith("linux"):
        yield from (Path("/opt/tlmri/tlmri"), Path("/usr/bin/tlmri"))
        yield from _menu_programs()


def _menu_programs() -> Iterator[Path]:
    """What the menu entries start."""
    for data in (_own_data(), Path("/usr/local/share"), Path("/usr/share")):
        yield from _started_by(data)


def _own_data() -> Path:
    return Path(os.environ.get("XDG_DATA_HOME") or _home() / ".local" / "share")


def _in_own_menu() -> set[Path]:
    """Folders of what the user's own menu entry starts."""
    folders = set()
    with suppress(OSError, RuntimeError, ValueError):
        folders = {program.resolve().parent for program in _started_by(_own_data())}
    return folders


def _started_by(data: Path) -> Iterator[Path]:
    """What the menu entry in this folder of data starts."""
    entry = data / "applications" / "tlmri.desktop"
    with suppress(OSError, ValueError):  # ValueError: not UTF-8, or a quote that never ends
        for line in entry.read_text(encoding="utf-8").splitlines():
            key, _, command = line.partition("=")
            if key.strip() == "Exec":
                yield from map(Path, _words(command)[:1])


def _words(command: str) -> list[str]:
    """The words of a desktop entry's command line.

    It is escaped twice, as a text and as a command, and ``%`` stands for files
    (https://specifications.freedesktop.org/desktop-entry-spec/latest/exec-variables.html).
    """
    text = command.replace(r"\\", "\\")
    plain = re.sub(r"\\([$`])", r"\1", text)  # shlex undoes the other escapes within quotes
    return [word.replace("%%", "%") for word in shlex.split(plain)]


def _windows() -> list[tuple[Path, str]]:
    """Folder and version of what the Windows installer notes in the registry."""
    entries = windows_registry.installed("tlmri")
    return [(Path(e.folder).resolve(), _version_in(e.version)) for e in entries if e.folder]


# what is there --------------------------------------------------------------------------------


def _described(program: Path) -> dict[Path, Installation]:
    """The installation that a program belongs to, by its folder; empty if it is none of ours."""
    folder = program.parent
    bundle = folder.parents[1] if folder.name == "MacOS" else None
    if bundle is not None and bundle.suffix == ".app":
        return {bundle: Installation(paths.shown(bundle), _bundle_version(bundle), APPLICATION)}
    if (folder / "_internal").is_dir():
        how = PACKAGE if folder == Path("/opt/tlmri") else FOLDER
        return {
            folder: Installation(paths.shown(folder), _read_version(folder / VERSION_FILE), how)
        }
    environment = folder.parent
    for pattern in _SITE_PACKAGES:
        for info in environment.glob(f"{pattern}/tlmri_gui-*.dist-info"):
            version = _version_in(info.stem.split("-")[1])
            return {environment: Installation(paths.shown(environment), version, PYTHON)}
    return {}


def _bundle_version(bundle: Path) -> str:
    import plistlib

    try:
        document = plistlib.loads((bundle / "Contents" / "Info.plist").read_bytes())
        return _version_in(str(document["CFBundleShortVersionString"]))
    except (OSError, ValueError, LookupError, TypeError, AttributeError):
        return ""


def _read_version(file: Path) -> str:
    try:
        return _version_in(file.read_text(encoding="utf-8"))
    except (OSError, ValueError):
        return ""


def _version_in(text: str) -> str:
    """The text if it is a version, so that no file's content reaches the user; else empty."""
    text = text.strip()
    return text if _VERSION.fullmatch(text) else ""


def _running() -> set[Path]:
    """Folders of the installation that runs."""
    program = Path(sys.executable).resolve()
    if paths.is_frozen():
        return set(_described(program)) | {program.parent}
    scripts = {sysconfig.get_path("scripts"), sysconfig.get_path("scripts", f"{os.name}_user")}
    return {Path(sys.prefix).resolve(), *(Path(folder).resolve().parent for folder in scripts)}


def _shell_word(place: str) -> str:
    """Quoted where a shell needs it, but for the ``~`` that it is to replace."""
    home, rest = ("~/", place[2:]) if place.startswith("~/") else ("", place)
    return home + shlex.quote(rest)


def _home() -> Path:
    try:
        return Path.home()
    except RuntimeError:  # a user without a home
        return Path(os.sep)
