"""Which component each file and each module of a frozen folder belongs to."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable
from functools import cache
from importlib.metadata import Distribution
from pathlib import Path

from installers import distributions, inside_wheels, python_runtime, system_libraries
from installers.components import Component
from installers.frozen_folder import below_internal, is_native, is_program
from installers.project import ROOT

OWN = "tlmri-gui"
"""Name of the distribution that all this is about."""

_OWN_PACKAGES = ("core", "tlmri_gui", "installers")
_OWN_FILES = re.compile(
    r"(resources|docs)/.*|NEEDS-GLIBC|VERSION|BUILD|[^/]+\.icns"
)  # the icon is that of macOS
_PLACES = (  # where modules lie that are named otherwise inside
    "",
    "setuptools/_vendor/",
    "PyInstaller/loader/",
    "PyInstaller/fake-modules/",
    "PyInstaller/hooks/rthooks/",
    "_pyinstaller_hooks_contrib/rthooks/",
)


class Environment:
    """What may be inside: the distributions of this environment, Python, tlmri, the system.

    Parameters
    ----------
    found
        Distributions instead of this environment's.
    """

    def __init__(self, found: Iterable[Distribution] | None = None) -> None:
        self.known = distributions.by_name(found)
        self._owners = distributions.owners(self.known)
        self._folders = _first_folders(self._owners)

    def attribute(
        self, frozen: Path, files: list[str], modules: Iterable[str]
    ) -> dict[Component, list[str]]:
        """Components with their files; modules have no files of their own and add components only.

        Raises
        ------
        ValueError
            If files or modules belong to none: all are listed.
        """
        found: dict[str, list[str]] = {}
        lost = []
        for file in files:
            key = self._owner_of_file(frozen, file)
            found.setdefault(key, []).append(file) if key else lost.append(file)
        system = system_libraries.owners([Path(file).name for file in lost])
        for file in [file for file in lost if Path(file).name in system]:
            found.setdefault(f"system:{system[Path(file).name]}", []).append(file)
            lost.remove(file)
        for module in sorted(modules):
            key = self._owner_of_module(module)
            found.setdefault(key, []) if key else lost.append(f"module {module}")
        for entry, where in inside_wheels.linked_in(frozen, files).items():
            found.setdefault(f"inside:{entry}", []).extend(where)
        if lost:
            raise ValueError(f"belong to no component whose licence is known: {', '.join(lost)}")
        return _merged((self._component(key), files) for key, files in found.items())

    def _owner_of_file(self, frozen: Path, file: str) -> str | None:
        path = below_internal(file)
        if path is None:
            if is_program(frozen / file):
                return "distribution:pyinstaller"
            # Beside the executables lie only what their builders add: scripts, tables of macOS.
            return None if is_native(frozen / file) else f"distribution:{OWN}"
        if (entry := inside_wheels.entry_of(path)) is not None:
            return f"inside:{entry}"
        if _OWN_FILES.fullmatch(path):
            return f"distribution:{OWN}"
        for candidate in (path, path.removesuffix("c")):  # a .pyc without its .py
            if candidate in self._owners:
                return f"distribution:{self._owners[candidate]}"
        return "python:" if python_runtime.is_part(path) else None

    def _owner_of_module(self, name: str) -> str | None:
        top = name.partition(".")[0]
        if top in _OWN_PACKAGES or name in _own_scripts():
            return f"distribution:{OWN}"
        if python_runtime.is_module(name):
            return "python:"
        path = name.replace(".", "/")
        for place in _PLACES:
            for file in (f"{place}{path}.py", f"{place}{path}/__init__.py"):
                if file in self._owners:
                    return f"distribution:{self._owners[file]}"
            if f"{place}{path}" in self._folders:  # a package without __init__.py
                return f"distribution:{self._folders[f'{place}{path}']}"
        return None

    def _component(self, key: str) -> Component:
        kind, _, name = key.partition(":")
        makers: dict[str, Callable[[], Component]] = {
            "distribution": lambda: distributions.component(self.known[name]),
            "inside": lambda: inside_wheels.component(name, self.known),
            "python": python_runtime.component,
            "system": lambda: system_libraries.component(name),
        }
        return makers[kind]()


@cache
def _own_scripts() -> frozenset[str]:
    """Scripts that the application starts with."""
    folder = ROOT / "packaging"
    hooks = folder.rglob("rth_*.py")
    return frozenset(path.stem for path in (folder / "start.py", *hooks))


def _first_folders(owners: dict[str, str]) -> dict[str, str]:
    folders: dict[str, str] = {}
    for file, owner in owners.items():
        for folder in Path(file).parents:
            folders.setdefault(folder.as_posix(), owner)
    return folders


def _merged(found: Iterable[tuple[Component, list[str]]]) -> dict[Component, list[str]]:
    """One component for all packages of one Debian source, in the order of names."""
    by_name: dict[str, tuple[Component, list[str]]] = {}
    for component, files in found:
        _, gathered = by_name.setdefault(component.name, (component, []))
        gathered.extend(files)
    return {
        component: sorted(set(files))
        for component, files in sorted(by_name.values(), key=lambda pair: pair[0].name.lower())
    }
