"""When the installers' application was built, and from which state of the source."""

from __future__ import annotations

from pathlib import Path

FILE_NAME = "BUILD"
"""Lies beside the packages of a frozen application, one line of text."""


def line() -> str:
    """Such as ``built 2026-11-22 from abc1234``; empty where nobody wrote it down."""
    path = Path(__file__).resolve().parent.parent / FILE_NAME
    try:
        return path.read_text(encoding="utf-8").strip()
    except (OSError, ValueError):
        return ""
