import pytest

from tests.gui.fakes import SilentChild
from tlmri_gui import identity
from tlmri_gui.app import build
from tlmri_gui.jobs import JobRunner, Status
from tlmri_gui.session import Session


@pytest.fixture(scope="session", autouse=True)
def _plain_numbers():
    """As the application has them, whatever the language of whoever runs the tests."""
    identity.write_numbers_plainly()


@pytest.fixture
def runner(qapp):
    """The window's one job runner, closed after the test."""
    runner = JobRunner()
    yield runner
    runner.close()


@pytest.fixture
def children(runner, monkeypatch):
    """The children that were started, in place of processes: they speak only when told."""
    started = []

    def start_child(function, argument, on_event, status=None):
        started.append(SilentChild(function, argument, on_event, status or Status()))
        return started[-1]

    monkeypatch.setattr(runner, "start_child", start_child)
    return started


@pytest.fixture
def session(qapp):
    """An empty one."""
    return Session()


@pytest.fixture
def settle(qtbot, runner):
    """Wait until no job waits or runs."""
    return lambda: qtbot.waitUntil(lambda: not runner._open_jobs, timeout=20_000)


@pytest.fixture
def window(qtbot):
    """The real one, on the real core; closed after the test."""
    window = build()
    qtbot.addWidget(window)
    window.show()
    yield window
    window.close()


@pytest.fixture
def calm(qtbot, window):
    """Wait until the window has nothing under way and nothing pending."""

    def is_quiet():
        return not (window.jobs._open_jobs or window.controller.compare._pause.isActive())

    return lambda: qtbot.waitUntil(is_quiet, timeout=60_000)
