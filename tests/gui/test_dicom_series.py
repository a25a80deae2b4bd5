"""Folders of DICOM files in the window, by menu, drop and clicks, on the real core."""

import numpy as np
from PyQt6.QtCore import QMimeData, QPointF, Qt, QUrl
from PyQt6.QtGui import QDropEvent
from PyQt6.QtTest import QTest
from PyQt6.QtWidgets import QFileDialog

from core.io import ReadOptions, load
from core.io.answers import beside, remembered
from core.io.dicom_choice import SeriesChoice
from tests.core.io.dicom_files import VOLUME, series

LEFT = Qt.MouseButton.LeftButton


def two_echoes(folder):
    series(folder, prefix="a", EchoTime=7.4)
    return series(folder, prefix="b", volume=VOLUME[:4] + 1, EchoTime=4.9)


def drop(window, *paths):
    mime = QMimeData()
    mime.setUrls([QUrl.fromLocalFile(str(path)) for path in paths])
    event = QDropEvent(
        QPointF(5, 5), Qt.DropAction.CopyAction, mime, LEFT, Qt.KeyboardModifier.NoModifier
    )
    window.dropEvent(event)


def choose(dialog, row):
    """Choose by the keyboard; returns what is chosen then."""
    box = dialog.form.editors["series"].widget
    box.setFocus()
    QTest.keyClick(box, Qt.Key.Key_Home)
    for _ in range(row):
        QTest.keyClick(box, Qt.Key.Key_Down)
    return box.currentText()


def file_dialog(qtbot, window):
    dialogs = lambda: [d for d in window.findChildren(QFileDialog) if d.isVisible()]  # noqa: E731
    qtbot.waitUntil(lambda: bool(dialogs()))
    return dialogs()[0]


def test_a_folder_is_opened_from_the_file_menu(qtbot, window, calm, tmp_path):
    folder = series(tmp_path / "head")
    action = window.actions_by_name["folder"]
    assert action.text() == "Open folder… (DICOM series)"
    menu = next(m for m in window.menuBar().actions() if m.text() == "&File").menu()
    assert action in menu.actions()
    action.trigger()  # a menu that pops up needs a real screen
    dialog = file_dialog(qtbot, window)
    assert dialog.fileMode() is QFileDialog.FileMode.Directory
    dialog.selectFile(str(folder))
    dialog.accept()
    calm()
    [scan] = window.session.scans
    np.testing.assert_array_equal(scan.magnitude, VOLUME.astype(np.float32))
    assert not window.scan_doctor.isVisible()


def test_the_keys_for_a_folder_ask_for_one(qtbot, window):
    window.activateWindow()
    modifiers = Qt.KeyboardModifier.ControlModifier | Qt.KeyboardModifier.ShiftModifier
    QTest.keyClick(window, Qt.Key.Key_O, modifiers)
    dialog = file_dialog(qtbot, window)
    assert dialog.windowTitle() == "Open a DICOM series"
    dialog.reject()


def test_one_file_without_a_suffix_opens_its_series(qtbot, window, calm, tmp_path):
    folder = two_echoes(tmp_path / "study")
    QTest.mouseClick(window.compare_page.scan_panel.open_button, LEFT)
    dialog = file_dialog(qtbot, window)
    assert "All files (*)" in dialog.nameFilters()
    assert "*.dcm" in dialog.nameFilters()[0]
    dialog.selectFile(str(sorted(folder.glob("b*"))[2]))
    dialog.accept()
    calm()
    [scan] = window.session.scans
    np.testing.assert_array_equal(scan.magnitude, VOLUME[:4].astype(np.float32) + 1)


