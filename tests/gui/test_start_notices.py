"""What the window says as it starts."""

import pytest

from core import gpu_addon, installations, paths
from core.installations import FOLDER, Installation
from tlmri_gui import settings, start_notices
from tlmri_gui.jobs import JobRunner
from tlmri_gui.session import Session

OLD, OLDER = (Installation(f"~/tlmri-{v}", v, FOLDER) for v in ("0.0.9", "0.0.8"))


@pytest.fixture
def said(qtbot, monkeypatch):
    """``said(others)`` is the message after a start beside these, None if there is none."""
    runner = JobRunner()

    def start(*others, session=None, running="~/venv"):
        session = session or Session()
        monkeypatch.setattr(installations, "running_places", lambda: frozenset({running}))
        monkeypatch.setattr(installations, "others", lambda: others)
        start_notices.look(session, runner)
        qtbot.waitUntil(lambda: not runner._open_jobs)
        return session.message

    yield start
    runner.close()


def test_nothing_to_say(said):
    assert said() is None


def test_another_installation_is_named_once(said):
    message = said(OLD)
    assert message.is_notice
    assert not message.is_error
    assert "tlmri 0.0.9 in ~/tlmri-0.0.9 (remove: delete ~/tlmri-0.0.9)" in message.text
    assert "share the same settings and checkpoints" in message.text
    assert said(OLD) is None
    assert "0.0.8" in said(OLD, OLDER).text


def test_installations_started_in_turn_tell_of_each_other_once(said):
    assert "0.0.9" in said(OLD, running=OLDER.place).text
    assert said(OLDER, running=OLD.place) is None
    assert said(OLD, running=OLDER.place) is None
    assert "0.0.8" in said(OLDER, OLD, running="~/third").text
    assert said(OLD, running=OLDER.place) is None
    assert said(running="~/fourth") is None


def test_it_does_not_take_the_place_of_a_message_and_comes_at_the_next_start(said):
    session = Session()
    session.post("scan.nii: must be a file", is_error=True)
    assert said(OLD, session=session).text == "scan.nii: must be a file"
    assert said(OLD) is not None


def test_what_other_windows_remember_stays(said):
    settings.save(settings.Settings(device="cpu"))
    said(OLD)
    assert settings.load().device == "cpu"


def test_nothing_can_be_kept(said, tmp_path, monkeypatch):
    (tmp_path / "file").touch()
    monkeypatch.setenv("TLMRI_HOME", str(tmp_path / "file"))
    message = said(OLD)
    assert message.is_error
    assert message.text.startswith("Settings and tuned networks are not kept: ")
    assert "set TLMRI_HOME to another" in message.text


def test_an_add_on_that_does_not_fit_is_told(said, monkeypatch):
    problem = "the GPU add-on needs an NVIDIA driver, and none was found"
    status = gpu_addon.Status("not used", in_use=False, problem=problem)
    monkeypatch.setattr(gpu_addon, "status", lambda: status)
    message = said(OLD)
    assert message.is_error
    assert message.text == f"Computing on the processor: {problem}"


def fail(*arguments):
    raise PermissionError(13, "Permission denied")


def test_a_look_that_fails_silences_no_other(said, tmp_path, monkeypatch):
    monkeypatch.setattr(gpu_addon, "status", fail)
    assert "tlmri 0.0.9" in said(OLD).text
    monkeypatch.setattr(installations, "running_places", fail)
    (tmp_path / "file").touch()
    monkeypatch.setenv("TLMRI_HOME", str(tmp_path / "file"))
    assert said().text.startswith("Settings and tuned networks are not kept: ")


def test_an_unwritable_folder_that_cannot_be_looked_at_silences_no_other(said, monkeypatch):
    monkeypatch.setattr(paths, "unwritable", fail)
    assert "tlmri 0.0.9" in said(OLD).text
