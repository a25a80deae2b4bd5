"""Qt as it runs here: its version, how it reaches the screen, and whether it starts at all."""

from __future__ import annotations

import os

from PyQt6.QtCore import PYQT_VERSION_STR, qInstallMessageHandler, qVersion
from PyQt6.QtGui import QGuiApplication

from core.jobs import JobContext


def facts() -> str:
    """Versions, platform plugin and screens of the application that runs, in one line."""
    screens = [f"{s.size().width()} x {s.size().height()}" for s in QGuiApplication.screens()]
    scales = sorted({s.devicePixelRatio() for s in QGuiApplication.screens()})
    scale = f", scale {', '.join(f'{value:g}' for value in scales)}" if scales else ""
    return (
        f"Qt {qVersion()}, PyQt {PYQT_VERSION_STR}, platform {QGuiApplication.platformName()}, "
        f"{len(screens)} screen{'s' * (len(screens) != 1)} ({', '.join(screens)}{scale})"
    )


def start_qt(context: JobContext, platform: str) -> str:
    """Start Qt in a child process, which it ends where it cannot.

    Parameters
    ----------
    context
        Gets what Qt says meanwhile, line by line.
    platform
        Platform plugin; empty for the system's own, or the one that the environment names.
    """
    # The text alone: what else Qt passes is gone once the handler returns.
    qInstallMessageHandler(lambda _kind, _place, text: context.publish(text))
    if platform:
        os.environ["QT_QPA_PLATFORM"] = platform
    application = QGuiApplication(["tlmri"])
    found = facts()
    del application
    return found
