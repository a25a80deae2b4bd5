"""The system libraries that Qt's window needs on Linux, and which of them are missing.

PyQt6's wheels bring Qt itself; these they take from the system. Packages bear their Debian and
Ubuntu names.
"""

from __future__ import annotations

import ctypes
import sys

PACKAGES: dict[str, tuple[str, ...]] = {
    "libdbus-1-3": ("libdbus-1.so.3",),
    "libegl1": ("libEGL.so.1",),
    "libfontconfig1": ("libfontconfig.so.1",),
    "libfreetype6": ("libfreetype.so.6",),
    "libgl1": ("libGL.so.1",),
    "libglib2.0-0": ("libglib-2.0.so.0", "libgthread-2.0.so.0"),
    "libx11-6": ("libX11.so.6",),
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
    "libxkbcommon0": ("libxkbcommon.so.0",),
}
"""Debian package to the libraries it brings; what Qt's X11 and offscreen plugins link to."""


def missing_packages() -> tuple[str, ...]:
    """Debian packages whose libraries the dynamic loader does not find; none outside Linux."""
    if not sys.platform.startswith("linux"):
        return ()
    return tuple(
        package for package, names in PACKAGES.items() if not all(map(_is_loadable, names))
    )


def _is_loadable(name: str) -> bool:
    try:
        ctypes.CDLL(name)
    except OSError:
        return False
    return True
