import sys
from types import ModuleType

import pytest

from core.cli import gui
from core.cli.main import main


@pytest.fixture
def opened(monkeypatch):
    """What the window was given."""
    calls = []
    app = ModuleType("tlmri_gui.app")
    app.run = lambda files: calls.append([path.name for path in files]) or 0
    monkeypatch.setitem(sys.modules, "tlmri_gui.app", app)
    return calls


def test_files_reach_the_window(opened, monkeypatch):
    monkeypatch.setattr(gui, "missing_packages", tuple)
    monkeypatch.setenv("DISPLAY", ":7")
    assert main(["gui", "a.nii", "b.h5"]) == 0
    assert opened == [["a.nii", "b.h5"]]


def test_no_screen_is_said_before_qt_aborts(opened, monkeypatch, capsys):
    monkeypatch.setattr(sys, "platform", "linux")
    for name in ("DISPLAY", "WAYLAND_DISPLAY", "QT_QPA_PLATFORM"):
        monkeypatch.delenv(name, raising=False)
    assert main(["gui"]) == 2
    err = capsys.readouterr().err
    assert err.count("\n") == 1
    assert "no screen" in err
    assert opened == []


def test_missing_libraries_are_named(opened, monkeypatch, capsys):
    monkeypatch.setattr(gui, "missing_packages", lambda: ("libegl1", "libxcb-cursor0"))
    monkeypatch.setenv("DISPLAY", ":7")
    assert main(["gui"]) == 2
    err = capsys.readouterr().err
    assert "sudo apt-get install libegl1 libxcb-cursor0" in err
    assert opened == []
