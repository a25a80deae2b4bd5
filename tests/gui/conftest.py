import pytest

from tlmri_gui.jobs import JobRunner


@pytest.fixture
def runner(qapp):
    """The window's one job runner, closed after the test."""
    runner = JobRunner()
    yield runner
    runner.close()
