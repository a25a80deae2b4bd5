"""The oldest systems that the installers take: those that tlmri itself does not refuse."""

from __future__ import annotations

from core.system_needs import MACOS, MACOS_ARCHITECTURE, WINDOWS, WINDOWS_SHOWN

__all__ = ["MACOS", "MACOS_ARCHITECTURE", "WINDOWS", "WINDOWS_SHOWN", "dotted"]


def dotted(version: tuple[int, ...]) -> str:
    """Such as ``10.0.17763``."""
    return ".".join(map(str, version))
