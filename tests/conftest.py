"""What every test stands on: no screen, a user's folder of its own, and no window left behind."""

from __future__ import annotations

import os
import signal
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest

os.environ.setdefault("QT_QPA_PLATFORM", "offscreen")
# Small arrays are quicker on one thread, and waiting threads spin where the machine is busy.
os.environ.setdefault("OMP_NUM_THREADS", "1")

# A shell that runs the tests in the background has them ignore Ctrl-C, which some tests press.
signal.signal(signal.SIGINT, signal.default_int_handler)

SHARED_DATA = Path(__file__).resolve().parents[2] / "shared" / "data"


@pytest.fixture(scope="session", autouse=True)
def _no_folder_of_a_real_user(tmp_path_factory) -> Iterator[None]:
    """For fixtures that outlive a test."""
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("TLMRI_HOME", str(tmp_path_factory.mktemp("session-home")))
        yield


@pytest.fixture(autouse=True)
def user_folder(tmp_path_factory, monkeypatch) -> Path:
    """The user's folder of this test, empty."""
    folder = tmp_path_factory.mktemp("home")
    monkeypatch.setenv("TLMRI_HOME", str(folder))
    return folder


@pytest.fixture
def shared_data() -> Path:
    """The folder of real scans beside the checkout; nothing of it is part of the project."""
    if not (SHARED_DATA / "splits.json").is_file():
        pytest.skip("needs the real scans in ../shared/data, which are absent")
    return SHARED_DATA


@pytest.fixture(autouse=True)
def _no_window_left_behind(request) -> Iterator[None]:
    """Fail a test after which there are more top-level widgets than before it."""
    if not {"qtbot", "qapp"} & set(request.fixturenames):
        yield
        return
    request.getfixturevalue("qapp")
    before = _top_level_widgets()
    yield
    left = _top_level_widgets() - before
    names = sorted(type(widget).__name__ for widget in left)
    assert not left, f"top-level widgets left behind: {', '.join(names)}"


def _top_level_widgets() -> set[object]:
    """Those that are not already on their way out."""
    if "PyQt6.QtWidgets" not in sys.modules:
        return set()
    from PyQt6.QtCore import QCoreApplication, QEvent
    from PyQt6.QtWidgets import QApplication

    QCoreApplication.sendPostedEvents(None, QEvent.Type.DeferredDelete.value)
    return set(QApplication.topLevelWidgets())
