"""The frozen folder of Linux, made ready: launcher, versions, licences, and what it asks of others.

On Linux the program is ``tlmri-bin``, and ``tlmri`` the script that looks first whether the system
is recent enough.
"""

from __future__ import annotations

import shutil
import stat
import subprocess
from dataclasses import dataclass
from pathlib import Path

from core.system_libraries import PLATFORMS, WAYLAND
from installers import elf
from installers.materials import write_materials
from installers.project import ROOT

EVERY_SYSTEM_HAS: dict[str, tuple[str, ...]] = {
    "libc6": (
        "ld-linux-x86-64.so.2", "libc.so.6", "libdl.so.2", "libm.so.6", "libpthread.so.0",
        "librt.so.1", "libutil.so.1",
    ),
    "libexpat1": ("libexpat.so.1",),
    "libgcc-s1": ("libgcc_s.so.1",),
    "libstdc++6": ("libstdc++.so.6",),
}  # fmt: skip
"""Debian package to the libraries it brings, which no desktop or server is without."""

OPTIONAL_PARTS = ("platformthemes", "wayland-graphics-integration-client", "xcbglintegrations")
"""Plugins of Qt which it leaves alone where their libraries are missing, as on other desktops."""

STDCXX_OF_GCC = {(3, 4, 28): "9", (3, 4, 29): "11", (3, 4, 30): "12"}
"""Version of the C++ library's symbols to the GCC that brought it, as Debian numbers its package.

From the table in GCC's manual of libstdc++, "ABI Policy and Guidelines".
"""


@dataclass(frozen=True)
class Needs:
    """What a frozen folder asks of the system.

    Attributes
    ----------
    glibc
        Oldest version of the GNU C library, such as ``2.35``.
    gcc
        Oldest version of the C++ library, as Debian numbers it.
    """

    glibc: str
    gcc: str


def finish(frozen: Path) -> Needs:
    """Make a frozen folder ready to be packed.

    Raises
    ------
    ValueError
        If it is linked to a library that neither lies inside nor is asked for, or a part of it has
        no known licence.
    """
    inside = frozen / "_internal"
    strip(inside)
    refuse_unknown_libraries(frozen)
    needs = needs_of(frozen)
    (inside / "NEEDS-GLIBC").write_text(f"{needs.glibc}\n", encoding="utf-8")
    launcher = frozen / "tlmri"
    shutil.copyfile(ROOT / "packaging" / "linux" / "tlmri-launcher.sh", launcher)
    launcher.chmod(0o755)
    write_materials(frozen)
    set_modes(frozen)
    return needs


def set_modes(folder: Path) -> None:
    """Let everybody read and only the owner write, whatever the builder's own files are like."""
    for path in (folder, *folder.rglob("*")):
        if not path.is_symlink():
            is_run_or_entered = path.is_dir() or path.stat().st_mode & stat.S_IXUSR
            path.chmod(0o755 if is_run_or_entered else 0o644)


def needs_of(frozen: Path) -> Needs:
    """What the files of a folder, all taken together, ask of the C and C++ libraries."""
    files = tuple(elf.elf_files(frozen))
    glibc = max(elf.newest_version(path, "GLIBC") for path in files)
    stdcxx = max(elf.newest_version(path, "GLIBCXX") for path in files)
    oldest = min((known for known in STDCXX_OF_GCC if known >= stdcxx), default=None)
    if oldest is None:
        raise ValueError(f"GLIBCXX must be in the table of GCC's versions, got {stdcxx}")
    return Needs(".".join(map(str, glibc)), STDCXX_OF_GCC[oldest])


def refuse_unknown_libraries(frozen: Path) -> None:
    """Refuse a folder that needs libraries of which no package is asked for."""
    tables = (*PLATFORMS.values(), EVERY_SYSTEM_HAS)
    known = {name for table in tables for names in table.values() for name in names}
    for library, users in elf.needed_from_outside(frozen).items():
        if library not in known and not all(map(_is_optional, users)):
            raise ValueError(
                f"{library} must lie in the folder or in core.system_libraries, needed by "
                f"{users[0]}"
            )


def packages_needed() -> tuple[str, ...]:
    """Debian packages that the window needs under X11."""
    return tuple(PLATFORMS["xcb"])


def packages_of_use() -> tuple[str, ...]:
    """Debian packages that it takes where they are."""
    return tuple(WAYLAND)


def _is_optional(user: Path) -> bool:
    return user.parent.name in OPTIONAL_PARTS or "wayland" in user.name.lower()


def strip(inside: Path) -> None:
    """Take symbols that only debuggers read out of libraries: a tenth of the application.

    Not out of the folders ``*.libs``: the tools that make wheels have rewritten the files there in
    a way that ``strip`` is known to break, and there is little to gain.
    """
    paths = [path for path in elf.elf_files(inside) if not path.parent.name.endswith(".libs")]
    subprocess.run(["strip", "--strip-unneeded", "--preserve-dates", *paths], check=True)
