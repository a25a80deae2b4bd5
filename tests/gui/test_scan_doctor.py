"""The scan doctor in the window, by clicks, on the real core."""

import numpy as np
import pytest
from PyQt6.QtCore import Qt
from PyQt6.QtTest import QTest

from core.io.answers import beside, remembered
from core.io.interpretation import Interpretation

LEFT = Qt.MouseButton.LeftButton
SHAPE = (2, 3, 64, 48)


def volumes():
    """Two volumes of three slices of a head without symmetry; nothing tells which axis is which."""
    y, x = np.meshgrid(np.linspace(-1, 1, 64), np.linspace(-1, 1, 48), indexing="ij")
    head = ((y / 0.8) ** 2 + (x / 0.6) ** 2 < 1) * (2.5 + np.cos(5 * y + 3 * x) + y)
    levels = np.random.default_rng(1).uniform(1, 2, SHAPE[:2])
    return (levels[..., None, None] * head).astype(np.float32)


@pytest.fixture
def file(tmp_path):
    np.save(tmp_path / "scan.npy", volumes())
    return tmp_path / "scan.npy"


@pytest.fixture
def asked(window, calm, file):
    """The dialog, open on a file in doubt."""
    window.controller.open_files([file])
    calm()
    assert window.scan_doctor.isVisible()
    return window.scan_doctor


def typed(dialog, name, text):
    field = dialog.form.editors[name].widget
    field.setFocus()
    field.selectAll()
    QTest.keyClicks(field, text)
    QTest.keyClick(field, Qt.Key.Key_Return)


def chosen(dialog, name, value):
    """Choose a value of a drop-down by the keyboard."""
    box = dialog.form.editors[name].widget
    steps = box.findData(value) - box.currentIndex()
    for _ in range(abs(steps)):
        QTest.keyClick(box, Qt.Key.Key_Down if steps > 0 else Qt.Key.Key_Up)


def pixels(dialog):
    image = (
        dialog.picture.pixmap()
        .toImage()
        .convertToFormat(dialog.picture.pixmap().toImage().Format.Format_Grayscale8)
    )
    data = image.constBits()
    data.setsize(image.sizeInBytes())
    rows = np.frombuffer(data, np.uint8).reshape(image.height(), image.bytesPerLine())
    return rows[:, : image.width()].astype(float)


def test_a_file_in_doubt_is_asked_about_and_opened_as_answered(window, calm, asked, file):
    assert window.session.scans == ()
    assert "its axes must be said" in asked.question.text()
    assert "Say it under “Axes”" in asked.question.text()
    assert "--" not in asked.question.text()
    texts = [asked.table.item(0, i).text() for i in range(4)]
    assert texts[0] == "Axes"
    assert texts[2].endswith("%")
    assert texts[3]
    assert "2 × 3 × 64 × 48 of float32" in asked.facts.text()
    typed(asked, "axes", "other slice y x")
    chosen(asked, "flip", "y")
    calm()
    assert asked.remember.isEnabled()
    QTest.mouseClick(asked.remember, LEFT)
    calm()
    assert not asked.isVisible()
    [scan] = window.session.scans
    np.testing.assert_array_equal(scan.magnitude, volumes()[0, :, ::-1])
    assert remembered(file, Interpretation).axes == "other slice y x"
    assert "read as remembered in scan.npy.tlmri.json" in scan.notes


def test_on_a_read_only_disk_a_file_is_opened_as_answered(window, calm, asked, file, monkeypatch):
    def refuse(path, data):
        raise ValueError(path) from OSError(30, "Read-only file system")

    monkeypatch.setattr("core.io.answers.write_bytes", refuse)
    typed(asked, "axes", "other slice y x")
    chosen(asked, "flip", "y")
    calm()
    QTest.mouseClick(asked.remember, LEFT)
    calm()
    assert not asked.isVisible()
    [scan] = window.session.scans
    np.testing.assert_array_equal(scan.magnitude, volumes()[0, :, ::-1])
    assert scan.path == file
    assert "got Read-only file system" in window.message_bar.text.text()


def test_the_preview_follows_the_form(calm, asked):
    typed(asked, "axes", "other slice y x")
    calm()
    before = pixels(asked)
    assert np.corrcoef(before.ravel(), before[::-1].ravel())[0, 1] < 0.9
    chosen(asked, "flip", "y")
    calm()
    assert np.abs(pixels(asked) - before[::-1]).mean() < 0.1 * before.mean()


def test_what_does_not_fit_is_said_and_cannot_be_opened(calm, asked, file):
    typed(asked, "axes", "slice y x")
    calm()
    assert "axes must name all 4 axes" in asked.error.text()
    assert not asked.remember.isEnabled()
    typed(asked, "axes", "other slice y y")
    assert "axes must name y and x once" in asked.error.text()
    assert not asked.remember.isEnabled()
    typed(asked, "axes", "slice other y x")
    calm()
    assert asked.error.isHidden()
    assert asked.remember.isEnabled()
    assert not beside(file).exists()


def test_cancel_leaves_the_file_as_it_is_and_the_next_one_is_asked_about(
    window, calm, asked, file, tmp_path
):
    np.save(tmp_path / "other.npy", volumes()[::-1])
    window.controller.open_files([tmp_path / "other.npy", file])
    calm()
    assert "scan.npy" in asked.facts.text()
    QTest.mouseClick(asked.cancel, LEFT)
    calm()
    assert "other.npy" in asked.facts.text()
    QTest.keyClick(asked, Qt.Key.Key_Escape)
    calm()
    assert not asked.isVisible()
    assert window.session.scans == ()
    assert sorted(path.name for path in tmp_path.iterdir() if path.suffix == ".json") == []


def test_a_file_of_several_arrays_asks_for_one_by_name(window, calm, tmp_path):
    np.savez(tmp_path / "scan.npz", first=volumes()[0], second=volumes()[1, 0])
    window.controller.open_files([tmp_path / "scan.npz"])
    calm()
    dialog = window.scan_doctor
    assert "first, second" in dialog.question.text()
    assert "Say it under “Variable”" in dialog.question.text()
    assert "--" not in dialog.question.text()
    assert not dialog.remember.isEnabled()
    typed(dialog, "variable", "third")
    calm()
    assert "must hold the variable 'third'" in dialog.error.text()
    typed(dialog, "variable", "second")
    calm()
    assert "variable second: 64 × 48" in dialog.facts.text()
    QTest.mouseClick(dialog.remember, LEFT)
    calm()
    [scan] = window.session.scans
    np.testing.assert_array_equal(scan.magnitude[0], volumes()[1, 0])


def test_how_a_file_is_read_can_be_corrected_at_any_time(window, calm, tmp_path):
    np.save(tmp_path / "sure.npy", volumes()[0])
    window.controller.open_files([tmp_path / "sure.npy"])
    calm()
    dialog = window.scan_doctor
    assert not dialog.isVisible()
    window.actions_by_name["doctor"].trigger()
    calm()
    assert dialog.isVisible()
    assert dialog.question.isHidden()
    chosen(dialog, "flip", "x")
    calm()
    QTest.mouseClick(dialog.remember, LEFT)
    calm()
    [scan] = window.session.scans
    np.testing.assert_array_equal(scan.magnitude, volumes()[0, ..., ::-1])


def test_a_drawn_scan_has_no_file_to_examine(window):
    window.actions_by_name["doctor"].trigger()
    assert "read from a file" in window.message_bar.text.text()
