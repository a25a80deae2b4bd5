"""The oldest systems that the installers take; each number is that of what the packages need.

macOS: the pinned torch has wheels for Apple's own processors alone, and for macOS 14 and newer.
Windows: Qt 6.11 asks for version 1809 of Windows 10.
"""

from __future__ import annotations

OLDEST_MACOS = "14.0"
"""Version of macOS; written into the application as ``LSMinimumSystemVersion``."""

MACOS_ARCHITECTURE = "arm64"
"""As ``platform.machine()`` names it."""

OLDEST_WINDOWS = "10.0.17763"
"""Version and build of Windows; ``MinVersion`` of the installer."""

OLDEST_WINDOWS_SHOWN = "Windows 10, version 1809"
"""How Windows itself shows that version."""
