"""Is there a screen that Qt can open its window on? Where there is none, Qt ends the process."""

from __future__ import annotations

import ctypes
import locale
import os
import socket
import sys
import threading
from contextlib import suppress
from pathlib import Path

from core import system_libraries

CHOICE = "QT_QPA_PLATFORM"
"""Environment variable that tells Qt which of its platforms to use."""

ANSWER_S = 10.0
"""How long a display may take to answer; a forwarded one crosses a network."""

_UTF8_LOCALE = "C.UTF-8"
_VARIABLES = {"wayland": ("WAYLAND_DISPLAY", "WAYLAND_SOCKET"), "xcb": ("DISPLAY",)}


def is_named() -> bool:
    """Whether the system names a screen, which need not answer."""
    return not sys.platform.startswith("linux") or bool(named())


def prepare() -> None:
    """See that Qt can open its window, and keep it from a platform on which it cannot.

    Raises
    ------
    ValueError
        Naming the display that does not answer, or the libraries that are missing.
    """
    chosen = choice()
    if chosen:
        os.environ[CHOICE] = chosen


def speak_utf8() -> None:
    """Have the environment say UTF-8 where its locale has another encoding, as ``LANG=C`` does.

    Qt takes UTF-8 in any case, but writes four lines about it. What the environment says, and not
    what this process runs with, is what Qt and child processes go by.
    """
    if not sys.platform.startswith("linux"):
        return
    earlier = locale.setlocale(locale.LC_CTYPE)
    try:
        with suppress(locale.Error):  # one that is not installed is taken for C
            locale.setlocale(locale.LC_CTYPE, "")
            if locale.nl_langinfo(locale.CODESET).upper() == "UTF-8":
                return
        locale.setlocale(locale.LC_CTYPE, _UTF8_LOCALE)
    except locale.Error:  # not installed either: Qt will look for another one
        return
    finally:
        locale.setlocale(locale.LC_CTYPE, earlier)
    os.environ["LC_ALL" if os.environ.get("LC_ALL") else "LC_CTYPE"] = _UTF8_LOCALE


def choice() -> str:
    """What :data:`CHOICE` must be for the window to open; empty if it may stay as it is.

    Raises
    ------
    ValueError
        Naming the display that does not answer, or the libraries that are missing.
    """
    if not sys.platform.startswith("linux"):
        return ""
    tries = tried()
    if not tries:
        raise ValueError(
            "no screen: neither DISPLAY nor WAYLAND_DISPLAY is set ('tlmri demo --out DIR' needs "
            "none)"
        )
    reasons = {platform: _hold_up(platform) for platform in tries}
    good = [platform for platform, reason in reasons.items() if not reason]
    if not good:
        raise ValueError("; ".join(dict.fromkeys(reasons.values())))
    return "" if wished() or len(good) == len(tries) else ";".join(good)


def wished() -> tuple[str, ...]:
    """Platforms of :data:`CHOICE`, without their settings: ``xcb:name=value;wayland-egl``."""
    words = [word.split(":")[0] for word in os.environ.get(CHOICE, "").split(";") if word]
    return tuple("wayland" if word.startswith("wayland") else word for word in words)


def named() -> tuple[str, ...]:
    """Platforms of Linux whose screen the environment names."""
    return tuple(p for p, names in _VARIABLES.items() if any(os.environ.get(n) for n in names))


def tried() -> tuple[str, ...]:
    """Platforms that Qt tries on Linux: those that the user wishes, or those with a screen."""
    return wished() or named()


def silence(platform: str) -> str:
    """Why a platform's screen cannot be used; empty if it can. Its libraries must be there.

    Takes up to :data:`ANSWER_S`.
    """
    if platform == "xcb" and not _x_answers():
        name = os.environ.get("DISPLAY", "")
        return f"no screen: the display {name!r} does not answer, or not to this user"
    if platform == "wayland" and not _wayland_answers():
        name = os.environ.get("WAYLAND_DISPLAY", "")
        return f"no screen: the Wayland display {name!r} does not answer"
    return ""


def _hold_up(platform: str) -> str:
    """Why Qt cannot use a platform; empty if it can."""
    missing = system_libraries.missing(platform)
    return system_libraries.advice(missing) if missing else silence(platform)


def _x_answers() -> bool:
    """Connect as Qt will; on a thread, since a server may accept and then say nothing."""
    xcb = ctypes.CDLL("libxcb.so.1")
    xcb.xcb_connect.restype = ctypes.c_void_p
    xcb.xcb_connect.argtypes = [ctypes.c_char_p, ctypes.c_void_p]
    xcb.xcb_connection_has_error.argtypes = xcb.xcb_disconnect.argtypes = [ctypes.c_void_p]
    answers: list[bool] = []

    def connect() -> None:
        connection = xcb.xcb_connect(None, None)
        answers.append(xcb.xcb_connection_has_error(connection) == 0)
        xcb.xcb_disconnect(connection)

    thread = threading.Thread(target=connect, daemon=True)
    thread.start()
    thread.join(ANSWER_S)
    return any(answers)


def _wayland_answers() -> bool:
    if os.environ.get("WAYLAND_SOCKET"):  # a connection that is open already
        return True
    # An absolute name stands by itself; libwayland's own default is wayland-0.
    name = os.environ.get("WAYLAND_DISPLAY") or "wayland-0"
    path = Path(os.environ.get("XDG_RUNTIME_DIR", "")) / name
    if not path.is_absolute():
        return False
    try:
        with socket.socket(socket.AF_UNIX) as connection:
            connection.settimeout(ANSWER_S)
            connection.connect(str(path))
    except OSError:
        return False
    return True
