"""What Linux executables and libraries ask of the system, as binutils' ``objdump`` reads it."""

from __future__ import annotations

import re
import subprocess
from collections.abc import Iterator
from pathlib import Path

_MAGIC = b"\x7fELF"


def elf_files(folder: Path) -> Iterator[Path]:
    """Executables and shared libraries below a folder, each once."""
    for path in sorted(folder.rglob("*")):
        if path.is_file() and not path.is_symlink() and _is_elf(path):
            yield path


def needed(path: Path) -> tuple[str, ...]:
    """Names of the libraries that a file is linked to, such as ``libz.so.1``."""
    return tuple(re.findall(r"^\s+NEEDED\s+(\S+)", _objdump("-p", path), re.MULTILINE))


def newest_version(path: Path, family: str) -> tuple[int, ...]:
    """Newest version of a family of symbols, such as ``GLIBC``, that a file asks for, or ()."""
    asked = re.findall(rf"0x\w+ 0x\w+ \d+ {family}_([\d.]+)$", _objdump("-p", path), re.MULTILINE)
    return max((tuple(map(int, version.split("."))) for version in asked), default=())


def needed_from_outside(folder: Path) -> dict[str, tuple[Path, ...]]:
    """Libraries that files of a folder are linked to and the folder lacks: name to the files."""
    files = tuple(elf_files(folder))
    inside = {path.name for path in folder.rglob("*.so*")}
    outside: dict[str, tuple[Path, ...]] = {}
    for path in files:
        for name in needed(path):
            if name not in inside:
                outside[name] = (*outside.get(name, ()), path.relative_to(folder))
    return outside


def _is_elf(path: Path) -> bool:
    with path.open("rb") as file:
        return file.read(len(_MAGIC)) == _MAGIC


def _objdump(option: str, path: Path) -> str:
    done = subprocess.run(["objdump", option, path], capture_output=True, text=True, check=True)
    return done.stdout
