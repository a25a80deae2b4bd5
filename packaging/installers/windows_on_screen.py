"""Whether a process has opened a window."""

from __future__ import annotations

import sys
import time

if sys.platform == "win32":
    import ctypes
    from ctypes import wintypes

    SEEN = "window open"
    """What is known where :func:`has_window` says yes."""

    def has_window(process: int) -> bool:
        """Whether a process shows a window with a title."""
        user32 = ctypes.windll.user32
        found = []

        def look(window: int, _: int) -> bool:
            owner = wintypes.DWORD()
            user32.GetWindowThreadProcessId(wintypes.HWND(window), ctypes.byref(owner))
            shown = user32.IsWindowVisible(wintypes.HWND(window))
            titled = user32.GetWindowTextLengthW(wintypes.HWND(window)) > 0
            if owner.value == process and shown and titled:
                found.append(window)
            return True

        looking = ctypes.WINFUNCTYPE(wintypes.BOOL, wintypes.HWND, wintypes.LPARAM)(look)
        user32.EnumWindows(looking, 0)
        return bool(found)

else:
    SEEN = "still running (whether its window is open only the picture shows)"
    """What is known where :func:`has_window` says yes."""

    _UP_BY_THEN = 20.0

    def has_window(process: int) -> bool:
        """True after twenty seconds: it is not known here how to ask about a stranger's windows."""
        del process
        time.sleep(_UP_BY_THEN)
        return True
