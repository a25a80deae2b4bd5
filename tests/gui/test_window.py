"""The main window with a fake core: assembly, keys, dialogs, drops, closing."""

from pathlib import Path

import pytest
from PyQt6.QtCore import QMimeData, QPointF, Qt, QUrl
from PyQt6.QtGui import QDropEvent, QGuiApplication
from PyQt6.QtTest import QTest
from PyQt6.QtWidgets import QFileDialog, QLabel

from tests.gui.window_fakes import FakeCore
from tlmri_gui import settings
from tlmri_gui.app import build
from tlmri_gui.models.study_text import start_problem
from tlmri_gui.widgets.about import AboutBox
from tlmri_gui.widgets.licences import LicencesDialog

LEFT = Qt.MouseButton.LeftButton


@pytest.fixture
def core(tmp_path):
    return FakeCore(folder=tmp_path)


@pytest.fixture
def window(qtbot, core):
    window = build(core)
    qtbot.addWidget(window)
    window.show()
    yield window
    window.close()


@pytest.fixture
def settle(qtbot, window):
    def is_quiet():
        pause = window.controller.compare._pause
        return not (window.jobs._open_jobs or window.jobs._children or pause.isActive())

    return lambda: qtbot.waitUntil(is_quiet, timeout=30_000)


@pytest.fixture
def opened(window, settle, tmp_path):
    window.controller.start([tmp_path / "a.nii"])
    settle()
    return window


def test_it_shows_the_comparison(opened):
    page = opened.compare_page
    assert [panel.key for panel in page.stage.state.panels] == [
        "reference",
        "zf",
        "cs",
        "net:natural",
    ]
    assert all(panel.image is not None for panel in page.stage.state.panels)
    assert page.table.view.model().rowCount() == 3
    assert opened.windowTitle() == "a – tlmri"
    assert page.sampling_panel.mask_view.samples is not None


def test_methods_are_in_sight_on_a_usual_screen(opened, qtbot):
    opened.resize(1600, 950)
    area, panel = opened.compare_page._area, opened.compare_page.methods_panel
    qtbot.waitUntil(lambda: panel.mapTo(area.widget(), panel.rect().topLeft()).y() > 0)
    bottom = panel.mapTo(area.widget(), panel.rect().bottomLeft()).y()
    assert bottom < area.viewport().height()


def test_the_tabs_lead_to_the_pages(window):
    tabs = window.navigation
    assert [tabs.tabText(i) for i in range(tabs.count())] == [
        "Compare",
        "Study",
        "Fingerprinting",
    ]
    assert tabs.isVisible()
    QTest.mouseClick(tabs, LEFT, pos=tabs.tabRect(1).center())
    assert window.study_page.isVisible()
    assert not window.compare_page.isVisible()


def test_weights_left_behind_are_offered_at_the_start(window, core, settle, tmp_path, qtbot):
    (tmp_path / "left.safetensors").write_bytes(b"weights")
    window.controller.start([tmp_path / "a.nii"])
    settle()
    assert "left" in window.message_bar.text.text()
    page = window.compare_page
    assert page.finetune_panel.keep.isVisible()
    qtbot.waitUntil(lambda: not page.finetune_panel.discard.visibleRegion().isEmpty())


def test_arrow_keys_leaf_through_slices(qtbot, opened, settle):
    assert opened.session.slice_index == 3
    opened.setFocus()
    QTest.keyClick(opened, Qt.Key.Key_Right)
    assert opened.session.slice_index == 4
    QTest.keyClick(opened, Qt.Key.Key_Left)
    QTest.keyClick(opened, Qt.Key.Key_Left)
    assert opened.session.slice_index == 2
    settle()
    assert opened.session.outcome("zf") is not None


def test_escape_cancels(opened, settle):
    opened.controller.compare.reconstruct()
    QTest.keyClick(opened, Qt.Key.Key_Escape)
    assert opened.controller.compare.pending == frozenset()
    settle()


def test_files_dropped_anywhere_open(opened, settle, tmp_path):
    mime = QMimeData()
    mime.setUrls([QUrl.fromLocalFile(str(tmp_path / "dropped.npy"))])
    event = QDropEvent(
        QPointF(5, 5),
        Qt.DropAction.CopyAction,
        mime,
        LEFT,
        Qt.KeyboardModifier.NoModifier,
    )
    opened.dropEvent(event)
    settle()
    assert opened.session.scan.name == "dropped"
    assert Path(opened.dialogs.folder) == tmp_path