def test_of_several_echoes_one_is_asked_for_once(window, calm, tmp_path):
    folder = two_echoes(tmp_path / "study")
    drop(window, folder)
    calm()
    dialog = window.scan_doctor
    assert dialog.isVisible()
    assert window.session.scans == ()
    assert "it must be said which series is the scan, got 4.1 (" in dialog.question.text()
    assert "Say it under “Series or echo”" in dialog.question.text()
    assert "--" not in dialog.question.text()
    assert dialog.facts.text() == "study: 2 series or echoes"
    assert not dialog.table.isVisible()
    assert list(dialog.form.editors) == ["series"]
    first = dialog.picture.pixmap().toImage()
    assert choose(dialog, 1) == "4.2 (t1_mprage, TE 7.4 ms, kind M, 6 slices)"
    calm()
    assert dialog.picture.pixmap().toImage() != first
    QTest.mouseClick(dialog.remember, LEFT)
    calm()
    assert not dialog.isVisible()
    [scan] = window.session.scans
    np.testing.assert_array_equal(scan.magnitude, VOLUME.astype(np.float32))
    drop(window, folder)
    calm()
    assert not dialog.isVisible()
    assert "read as remembered in series.tlmri.json" in window.session.scan.notes


def test_the_preview_is_of_the_series_that_is_chosen(window, calm, tmp_path):
    folder = two_echoes(tmp_path / "study")
    drop(window, folder)
    calm()
    for row, label in ((1, "4.2"), (0, "4.1")):
        choose(window.scan_doctor, row)
        calm()
        magnitude = load(folder, ReadOptions(series=label)).magnitude
        middle = magnitude[len(magnitude) // 2]
        np.testing.assert_allclose(window.session.checkup.picture, middle / middle.max(), rtol=1e-6)


def test_the_choice_can_be_changed_later(window, calm, tmp_path):
    folder = two_echoes(tmp_path / "study")
    drop(window, folder)
    calm()
    QTest.mouseClick(window.scan_doctor.remember, LEFT)
    calm()
    assert window.session.scan.n_slices == 4
    window.actions_by_name["doctor"].trigger()
    calm()
    dialog = window.scan_doctor
    assert dialog.question.isHidden()
    assert dialog.origin.text() == "Remembered in series.tlmri.json"
    choose(dialog, 1)
    calm()
    QTest.mouseClick(dialog.remember, LEFT)
    calm()
    [scan] = window.session.scans
    assert scan.n_slices == 6
    assert remembered(folder, SeriesChoice).series.startswith("4.2")


def test_on_a_read_only_disk_the_choice_is_opened_all_the_same(window, calm, tmp_path, monkeypatch):
    def refuse(path, data):
        raise ValueError(path) from OSError(30, "Read-only file system")

    monkeypatch.setattr("core.io.answers.write_bytes", refuse)
    folder = two_echoes(tmp_path / "study")
    drop(window, folder)
    calm()
    choose(window.scan_doctor, 1)
    calm()
    QTest.mouseClick(window.scan_doctor.remember, LEFT)
    calm()
    assert not window.scan_doctor.isVisible()
    [scan] = window.session.scans
    np.testing.assert_array_equal(scan.magnitude, VOLUME.astype(np.float32))
    assert scan.path == folder
    assert "read as answered, which could not be kept" in scan.notes
    said = window.message_bar.text.text()
    assert "you will be asked again" in said
    assert "must be writable for the series to be remembered, got Read-only file system" in said


def test_folders_dropped_together_are_asked_about_in_turn(window, calm, tmp_path):
    drop(window, two_echoes(tmp_path / "one"), two_echoes(tmp_path / "two"))
    calm()
    dialog = window.scan_doctor
    assert dialog.question.text().startswith("one: ")
    QTest.mouseClick(dialog.cancel, LEFT)
    calm()
    assert dialog.isVisible()
    assert dialog.question.text().startswith("two: ")
    assert "Say it under “Series or echo”" in dialog.question.text()
    QTest.mouseClick(dialog.remember, LEFT)
    calm()
    assert [scan.name for scan in window.session.scans] == ["two"]
    assert not beside(tmp_path / "one").exists()


def test_one_series_leaves_nothing_to_choose(window, calm, tmp_path):
    drop(window, series(tmp_path / "head"))
    calm()
    window.actions_by_name["doctor"].trigger()
    calm()
    assert not window.scan_doctor.isVisible()
    assert "head: must hold several series or echoes" in window.message_bar.text.text()
