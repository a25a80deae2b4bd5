"""The dialogs that ask for files: where they begin, and which name they suggest."""

from pathlib import Path

import pytest
from PyQt6.QtCore import QDir
from PyQt6.QtWidgets import QFileDialog, QWidget

from tlmri_gui.export import FIGURE_FILTER
from tlmri_gui.file_dialogs import FileDialogs


@pytest.fixture
def dialogs(qtbot):
    window = QWidget()
    qtbot.addWidget(window)
    return FileDialogs(window)


def asked(dialogs, name="a scan.png"):
    """The dialog that asks where a figure goes, and what came of it."""
    taken = []
    dialogs.ask_where("Export figure", FIGURE_FILTER, name, taken.append)
    return dialogs._window.findChildren(QFileDialog)[-1], taken


@pytest.mark.parametrize("folder", ["", "/"])
def test_they_begin_at_home_where_no_folder_is_remembered(dialogs, folder):
    dialogs.folder = folder
    assert asked(dialogs)[0].directory() == QDir.home()


def test_they_begin_where_the_last_one_ended(dialogs, tmp_path):
    dialogs.folder = str(tmp_path)
    dialog, taken = asked(dialogs)
    assert Path(dialog.directory().path()) == tmp_path
    dialog.accept()
    assert taken == [tmp_path / "a scan.png"]


@pytest.mark.parametrize(
    ("name", "suggested"),
    [("brain 7.5 T.png", "brain 7.5 T.png"), ('a/b\\c:"d"?.png', "a-b-c--d--.png")],
)
def test_a_name_is_suggested(dialogs, tmp_path, name, suggested):
    dialogs.folder = str(tmp_path)
    [chosen] = asked(dialogs, name)[0].selectedFiles()
    assert Path(chosen) == tmp_path / suggested


def test_its_ending_follows_the_filter_but_for_one_of_the_users(dialogs, tmp_path):
    dialogs.folder = str(tmp_path)
    dialog, _ = asked(dialogs, "brain 7.5 T.png")
    pdf = next(text for text in dialog.nameFilters() if "pdf" in text)
    dialog.filterSelected.emit(pdf)
    assert Path(dialog.selectedFiles()[0]).name == "brain 7.5 T.pdf"
    dialog.selectFile("mine.v2")
    dialog.filterSelected.emit(dialog.nameFilters()[0])
    assert Path(dialog.selectedFiles()[0]).name == "mine.v2"
