"""Python itself as a component, with the libraries that its own installers bring."""

from __future__ import annotations

import platform
import re
import sys
import sysconfig
from functools import cache
from pathlib import Path

from installers.components import Component, Text
from installers.known_licences import supplied

_EXTENSIONS = re.compile(r"(python3\.\d+/)?lib-dynload/")
_FRAMEWORK = re.compile(r"Python(\.framework/.*)?")


def is_part(path: str) -> bool:
    """Whether a file, by its path below ``_internal``, is Python's own."""
    if path == "base_library.zip" or _EXTENSIONS.match(path) or _FRAMEWORK.fullmatch(path):
        return True
    return "/" not in path and path in _own_libraries()


def is_module(name: str) -> bool:
    """Whether a module is of the standard library."""
    top = name.partition(".")[0]
    return top in sys.stdlib_module_names or top.startswith("_sysconfigdata")


def component() -> Component:
    """Python as a component; its licence text names those of what it incorporates."""
    return Component(
        name="Python",
        version=platform.python_version(),
        licence="PSF-2.0",
        home="https://www.python.org",
        kind="runtime",
        texts=(*(Text("LICENSE.txt", path) for path in _own_text()), *supplied(["python"])),
        purl=f"pkg:generic/cpython@{platform.python_version()}",
    )


@cache
def _own_libraries() -> frozenset[str]:
    base = Path(sys.base_prefix)
    found = [*base.glob("*.dll"), *(base / "DLLs").glob("*"), *(base / "lib").glob("*.dylib")]
    library = sysconfig.get_config_var("LIBDIR")
    if library:
        found += Path(library).glob("libpython3*")
    return frozenset(path.name for path in found)


def _own_text() -> list[Path]:
    folders = (Path(sysconfig.get_path("stdlib")), Path(sys.base_prefix))
    candidates = [folder / name for folder in folders for name in ("LICENSE.txt", "LICENSE")]
    return [path for path in candidates if path.is_file()][:1]
