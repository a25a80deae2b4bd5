"""Who the application is to the desktop."""

import subprocess
import sys
from pathlib import Path

import pytest
from PyQt6.QtGui import QIcon

from core import __version__
from tlmri_gui import identity

GIVEN = """
from PyQt6.QtCore import QCoreApplication, QEvent
from tlmri_gui import identity

class Given(QEvent):  # PyQt makes no QFileOpenEvent
    def file(self):
        return "/scans/a b.nii"

app = identity.application()
assert identity.application() is app
identity.introduce(app)
app.file_given.connect(print)
assert app.event(Given(QEvent.Type.FileOpen))
QCoreApplication.sendEvent(app, QEvent(QEvent.Type.ApplicationActivate))
print(app.applicationName(), app.applicationDisplayName(), app.desktopFileName())
print(app.applicationVersion(), app.windowIcon().isNull())
"""

NUMBERS = """
from PyQt6.QtCore import QLocale
QLocale.setDefault(QLocale("de_DE"))
from PyQt6.QtWidgets import QDoubleSpinBox
from tlmri_gui import identity

app = identity.application()
box = QDoubleSpinBox()
box.setRange(0, 10_000)
box.setValue(1234.5)
print(box.text(), box.valueFromText("4.25"), QLocale().toString(1234.5))
"""

NOISE = """
from PyQt6.QtCore import QLoggingCategory
from tlmri_gui import identity

app = identity.application()
for name in ("qt.qpa.theme.gnome", "qt.qpa.services", "qt.qpa.theme", "qt.qpa.xcb"):
    print(QLoggingCategory(name).isWarningEnabled())
"""


def test_it_tells_its_names_and_takes_files_from_the_desktop():
    """In a process of its own, since there can be one application only."""
    told = subprocess.run(
        [sys.executable, "-c", GIVEN], capture_output=True, text=True, check=True, timeout=60
    )
    assert told.stdout.split("\n") == [
        str(Path("/scans/a b.nii")),
        "tlmri tlmri tlmri",
        f"{__version__} False",
        "",
    ]


def lines_of(code):
    told = subprocess.run(
        [sys.executable, "-c", code], capture_output=True, text=True, check=True, timeout=60
    )
    return told.stdout.splitlines()


def test_numbers_have_a_point_in_all_countries(monkeypatch):
    monkeypatch.setenv("LC_ALL", "de_DE.UTF-8")
    assert lines_of(NUMBERS) == ["1234.50 4.25 1234.5"]


def test_what_desktops_lack_is_not_told_unless_the_user_wants_it(monkeypatch):
    monkeypatch.delenv("QT_LOGGING_RULES", raising=False)
    assert lines_of(NOISE) == ["False", "False", "True", "True"]
    monkeypatch.setenv("QT_LOGGING_RULES", "qt.qpa.services=true")
    assert lines_of(NOISE) == ["False", "True", "True", "True"]


def test_all_titles_have_the_same_dash():
    assert identity.titled("Licences") == "Licences – tlmri"
    assert identity.titled("") == "tlmri"


@pytest.mark.parametrize("size", [16, 20, 24, 32, 48, 64, 128, 256])
def test_the_icon_has_the_sizes_of_task_bars(qapp, size):
    icon = identity.icon()
    assert isinstance(icon, QIcon)
    image = icon.pixmap(size, size).toImage()
    assert image.width() == size
    assert image.pixelColor(0, 0).alpha() < 128  # round corners
    assert image.pixelColor(size // 2 + size // 5, size // 2 - size // 4).lightness() > 200


def test_windows_is_told_before_the_first_window(monkeypatch):
    import ctypes
    from types import SimpleNamespace

    told = []
    shell = SimpleNamespace(SetCurrentProcessExplicitAppUserModelID=told.append)
    monkeypatch.setattr(ctypes, "windll", SimpleNamespace(shell32=shell), raising=False)
    monkeypatch.setattr(sys, "platform", "win32")
    identity._group_windows()
    assert told == ["tlmri.tlmri"]
