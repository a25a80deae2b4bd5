"""A virtual screen with a window manager, outside the place, and what can be done on it."""

from __future__ import annotations

import os
import subprocess
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from io import BytesIO
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

TOOLS = ("Xvfb", "openbox", "xdotool", "import")
"""Without these there is no screen."""

WIDTH, HEIGHT = 1500, 2600
STEADY_PICTURES = 4
POLL_S = 0.02
Pixels = NDArray[np.uint8]
"""`(y, x, 3)`, red, green and blue."""


@dataclass(frozen=True)
class Screen:
    """The X display called ``name``, such as ``:7``."""

    name: str

    def find(self, window_class: str, limit_s: float, may_come: Callable[[], bool]) -> str | None:
        """Id of the first visible window of this class, looked for as long as it may come."""
        end = time.monotonic() + limit_s
        pattern = f"^{window_class}$"
        while time.monotonic() < end and may_come():
            found = self._ask("xdotool", "search", "--onlyvisible", "--class", pattern).split()
            if found:
                return found[0]
            time.sleep(POLL_S)
        return None

    def title(self, window: str) -> str:
        """What stands in the window's frame."""
        return self._ask("xdotool", "getwindowname", window).strip()

    def resize(self, window: str, width: int, height: int) -> None:
        """Move it to the screen's corner, this large, in pixels."""
        self._do("windowmove", window, "0", "0", "windowsize", window, str(width), str(height))

    def press(self, window: str, keys: str) -> None:
        """Press keys such as ``alt+F4`` in the window."""
        self._do("windowactivate", "--sync", window, "key", "--clearmodifiers", keys)

    def click(self, window: str, x: int, y: int) -> None:
        """Click into the window, in its own pixels."""
        self._do("mousemove", "--window", window, str(x), str(y), "click", "1")

    def park_pointer(self) -> None:
        """Move the pointer where it highlights nothing."""
        self._do("mousemove", str(WIDTH - 1), str(HEIGHT - 1))

    def picture(self, window: str) -> bytes:
        """The window's contents as PNG; empty if it cannot be had."""
        command = ["import", "-silent", "-window", window, "png:-"]
        return subprocess.run(
            command, env=self._environment, capture_output=True, check=False
        ).stdout

    def pixels(self, window: str) -> Pixels:
        """The window's contents."""
        return pixels_of(self.picture(window))

    def wait_until_steady(self, window: str, limit_s: float) -> bytes:
        """Its picture once nothing has moved for some seconds, or when the time is over."""
        end = time.monotonic() + limit_s
        same, last = 1, self.picture(window)
        while same < STEADY_PICTURES and time.monotonic() < end:
            time.sleep(1)
            now = self.picture(window)
            same = same + 1 if np.array_equal(pixels_of(now), pixels_of(last)) else 1
            last = now
        return last

    @property
    def _environment(self) -> dict[str, str]:
        return {**os.environ, "DISPLAY": self.name}

    def _do(self, *words: str) -> None:
        subprocess.run(
            ["xdotool", *words], env=self._environment, check=False, timeout=30, capture_output=True
        )

    def _ask(self, *command: str) -> str:
        return subprocess.run(
            command, env=self._environment, check=False, capture_output=True, text=True, timeout=30
        ).stdout


def pixels_of(picture: bytes) -> Pixels:
    """Decode a PNG; nothing becomes an array without pixels."""
    from PIL import Image

    if not picture:
        return np.zeros((0, 0, 3), np.uint8)
    with Image.open(BytesIO(picture)) as image:
        return np.asarray(image.convert("RGB"))


@contextmanager
def virtual_screen(log: Path) -> Iterator[Screen]:
    """A screen that ends with the ``with`` block.

    Parameters
    ----------
    log
        File for what the server and the window manager say.

    Raises
    ------
    RuntimeError
        If the server does not start.
    """
    read, write = os.pipe()
    with log.open("wb") as said:
        size = f"{WIDTH}x{HEIGHT}x24"
        server = subprocess.Popen(
            ["Xvfb", "-displayfd", str(write), "-screen", "0", size, "-nolisten", "tcp"],
            pass_fds=[write],
            stdout=said,
            stderr=said,
        )
        os.close(write)
        with os.fdopen(read) as answer:
            number = answer.readline().strip()
        if not number:
            server.wait()
            raise RuntimeError(f"Xvfb ended with code {server.returncode}")
        screen = Screen(f":{number}")
        manager = subprocess.Popen(
            ["openbox", "--sm-disable"],
            env={**os.environ, "DISPLAY": screen.name},
            stdout=said,
            stderr=said,
        )
        try:
            yield screen
        finally:
            for process in (manager, server):
                process.terminate()
                process.wait()
