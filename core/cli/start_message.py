"""Say why the window does not open where someone who clicked on an icon can see it."""

from __future__ import annotations

import ctypes
import os
import re
import shutil
import subprocess
import sys
import textwrap
from collections.abc import Callable

from core import paths, streams

TITLE = "tlmri"
FAILS_WITHIN_S = 1.0
"""A tool that cannot show the message ends sooner; one that shows it waits for the user."""

_ICON_ERROR = 0x10
_WIDTH = 90
_COMMAND = re.compile(r"run '(?P<command>[^']+)'(; )?")
_GOES_ON = " \\"
"""How the shell is told that the command goes on in the next line."""

_TOOLS: tuple[Callable[[str], list[str]], ...] = (
    lambda text: ["zenity", "--error", "--no-markup", f"--title={TITLE}", f"--text={text}"],
    lambda text: ["kdialog", "--title", TITLE, "--error", text],
    lambda text: ["xmessage", "-center", _folded(text)],
    lambda text: ["notify-send", TITLE, text],
    lambda text: [
        "gdbus", "call", "--session", "--dest=org.freedesktop.Notifications",
        "--object-path=/org/freedesktop/Notifications",
        "--method=org.freedesktop.Notifications.Notify",
        TITLE, "0", "", TITLE, text, "[]", "{}", "-1",
    ],
)  # fmt: skip
"""What desktops on Linux have; the first that does not fail is enough."""

_ALERT = (
    "on run argv",
    f'display alert "{TITLE}" message (item 1 of argv) as critical',
    "end run",
)


def show(text: str) -> None:
    """Show a text by what the desktop has, unless a terminal shows it; never waits for an answer.

    On Windows it does wait: the box belongs to this process.
    """
    if streams.has_terminal():
        return
    text = _with_commands_apart(text)
    if sys.platform == "win32":
        if isinstance(sys.stderr, streams.Nowhere):  # else someone collects what is written
            ctypes.windll.user32.MessageBoxW(None, text, TITLE, _ICON_ERROR)
    elif sys.platform == "darwin":
        words = [word for line in _ALERT for word in ("-e", line)]
        _is_shown(["osascript", *words, text])
    elif os.environ.get("DISPLAY") or os.environ.get("WAYLAND_DISPLAY"):
        any(_is_shown(tool(text)) for tool in _TOOLS)


def _folded(text: str) -> str:
    """In lines that fit a screen, for a tool that does not fold them itself."""
    return "\n".join("\n".join(_lines(line)) for line in text.splitlines())


def _lines(text: str, width: int = _WIDTH) -> list[str]:
    """Without breaking words: a package's name in two lines is the name of none."""
    return textwrap.wrap(text, width, break_on_hyphens=False, break_long_words=False)


def _with_commands_apart(text: str) -> str:
    """With what to type, which our messages give as ``run '...'``, in lines of its own."""

    def apart(found: re.Match[str]) -> str:
        lines = _lines(found["command"], _WIDTH - len(_GOES_ON))
        return "run\n\n" + f"{_GOES_ON}\n".join(lines) + "\n\n"

    return _COMMAND.sub(apart, text).rstrip()


def _is_shown(command: list[str]) -> bool:
    """Start a tool; whether it is there, and has not failed soon."""
    if shutil.which(command[0]) is None:
        return False
    try:
        process = subprocess.Popen(
            command,
            stdin=subprocess.DEVNULL,
            stdout=subprocess.DEVNULL,
            stderr=subprocess.DEVNULL,
            start_new_session=True,  # it outlives this process
            env=_environment_of_the_system(),
        )
        return process.wait(FAILS_WITHIN_S) == 0
    except OSError:
        return False
    except subprocess.TimeoutExpired:
        process.returncode = 0  # it is left to the user, and Python must not warn of it
        return True


def _environment_of_the_system() -> dict[str, str]:
    """Without the application's own libraries, which PyInstaller puts first for itself."""
    environment = dict(os.environ)
    original = environment.pop("LD_LIBRARY_PATH_ORIG", None)
    if original is not None:
        environment["LD_LIBRARY_PATH"] = original
    elif paths.is_frozen():
        environment.pop("LD_LIBRARY_PATH", None)
    return environment
