"""What the desktop knows the running application by: its name, its icon, the files it is given."""

from __future__ import annotations

import sys
from pathlib import Path
from typing import cast

from PyQt6.QtCore import QEvent, QLocale, QLoggingCategory, QSize, pyqtSignal
from PyQt6.QtGui import QFileOpenEvent, QIcon
from PyQt6.QtWidgets import QApplication

from core import __version__
from tlmri_gui import theme

NAME = "tlmri"
"""Of the application, of its desktop entry (``tlmri.desktop``) and of its windows' class."""

WINDOWS_ID = "tlmri.tlmri"
"""By which Windows groups windows in the task bar and finds their icon (AppUserModelID)."""

_NOISY = ("qt.qpa.theme.gnome", "qt.qpa.services")
"""Categories of Qt's messages on portals and settings of desktops, which it does without."""

_SMALL_SIZES = (16, 20, 24, 32)
_SIZES = (48, 64, 128, 256)


class Application(QApplication):
    """The application, which a desktop may hand files to while it runs, as macOS does.

    Signals
    -------
    file_given
        The Path of a file to open.
    """

    file_given = pyqtSignal(object)

    def event(self, a0: QEvent | None) -> bool:
        """Take files; leave all else to Qt."""
        if a0 is None or a0.type() != QEvent.Type.FileOpen:
            return super().event(a0)
        self.file_given.emit(Path(cast("QFileOpenEvent", a0).file()))
        return True


def application() -> QApplication:
    """The application, made if there is none yet, under its name."""
    write_numbers_plainly()
    _silence()
    there = QApplication.instance()
    if isinstance(there, QApplication):
        return there
    _group_windows()
    QApplication.setApplicationName(NAME)  # before the first window, whose class it becomes
    return Application([NAME])


def introduce(app: QApplication) -> None:
    """Tell the desktop who this is."""
    app.setApplicationName(NAME)  # no display name: Qt would put it into titles in its own way
    app.setApplicationVersion(__version__)
    app.setDesktopFileName(NAME)
    app.setWindowIcon(icon())


def titled(text: str) -> str:
    """A window's title: what it shows, and whose it is."""
    return f"{text} – {NAME}" if text else NAME


def write_numbers_plainly() -> None:
    """Have fields write numbers as all other texts do, with a point, wherever the user lives."""
    plain = QLocale.c()
    plain.setNumberOptions(QLocale.NumberOption.OmitGroupSeparator)
    QLocale.setDefault(plain)


def icon() -> QIcon:
    """The application's icon in the sizes of task bars, a simpler drawing in the small ones."""
    found = QIcon()
    for name, sizes in ((f"{NAME}-small", _SMALL_SIZES), (NAME, _SIZES)):
        drawing = theme.icon(name)
        for size in sizes:
            found.addPixmap(drawing.pixmap(QSize(size, size), 1.0))
    return found


def _silence() -> None:
    """Keep Qt from telling the terminal which services a desktop lacks.

    The user's own ``QT_LOGGING_RULES`` weigh more.
    """
    QLoggingCategory.setFilterRules("\n".join(f"{name}=false" for name in _NOISY))


def _group_windows() -> None:
    """Keep Windows from taking the windows for Python's; must come before the first of them."""
    if sys.platform == "win32":
        import ctypes

        ctypes.windll.shell32.SetCurrentProcessExplicitAppUserModelID(WINDOWS_ID)
