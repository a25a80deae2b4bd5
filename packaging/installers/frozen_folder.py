"""What lies in a frozen folder: files, the native ones among them, and Python modules."""

from __future__ import annotations

import mmap
import re
import zipfile
from importlib import import_module
from pathlib import Path

_INTERNAL = re.compile(r"(_internal|Contents/(Frameworks|Resources))/")
_LICENCES = re.compile(_INTERNAL.pattern + "licences/")
_NATIVE = (
    b"\x7fELF",
    b"MZ",
    b"\xcf\xfa\xed\xfe",  # Mach-O, 64 bit
    b"\xca\xfe\xba\xbe",  # Mach-O of several processors
)
_ARCHIVE_COOKIE = b"MEI\014\013\012\013\016"  # PyInstaller.archive.readers, where its archive ends


def below_internal(file: str) -> str | None:
    """A file's path below the folder that PyInstaller puts all but executables into, if it is.

    That is ``_internal``; in an application for macOS ``Contents/Frameworks`` or
    ``Contents/Resources``, where folders have ``__dot__`` for a dot.
    """
    found = _INTERNAL.match(file)
    return file[found.end() :].replace("__dot__", ".") if found else None


def licences_of(frozen: Path) -> Path:
    """Folder that the materials are written into; the application has it beside ``resources``.

    Raises
    ------
    ValueError
        If it is no frozen folder.
    """
    for folder in ("_internal", "Contents/Resources"):
        if (frozen / folder).is_dir():
            return frozen / folder / "licences"
    raise ValueError(f"{frozen}: must be a frozen folder, with _internal or Contents inside")


def files_inside(frozen: Path) -> list[str]:
    """Paths of all files relative to the frozen folder, with forward slashes, in order.

    Links to what lies in the folder too are left out, and so are the materials themselves.

    Raises
    ------
    ValueError
        If a link leads out of the folder.
    """
    inside = []
    for path in sorted(frozen.rglob("*")):
        name = path.relative_to(frozen).as_posix()
        if _LICENCES.match(name):
            continue
        if path.is_symlink():
            if not path.resolve().is_relative_to(frozen.resolve()):
                raise ValueError(f"{name}: must be a link inside the folder, leads outside")
        elif path.is_file():
            inside.append(name)
    return inside


def is_native(path: Path) -> bool:
    """Whether a file holds machine code, by its first bytes."""
    with path.open("rb") as file:
        return file.read(4).startswith(_NATIVE)


def holds(path: Path, mark: bytes) -> bool:
    """Whether some bytes are anywhere in a file."""
    if path.stat().st_size < len(mark):
        return False
    with path.open("rb") as file, mmap.mmap(file.fileno(), 0, access=mmap.ACCESS_READ) as memory:
        return memory.find(mark) >= 0


def is_program(path: Path) -> bool:
    """Whether a file is an executable made by PyInstaller."""
    return is_native(path) and holds(path, _ARCHIVE_COOKIE)


def modules_inside(frozen: Path) -> set[str]:
    """Names of the Python modules and scripts in the archives of the executables."""
    modules = set()
    for program in [*frozen.iterdir(), *frozen.glob("Contents/MacOS/*")]:
        if program.is_file() and is_program(program):
            modules |= _in_program(program)
    for library in frozen.rglob("base_library.zip"):
        modules |= _in_zip(library)
    return modules


def _in_program(path: Path) -> set[str]:
    # Here: the rest works where PyInstaller is not installed.
    readers = import_module("PyInstaller.archive.readers")
    archive = readers.CArchiveReader(str(path))
    modules = {name for name, (*_, code) in archive.toc.items() if code in "ms"}
    for name, (*_, code) in archive.toc.items():
        if code == "z":
            modules.update(archive.open_embedded_archive(name).toc)
    return modules


def _in_zip(path: Path) -> set[str]:
    with zipfile.ZipFile(path) as archive:
        return {
            name.removesuffix(".pyc").removesuffix("/__init__").replace("/", ".")
            for name in archive.namelist()
            if name.endswith(".pyc")
        }
