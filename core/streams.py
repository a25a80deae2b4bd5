"""Standard streams for a process that has none, as a windowed application on Windows."""

from __future__ import annotations

import io
import sys


class Nowhere(io.TextIOBase):
    """Takes text and forgets it; no terminal."""

    encoding = "utf-8"

    def write(self, text: str, /) -> int:
        """Forget it."""
        return len(text)

    def writable(self) -> bool:
        """Say that it takes text."""
        return True


def ensure() -> None:
    """Give ``sys.stdout`` and ``sys.stderr`` a stream if they are None.

    Progress bars, and libraries that warn in their own way, write to them without asking.
    """
    if sys.stdout is None:
        sys.stdout = Nowhere()
    if sys.stderr is None:
        sys.stderr = Nowhere()


def has_terminal() -> bool:
    """Whether someone may read what is written to ``sys.stderr`` as it is written."""
    try:
        return bool(sys.stderr.isatty())
    except (AttributeError, ValueError):  # None, or closed
        return False
