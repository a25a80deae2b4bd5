"""The window of a user in whose folder nothing can be written."""

import numpy as np
import pytest

from core.progress import no_progress
from core.training.settings import TuneSettings
from tlmri_gui import study_folder, unfinished
from tlmri_gui.app import build
from tlmri_gui.core_access import CoreAccess
from tlmri_gui.state import TuningPlan


@pytest.fixture(autouse=True)
def sealed(tmp_path, monkeypatch):
    """A file in the folder's place, which stops even a superuser."""
    (tmp_path / "sealed").touch()
    monkeypatch.setenv("TLMRI_HOME", str(tmp_path / "sealed"))


def test_there_is_nothing_to_find_and_nothing_fails(tmp_path):
    core = CoreAccess()
    assert core.methods(no_progress)
    assert unfinished.left_behind(core.unfinished_folder()) == []
    assert study_folder.found() == []


def test_scans_can_be_looked_at(qtbot, tmp_path):
    path = tmp_path / "scan.npy"
    np.save(path, np.random.default_rng(0).random((3, 64, 64)).astype(np.float32))
    window = build()
    qtbot.addWidget(window)
    window.controller.start([path])
    session = window.session
    qtbot.waitUntil(lambda: bool(session.scans and session.catalogue.methods), timeout=60_000)
    assert session.message is None
    window.close()


def test_a_closing_window_only_remarks_it(qtbot, capsys):
    window = build()
    qtbot.addWidget(window)
    window.close()
    assert "could not save the settings" in capsys.readouterr().err


def test_a_tuning_is_refused_before_it_takes_its_time(tmp_path):
    plan = TuningPlan(source="net:natural", settings=TuneSettings())
    with pytest.raises(ValueError, match=r"a tuned network could not be kept: .*set TLMRI_HOME"):
        CoreAccess().tuning_request(plan, tmp_path / "x.safetensors", "cpu", no_progress)


def test_a_note_of_a_study_elsewhere_is_refused_by_name(tmp_path):
    with pytest.raises(ValueError, match=r"elsewhere.json: must be writable"):
        study_folder.remember(tmp_path / "study")
