"""The About box."""

from PyQt6.QtCore import Qt
from PyQt6.QtTest import QTest
from PyQt6.QtWidgets import QLabel

from core import __version__
from tlmri_gui.widgets.about import PAPERS, AboutBox


def shown(qtbot):
    box = AboutBox()
    qtbot.addWidget(box)
    box.show()
    return box


def said(box):
    return "\n".join(label.text() for label in box.findChildren(QLabel))


def test_it_says_what_this_is_by_whose_ideas_and_under_which_licence(qtbot):
    box = shown(qtbot)
    assert box.name.text() == f"tlmri {__version__}"
    text = said(box)
    assert "GPL-3.0-or-later" in text
    assert "not a medical device" in text
    assert all(title in text for _, title, _ in PAPERS)


def test_it_shows_the_icon(qtbot):
    pictures = [label.pixmap() for label in shown(qtbot).findChildren(QLabel)]
    assert [picture.width() for picture in pictures if not picture.isNull()] == [72]


def test_no_line_is_cut_off(qtbot):
    box = shown(qtbot)
    for label in box.findChildren(QLabel):
        needed = label.heightForWidth(label.width()) if label.wordWrap() else 0
        assert label.height() >= needed


def test_it_leads_to_the_licences(qtbot):
    box = shown(qtbot)
    with qtbot.waitSignal(box.licences_requested):
        QTest.mouseClick(box.licences, Qt.MouseButton.LeftButton)


def test_enter_closes_it(qtbot):
    box = shown(qtbot)
    with qtbot.waitSignal(box.accepted):
        QTest.keyClick(box, Qt.Key.Key_Return)
