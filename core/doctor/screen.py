"""What the window needs of the system: a screen that answers, and libraries."""

from __future__ import annotations

import sys

from core import screen, system_libraries
from core.doctor.check import Finding, failed, note
from core.progress import Progress

DESKTOP = "the window needs a screen: log in to a desktop, or use 'ssh -X'"

_KINDS = {"wayland": "Wayland", "xcb": "X11"}


def display(progress: Progress) -> Finding:
    """Kind of screen, and whether it answers; never its address, which may name a machine."""
    if not sys.platform.startswith("linux"):
        return Finding("the system's own")
    text = " and ".join(_KINDS[platform] for platform in screen.named()) or "none"
    if screen.wished():
        text += f"; {screen.CHOICE} asks for {' or '.join(screen.wished())}"
    elif not screen.named():
        return note(text, DESKTOP)
    silent = []
    for platform in screen.tried():
        progress(0.0, f"asking {_KINDS.get(platform, platform)}")
        # Without its libraries nobody can ask; that they are missing is another check's finding.
        if not system_libraries.missing(platform) and screen.silence(platform):
            silent.append(platform)
    if not silent:
        return Finding(text)
    text += f"; no answer from {' and '.join(_KINDS[platform] for platform in silent)}"
    return failed(text, DESKTOP) if set(silent) == set(screen.tried()) else note(text)


def libraries(progress: Progress) -> Finding:
    """The system libraries that Qt links to on the screens that are here, or on any screen."""
    del progress
    if not sys.platform.startswith("linux"):
        return Finding("not needed here")
    lacking = {p: system_libraries.missing(p) for p in screen.tried() or ("offscreen",)}
    fewest = min(lacking.values(), key=len)
    if fewest:
        return failed(f"missing: {', '.join(fewest)}", system_libraries.advice(fewest))
    for platform, missing in lacking.items():
        if missing:
            text = f"missing for {_KINDS[platform]}: {', '.join(missing)}"
            return note(f"{text}; the window uses another kind of screen")
    return Finding("all found")
