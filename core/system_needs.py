"""The oldest systems that tlmri runs on, for the installers and for a refusal in plain words."""

from __future__ import annotations

import platform
import sys

WINDOWS_BUILD, WINDOWS_NAME = 17763, "Windows 10 version 1809"
"""The oldest Windows that Qt supports since 6.2 (https://doc.qt.io/qt-6/windows.html)."""

MACOS = (14, 0)
"""torch's wheels since 2.10 are tagged ``macosx_14_0_arm64``: there are none for older systems,
and none for Intel's processors."""

MACOS_MACHINE = "arm64"


def refusal() -> str:
    """Why this system is too old, in one line; empty if it is not.

    What Linux needs depends on the machine that built the application; its launcher looks there.
    """
    if sys.platform == "win32":
        build = sys.getwindowsversion().build
        if build < WINDOWS_BUILD:
            return f"this system is too old: needs {WINDOWS_NAME} or newer, got build {build}"
    elif sys.platform == "darwin":
        version = platform.mac_ver()[0]
        if _numbers(version) < MACOS:
            wanted = ".".join(map(str, MACOS))
            return f"this system is too old: needs macOS {wanted} or newer, got {version}"
    return ""


def _numbers(version: str) -> tuple[int, ...]:
    """Major and minor; those of a version that is not known pass any comparison."""
    numbers = [int(part) for part in version.split(".")[:2] if part.isdigit()]
    return tuple(numbers) or (sys.maxsize,)
