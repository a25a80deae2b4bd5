"""How each kind of package comes into its place, how it leaves, and what must be true of both."""

from __future__ import annotations

import re
import shutil
import subprocess
from collections.abc import Sequence
from dataclasses import replace
from pathlib import Path

from installers.project import project
from installers.trial import place as places
from installers.trial.outcome import Finished, Outcome, general_problems, last_lines
from installers.trial.place import CleanSystem, EmptiedFolder, Place

NAME_WITH_SPACES = "My programs"
LIMIT_S = 900
_INSTALL = ("apt-get", "install", "--yes", "--no-install-recommends")
_QUIET = {"DEBIAN_FRONTEND": "noninteractive"}
_SEARCH = r"""
find / -xdev -type f -perm /111 -not -path '/opt/*' \
  \( -name 'python*' -o -name 'gcc*' -o -name 'cc1*' -o -name 'conda*' \) -print
find / -xdev -name pyproject.toml -not -path '/opt/*' -print
"""


def is_deb(package: Path) -> bool:
    """Whether it is a Debian package; otherwise it is taken for a tar file."""
    return package.suffix == ".deb"


def prove_clean(place: Place, title: str) -> Outcome:
    """No Python, compiler or checkout is in the place (what is being tried lies in /opt)."""
    if isinstance(place, EmptiedFolder):
        return _tried(place, title, ["sh", "-c", "! command -v python3"], typed="python3")
    finished = places.run(place, ["sh", "-c", _SEARCH], LIMIT_S, as_root=True)
    problems = list(general_problems(finished))
    if finished.output.strip():
        problems.append("found what should not be there")
    text = finished.output.strip() or "(nothing found)"
    command = "find: executables python*, gcc*, cc1*, conda*; pyproject.toml"
    return Outcome(title, command, finished.code, finished.seconds, text, tuple(problems))


def install_deb(place: Place, package: Path) -> tuple[list[Outcome], tuple[str, ...]]:
    """Install a Debian package by apt, which resolves its dependencies.

    Returns
    -------
    What came of it, and the words that start the application.
    """
    if isinstance(place, EmptiedFolder):
        done = subprocess.run(["dpkg-deb", "-x", package, place.home / "unpacked"], check=False)
        outcome = _judged("unpacks", "dpkg-deb -x", Finished(done.returncode, 0.0, ""))
        return [outcome], (str(place.home / "unpacked" / "opt" / "tlmri" / "tlmri"),)
    assert isinstance(place, CleanSystem)
    shutil.copyfile(package, place.root / package.name)
    outcomes = [
        _as_root(place, "refreshes the list of packages", ["apt-get", "update"]),
        _as_root(place, "installs, its dependencies with it", [*_INSTALL, f"./{package.name}"]),
    ]
    (place.root / package.name).unlink()
    return outcomes, ("tlmri",)


def remove_deb(place: Place, package: Path) -> list[Outcome]:
    """Remove it again: nothing of it may stay."""
    if not isinstance(place, CleanSystem):
        return []
    shown = ["dpkg-deb", "--field", str(package), "Package"]
    name = subprocess.run(shown, check=True, capture_output=True, text=True).stdout.strip()
    outcome = _as_root(place, "is removed again", ["apt-get", "remove", "--yes", name])
    stayed = (f"{path} is still there" for path in left_of(name, place.root))
    return [replace(outcome, problems=(*outcome.problems, *stayed))]


def left_of(name: str, root: Path) -> tuple[str, ...]:
    """What a removed package has left where packages lie: paths below ``root`` with its name."""
    found = (path for top in ("opt", "usr", "etc") for path in (root / top).rglob(f"*{name}*"))
    return tuple(sorted(f"/{path.relative_to(root)}" for path in found))


def unpack_tar(place: Place, package: Path) -> tuple[list[Outcome], tuple[str, ...]]:
    """Unpack a tar file into a folder with a space in its name.

    Returns
    -------
    What came of it, and the words that start the application.
    """
    shutil.copyfile(package, place.home / package.name)
    folder = place.home / NAME_WITH_SPACES
    tar = places.shown(["tar", "-xf", package.name, "-C", NAME_WITH_SPACES])
    typed = f"{places.shown(['mkdir', NAME_WITH_SPACES])} && {tar}"
    outcome = _tried(place, "unpacks", ["sh", "-c", typed], typed=typed)
    (place.home / package.name).unlink()
    tops = sorted(folder.iterdir()) if folder.is_dir() else []
    if len(tops) != 1:
        problem = f"{len(tops)} entries at the top of the tar file, not one folder"
        return [replace(outcome, problems=(*outcome.problems, problem))], ("tlmri",)
    return [outcome], (f"./{NAME_WITH_SPACES}/{tops[0].name}/tlmri",)


def libraries_asked_for(output: str) -> tuple[str, ...]:
    """The packages of the ``apt-get install`` command that a refusal tells the user to run."""
    found = re.search(r"apt-get install ((?:[a-z0-9][a-z0-9.+-]+ ?)+)", output)
    return tuple(found.group(1).split()) if found else ()


def install_libraries(place: Place, refusal: Outcome) -> list[Outcome]:
    """Run the very command that a refusal named."""
    if isinstance(place, EmptiedFolder):
        return []
    packages = libraries_asked_for(refusal.output)
    if not packages:
        return []
    return [
        _as_root(place, "refreshes the list of packages", ["apt-get", "update"]),
        _as_root(place, "installs what the refusal named", [*_INSTALL, *packages]),
    ]


def add_to_menu(place: Place, program: Sequence[str]) -> Outcome:
    """Run the script that puts the unpacked application into the desktop's menu."""
    script = str(Path(program[0]).parent / "add-to-menu.sh")
    words = ["sh", script]
    outcome = _tried(place, "is put into the menu", words, typed=places.shown(words))
    entry = Path(".local", "share", "applications", f"{project().name}.desktop")
    missing = () if (place.home / entry).is_file() else (f"~/{entry} is missing",)
    return replace(outcome, problems=(*outcome.problems, *missing))


def move_tar(place: Place, program: Sequence[str]) -> tuple[list[Outcome], tuple[str, ...]]:
    """Move the unpacked folder; it must work from there as well."""
    moved = "Moved elsewhere"
    words = ["mv", NAME_WITH_SPACES, moved]
    outcome = _tried(place, "is moved", words, typed=places.shown(words))
    return [outcome], (program[0].replace(NAME_WITH_SPACES, moved), *program[1:])


def _as_root(place: Place, title: str, words: Sequence[str]) -> Outcome:
    finished = places.run(place, words, LIMIT_S, _QUIET, as_root=True, network=True)
    return _judged(title, places.shown(words), finished)


def _tried(place: Place, title: str, words: Sequence[str], typed: str) -> Outcome:
    return _judged(title, typed, places.run(place, words, LIMIT_S))


def _judged(title: str, typed: str, finished: Finished) -> Outcome:
    output = last_lines(finished.output, 8)
    problems = general_problems(finished)
    return Outcome(title, typed, finished.code, finished.seconds, output, problems)
