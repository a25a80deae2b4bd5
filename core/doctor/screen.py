"""What the window needs of the system: its kind of screen, and libraries."""

from __future__ import annotations

import os
import sys

from core.doctor.check import Finding, failed, note
from core.progress import Progress
from core.system_libraries import missing_packages

QT_PLATFORM = "QT_QPA_PLATFORM"
"""Environment variable by which a user chooses how Qt reaches the screen."""


def has_screen() -> bool:
    """Whether there is somewhere to open a window, as far as the environment tells."""
    if not sys.platform.startswith("linux"):
        return True
    return any(os.environ.get(name) for name in ("DISPLAY", "WAYLAND_DISPLAY", QT_PLATFORM))


def display(progress: Progress) -> Finding:
    """Kind of screen; never its address, which may name a machine."""
    del progress
    if not sys.platform.startswith("linux"):
        return Finding("the system's own")
    kinds = {"Wayland": "WAYLAND_DISPLAY", "X11": "DISPLAY"}
    found = [kind for kind, name in kinds.items() if os.environ.get(name)]
    chosen = os.environ.get(QT_PLATFORM, "").partition(":")[0]
    text = " and ".join(found) or "none"
    if chosen:
        return Finding(f"{text}; {QT_PLATFORM} asks for {chosen}")
    if not found:
        return note(text, "the window needs one: log in to a desktop, or use 'ssh -X'")
    return Finding(text)


def libraries(progress: Progress) -> Finding:
    """The system libraries that Qt's platform plugins link to."""
    del progress
    if not sys.platform.startswith("linux"):
        return Finding("not needed here")
    missing = missing_packages()
    if missing:
        return failed(
            f"missing: {', '.join(missing)}",
            f"run 'sudo apt-get install {' '.join(missing)}', or install what your system calls "
            "them",
        )
    return Finding("all found")
