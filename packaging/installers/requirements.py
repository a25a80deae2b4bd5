"""The oldest systems that the installers take, as installers write them."""

from __future__ import annotations

from core import system_needs
from core.system_needs import MACOS_ARCHITECTURE, WINDOWS_SHOWN

__all__ = ["MACOS_ARCHITECTURE", "OLDEST_MACOS", "OLDEST_WINDOWS", "WINDOWS_SHOWN"]

OLDEST_MACOS = ".".join(map(str, system_needs.MACOS))
"""Version of macOS; written into the application as ``LSMinimumSystemVersion``."""

OLDEST_WINDOWS = ".".join(map(str, system_needs.WINDOWS))
"""Version and build of Windows; ``MinVersion`` of the installer."""
