"""A study by real clicks on the real core: plan, start, stop, resume, keep, cut off."""

import numpy as np
import pytest
from PyQt6.QtCore import Qt
from PyQt6.QtTest import QTest

from core import paths
from core.training.settings import TuneSettings
from tests.gui.study_folders import transfer_folder
from tests.gui.test_flow import discs
from tlmri_gui import study_core, study_folder
from tlmri_gui.app import build
from tlmri_gui.jobs import Job
from tlmri_gui.study_state import CurveKind, StudyPhase

LEFT = Qt.MouseButton.LeftButton


@pytest.fixture
def window(qtbot, tmp_path, monkeypatch):
    """A window on two small scans, whose tunings take two steps."""
    tiny = TuneSettings(length=2, n_validation=1)  # the study file says what it changes
    monkeypatch.setattr(study_core, "_presets", lambda: {"fast": tiny})
    window = build()
    qtbot.addWidget(window)
    window.show()
    controller = window.controller
    for seed, name in enumerate(("local_T1w", "other_T1w")):
        np.save(tmp_path / f"{name}.npy", discs(seed, n=6))
    load = Job("Starting", controller._core.studies.offer, controller.study.planner.take_offer)
    window.jobs.submit(load)
    controller.open_files(sorted(tmp_path.glob("*.npy")))
    qtbot.waitUntil(lambda: not window.jobs._open_jobs, timeout=60_000)
    window.navigation.setCurrentIndex(1)
    grid = window.study_page.grid
    grid.counts.selectAll()
    QTest.keyClicks(grid.counts, "0, 2")
    grid.baselines["cs"].click()
    grid.slices.setValue(2)
    yield window
    window.close()


def click(button):
    assert button.isEnabled(), button.toolTip()
    QTest.mouseClick(button, LEFT)


def reach(qtbot, window, phase):
    qtbot.waitUntil(lambda: window.session.study.phase is phase, timeout=180_000)
    qtbot.waitUntil(lambda: not window.jobs._open_jobs, timeout=60_000)


def test_a_study_by_clicks(qtbot, window):
    session, page = window.session, window.study_page
    assert [box.currentText() for box in page.scans.roles] == ["tune", "test"]
    assert session.study_plan.native == "t1"
    assert session.study_plan.baselines == ("zf",)

    # it is stopped once something is done, and resumed: nothing is computed twice
    click(page.bar.start)
    qtbot.waitUntil(lambda: session.study.digest.n_done > 0, timeout=180_000)
    click(page.bar.stop)
    reach(qtbot, window, StudyPhase.STOPPED)
    table = session.study.folder / "table.csv"
    before = table.read_text().splitlines()
    assert len(before) > 1
    click(page.bar.resume)
    reach(qtbot, window, StudyPhase.DONE)
    assert set(before) <= set(table.read_text().splitlines())
    digest = session.study.digest
    assert digest.n_done == digest.n_cells == 5
    kinds = [point.kind for point in digest.points]
    assert kinds.count(CurveKind.SOURCE) == 4
    assert kinds.count(CurveKind.NATIVE) == 1
    assert "one scored person" in page.results.answer.text()
    assert page.curves.badge.text() == "simulated from magnitude"

    # a point's network is kept, and the Compare page offers it
    tuned = next(point for point in digest.points if point.checkpoint)
    page.results.select(tuned)
    click(page.results.keep)
    qtbot.waitUntil(lambda: bool(session.study.kept), timeout=60_000)
    qtbot.waitUntil(lambda: not window.jobs._open_jobs, timeout=60_000)
    [kept] = paths.checkpoints().glob("*.safetensors")
    assert f"net:{kept}" in [offer.name for offer in session.catalogue.methods]
    assert [study.folder for study in session.earlier] == [session.study.folder]


def choose(box, key):
    box.setFocus()
    QTest.keyClick(box, key)


def test_a_study_of_several_targets_made_elsewhere_is_opened(qtbot, window):
    session, page = window.session, window.study_page
    transfer_folder(study_folder.studies() / "transfer")
    window.controller.study.load()
    qtbot.waitUntil(lambda: not window.jobs._open_jobs, timeout=60_000)
    choose(page.bar.earlier, Qt.Key.Key_Down)
    reach(qtbot, window, StudyPhase.STOPPED)
    targets, curves = page.curves.target_box, page.curves
    assert curves.legend.texts == ("Natural images", "Natural images, last block")
    rows = page.results.view.model().rowCount
    assert rows() == 3
    choose(targets, Qt.Key.Key_Down)
    assert targets.currentText() == "7 T"
    assert curves.legend.texts == ("Natural images",)
    assert rows() == 2
    choose(curves.metric_box, Qt.Key.Key_End)
    assert curves.metric_box.currentText() == "RMSE in % of the peak"
    assert len(curves.plots) == 1
    choose(targets, Qt.Key.Key_Down)
    assert "Nothing is done on the target 0.5 T yet" in curves.empty.text()
    assert page.grid.parts["last block"].isChecked()
    assert session.study_plan.sources == ("natural",), "what cannot be chosen here is left out"
    assert page.bar.start.isEnabled()


def test_layers_that_a_network_lacks_are_refused_before_the_start(window):
    session, page = window.session, window.study_page
    grid = page.grid
    choose(grid.native, Qt.Key.Key_Home)
    joint = grid.sources["scratch:multicoil"]
    assert not joint.isEnabled()
    assert "needs scans of at least 2 receive coils" in joint.toolTip()
    grid.sources["scratch:unet"].click()
    grid.sources["natural"].click()
    click(grid.fold)
    assert not grid.parts["biases"].isEnabled()
    said = "No layers 'biases' in Untrained network, U-Net"
    assert grid.parts["biases"].toolTip() == said
    assert grid.parts["decoder"].isEnabled()
    grid.sources["scratch:unet"].click()
    grid.sources["natural"].click()
    grid.parts["biases"].click()
    grid.sources["scratch:unet"].click()
    assert page.bar.reason.text() == said
    assert not page.bar.start.isEnabled()
    grid.parts["biases"].click()
    assert page.bar.start.isEnabled()
    assert session.study.phase is StudyPhase.IDLE


def test_closing_the_window_ends_the_child_and_the_next_one_offers_the_study(qtbot, window):
    session, page = window.session, window.study_page
    click(page.bar.start)
    qtbot.waitUntil(lambda: session.study.phase is StudyPhase.RUNNING, timeout=60_000)
    threads = list(window.jobs._children.values())
    folder = session.study.folder
    window.close()
    assert not any(thread.is_alive() for thread in threads)

    again = build()
    qtbot.addWidget(again)
    again.show()
    again.controller.study.load()
    reach(qtbot, again, StudyPhase.STOPPED)
    assert again.session.study.folder == folder
    assert "cut off" in again.message_bar.text.text()
    again.navigation.setCurrentIndex(1)
    assert again.study_page.bar.resume.isEnabled()
    again.close()
