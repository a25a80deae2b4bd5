"""The oldest systems that tlmri runs on, for the installers and for a refusal in plain words."""

from __future__ import annotations

import platform
import sys

MACOS = (14, 0)
"""Version of macOS. torch's wheels since 2.12 are for this one and newer, since 2.3 for Apple's
own processors alone: their names end in ``macosx_14_0_arm64``."""

MACOS_ARCHITECTURE = "arm64"
"""As ``platform.machine()`` names it."""

WINDOWS = (10, 0, 17763)
"""Version and build of Windows. Qt 6.11 asks for it (https://doc.qt.io/qt-6/windows.html)."""

WINDOWS_SHOWN = "Windows 10, version 1809"
"""How Windows itself shows that version."""


def refusal() -> str:
    """Why this system is too old, in one line; empty if it is not.

    What Linux needs depends on the machine that built the application; its launcher looks there.
    """
    if sys.platform == "win32":
        build = sys.getwindowsversion().build
        if build < WINDOWS[2]:
            return f"this system is too old: needs {WINDOWS_SHOWN} or newer, got build {build}"
    elif sys.platform == "darwin":
        version = platform.mac_ver()[0]
        if _numbers(version) < MACOS:
            wanted = ".".join(map(str, MACOS))
            return f"this system is too old: needs macOS {wanted} or newer, got {version}"
    return ""


def _numbers(version: str) -> tuple[int, ...]:
    """Major and minor, of "14" too; those of a version that is not known pass any comparison."""
    numbers = [int(part) for part in version.split(".")[:2] if part.isdigit()]
    return (*numbers, 0)[:2] if numbers else (sys.maxsize,)