def dialog_of(window, kind, qtbot):
    qtbot.waitUntil(lambda: any(d.isVisible() for d in window.findChildren(kind)))
    return next(d for d in window.findChildren(kind) if d.isVisible())


def test_the_open_dialog_knows_the_formats_and_blocks_nothing(qtbot, window, settle, tmp_path):
    path = tmp_path / "b.npy"
    path.write_bytes(b"")
    QTest.mouseClick(window.compare_page.scan_panel.open_button, LEFT)
    dialog = dialog_of(window, QFileDialog, qtbot)
    assert "*.nii *.npy" in dialog.nameFilters()[0]
    dialog.selectFile(str(path))
    dialog.accept()
    window.controller.start()
    settle()
    assert "b" in [scan.name for scan in window.session.scans]


def test_the_command_line_is_copied_and_shown(opened):
    opened.actions_by_name["command"].trigger()
    assert QGuiApplication.clipboard().text().startswith("tlmri recon ")
    assert opened.message_bar.isVisible()


def test_on_the_study_page_export_means_the_study(qtbot, opened, core, settle, tmp_path):
    opened.navigation.setCurrentIndex(1)
    opened.actions_by_name["figure"].trigger()
    assert "no study with finished cells" in opened.message_bar.text.text()
    opened.actions_by_name["command"].trigger()
    assert "no study was started" in opened.message_bar.text.text()
    opened.controller.study.show_earlier(tmp_path / "old")
    settle()
    opened.actions_by_name["table"].trigger()
    dialog = dialog_of(opened, QFileDialog, qtbot)
    assert dialog.fileMode() is QFileDialog.FileMode.Directory
    dialog.selectFile(str(tmp_path))
    dialog.accept()
    settle()
    assert ("export", tmp_path / "old", tmp_path) in core.studies.asked


def test_about_is_no_obstacle(qtbot, window):
    window.actions_by_name["about"].trigger()
    box = dialog_of(window, AboutBox, qtbot)
    QTest.mouseClick(box.licences, LEFT)
    texts = dialog_of(window, LicencesDialog, qtbot)
    assert texts.components
    texts.accept()
    box.accept()


def test_the_guide_stays_beside_the_window(window):
    QTest.keyClick(window, Qt.Key.Key_F1)
    guide = window.guide
    assert guide.isVisible()
    assert not guide.isModal()
    guide.close()
    QTest.keyClick(window, Qt.Key.Key_F1)
    assert window.guide is guide
    assert guide.isVisible()


def test_an_installation_without_guides_says_so(window, monkeypatch):
    def fail():
        raise FileNotFoundError("this installation has none")

    monkeypatch.setattr("tlmri_gui.main_window.documents", fail)
    window.actions_by_name["guide"].trigger()
    assert window.message_bar.text.text() == "User guide: this installation has none"


def test_an_error_shows_in_the_bar_and_is_dismissed(opened, core, settle, tmp_path):
    core.errors["load"] = ValueError("c.nii: must be undamaged, got: truncated")
    opened.controller.open_files([tmp_path / "c.nii"])
    settle()
    assert opened.message_bar.text.text() == "c.nii: must be undamaged, got: truncated"
    QTest.mouseClick(opened.message_bar.close_button, LEFT)
    assert not opened.message_bar.isVisible()


def test_a_core_that_does_not_load_is_not_awaited(window, core, settle):
    core.errors["catalogue"] = ImportError("libtorch.so: no such file")
    window.controller.start()
    settle()
    assert "libtorch.so" in window.message_bar.text.text()
    for panel in (window.compare_page.methods_panel, window.fingerprint_page.methods):
        texts = [label.text() for label in panel.findChildren(QLabel)]
        assert "could not be loaded" in texts
        assert "loading…" not in texts
    assert start_problem(window.session) == "The core could not be loaded"


def test_what_was_chosen_is_remembered(opened, core, qtbot):
    opened.controller.compare.set_device("cpu")
    opened.controller.compare.set_definition("slice")
    opened.dialogs.folder = "/scans"
    opened.close()
    remembered = settings.load()
    assert (remembered.device, remembered.definition) == ("cpu", "slice")
    assert remembered.last_folder == "/scans"
    again = build(core)
    qtbot.addWidget(again)
    assert (again.session.device, again.session.definition) == ("cpu", "slice")
    again.close()


def test_closing_while_it_works_ends_everything(qtbot, window):
    window.controller.start()
    window.close()
    assert not window.jobs._worker.is_alive()
    assert not window.jobs._children or all(
        not thread.is_alive() for thread in window.jobs._children.values()
    )
