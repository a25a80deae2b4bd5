"""A progress hook for the terminal: a bar, or occasional lines where there is none."""

from __future__ import annotations

import sys
import time
from types import TracebackType
from typing import Any, Self

SECONDS_BETWEEN_LINES = 15.0


class ProgressBar:
    """Context manager and :data:`core.progress.Progress` hook that writes to stderr."""

    def __init__(self, title: str) -> None:
        self._title = title
        self._next_line = time.monotonic() + SECONDS_BETWEEN_LINES
        self._bar = _bar(title) if sys.stderr.isatty() else None

    def __call__(self, fraction: float, message: str = "") -> None:
        """Show where the work is; a bar never runs backwards."""
        if self._bar is not None:
            self._bar.set_postfix_str(message, refresh=False)
            self._bar.update(max(0.0, min(fraction, 1.0) - self._bar.n))
        elif time.monotonic() >= self._next_line:
            self._next_line = time.monotonic() + SECONDS_BETWEEN_LINES
            print(f"{self._title}: {100 * fraction:.0f} %, {message}", file=sys.stderr, flush=True)

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        traceback: TracebackType | None,
    ) -> None:
        if self._bar is not None:
            self._bar.close()


def _bar(title: str) -> Any:  # noqa: ANN401 - tqdm states no types
    from tqdm import tqdm

    return tqdm(
        total=1.0,
        desc=title,
        file=sys.stderr,
        leave=False,
        dynamic_ncols=True,
        bar_format="{desc}: {percentage:3.0f}%|{bar}| {elapsed}<{remaining}{postfix}",
    )
