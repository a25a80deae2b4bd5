"""How the program ends."""

import signal
import sys

import pytest
from PyQt6 import sip
from PyQt6.QtWidgets import QApplication

from tests.gui.window_fakes import FakeCore
from tlmri_gui import app
from tlmri_gui.jobs import Job


@pytest.fixture
def ended(qapp, monkeypatch, tmp_path):
    """The window of a program that ended with work under way, without being closed."""
    windows = []
    build = app.build

    def remember():
        windows.append(build(FakeCore(folder=tmp_path)))
        windows[0].jobs.submit(Job("Waiting", lambda progress: progress(0.5)))
        return windows[0]

    monkeypatch.setattr(app, "build", remember)
    monkeypatch.setattr(QApplication, "exec", lambda *_: 3)
    # The look would stay for all tests after these.
    monkeypatch.setattr("tlmri_gui.theme.apply", lambda _: None)
    interval = sys.getswitchinterval()
    assert app.run() == 3
    sys.setswitchinterval(interval)
    [window] = windows
    return window


def test_the_window_is_gone_before_the_interpreter_goes(ended):
    assert sip.isdeleted(ended)
    assert not ended.jobs._worker.is_alive()


def test_nothing_holds_on_to_it(qapp, request):
    before = sys.excepthook, signal.getsignal(signal.SIGINT)
    request.getfixturevalue("ended")
    assert (sys.excepthook, signal.getsignal(signal.SIGINT)) == before
