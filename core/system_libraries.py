"""The system libraries that Qt's window needs on Linux, which are missing, and what brings them.

Qt comes with tlmri; these it takes from the system, since they must fit the system's own drivers.
"""

from __future__ import annotations

import ctypes
import platform
import shlex
import sys
from collections.abc import Sequence

COMMON: dict[str, tuple[str, ...]] = {
    "libdbus-1-3": ("libdbus-1.so.3",),
    "libegl1": ("libEGL.so.1",),
    "libfontconfig1": ("libfontconfig.so.1",),
    "libfreetype6": ("libfreetype.so.6",),
    "libgl1": ("libGL.so.1",),
    "libglib2.0-0": ("libglib-2.0.so.0", "libgthread-2.0.so.0"),
    "libx11-6": ("libX11.so.6",),
    "libxkbcommon0": ("libxkbcommon.so.0",),
}
"""Debian package to the libraries it brings; what Qt's window links to on any screen."""

XCB: dict[str, tuple[str, ...]] = {
    "libx11-xcb1": ("libX11-xcb.so.1",),
    "libxcb-cursor0": ("libxcb-cursor.so.0",),
    "libxcb-icccm4": ("libxcb-icccm.so.4",),
    "libxcb-image0": ("libxcb-image.so.0",),
    "libxcb-keysyms1": ("libxcb-keysyms.so.1",),
    "libxcb-randr0": ("libxcb-randr.so.0",),
    "libxcb-render-util0": ("libxcb-render-util.so.0",),
    "libxcb-render0": ("libxcb-render.so.0",),
    "libxcb-shape0": ("libxcb-shape.so.0",),
    "libxcb-shm0": ("libxcb-shm.so.0",),
    "libxcb-sync1": ("libxcb-sync.so.1",),
    "libxcb-util1": ("libxcb-util.so.1",),
    "libxcb-xfixes0": ("libxcb-xfixes.so.0",),
    "libxcb-xkb1": ("libxcb-xkb.so.1",),
    "libxcb1": ("libxcb.so.1",),
    "libxkbcommon-x11-0": ("libxkbcommon-x11.so.0",),
}
"""What it links to besides under X11."""

WAYLAND: dict[str, tuple[str, ...]] = {
    "libwayland-client0": ("libwayland-client.so.0",),
    "libwayland-cursor0": ("libwayland-cursor.so.0",),
}
"""What it links to besides under Wayland."""

PLATFORMS = {"xcb": COMMON | XCB, "wayland": COMMON | WAYLAND}
"""By Qt's name of the platform."""

FEDORA = {
    "libdbus-1-3": "dbus-libs", "libegl1": "libglvnd-egl", "libfontconfig1": "fontconfig",
    "libfreetype6": "freetype", "libgl1": "libglvnd-glx", "libglib2.0-0": "glib2",
    "libx11-6": "libX11", "libxkbcommon0": "libxkbcommon", "libx11-xcb1": "libX11-xcb",
    "libxcb-cursor0": "xcb-util-cursor", "libxcb-icccm4": "xcb-util-wm",
    "libxcb-image0": "xcb-util-image", "libxcb-keysyms1": "xcb-util-keysyms",
    "libxcb-render-util0": "xcb-util-renderutil", "libxcb-util1": "xcb-util",
    "libxkbcommon-x11-0": "libxkbcommon-x11", "libwayland-client0": "libwayland-client",
    "libwayland-cursor0": "libwayland-cursor",
}  # fmt: skip
"""Debian's name to that of Fedora and Red Hat; the other parts of ``libxcb`` are one package."""


def missing(qt_platform: str = "xcb") -> tuple[str, ...]:
    """Libraries that the dynamic loader does not find; none outside Linux.

    Parameters
    ----------
    qt_platform
        ``xcb`` or ``wayland``; for others, what Qt needs on any screen.
    """
    if not sys.platform.startswith("linux"):
        return ()
    listed = PLATFORMS.get(qt_platform, COMMON).values()
    return tuple(name for names in listed for name in names if not _is_loadable(name))


def missing_packages() -> tuple[str, ...]:
    """Debian's packages of what is missing under X11; none outside Linux."""
    return packages(missing())


def packages(libraries: Sequence[str]) -> tuple[str, ...]:
    """Debian's packages of libraries."""
    listed = COMMON | XCB | WAYLAND
    return tuple(name for name, names in listed.items() if set(names) & set(libraries))


def advice(libraries: Sequence[str]) -> str:
    """What is missing and, where this system's package names are known, the command for it."""
    lacks = f"Qt needs libraries that this system lacks ({', '.join(libraries)})"
    command = _command(libraries)
    return f"{lacks}: run '{command}'" if command else f"{lacks}: install them"


def _command(libraries: Sequence[str]) -> str:
    family = _family()
    if family & {"debian", "ubuntu"}:
        return f"sudo apt-get install {' '.join(packages(libraries))}"
    if family & {"fedora", "rhel", "centos"}:
        names = (FEDORA.get(package, "libxcb") for package in packages(libraries))
        return f"sudo dnf install {' '.join(dict.fromkeys(names))}"
    if family & {"suse", "opensuse"}:  # its packages are found by what they provide
        names = (shlex.quote(f"{library}()(64bit)").replace("'", '"') for library in libraries)
        return f"sudo zypper install {' '.join(names)}"
    return ""


def _family() -> set[str]:
    """The distribution and those it derives from, as ``os-release`` names them."""
    try:
        release = platform.freedesktop_os_release()
    except OSError:
        return set()
    return {release.get("ID", ""), *release.get("ID_LIKE", "").split()}


def _is_loadable(name: str) -> bool:
    try:
        ctypes.CDLL(name)
    except OSError:
        return False
    return True
