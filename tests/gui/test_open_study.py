"""A study made on the command line, opened in the window by its folder."""

import pytest
from PyQt6.QtWidgets import QFileDialog

from core import paths
from tests.gui.study_folders import transfer_folder
from tlmri_gui import study_folder
from tlmri_gui.study_state import StudyPhase


def choose(window, folder):
    """Take the menu's entry and choose a folder in its dialog."""
    window.actions_by_name["study"].trigger()
    [dialog] = window.findChildren(QFileDialog)
    dialog.fileSelected.emit(str(folder))
    dialog.close()


@pytest.fixture
def elsewhere(tmp_path):
    return transfer_folder(tmp_path / "made elsewhere")


def test_it_is_shown_and_listed_from_then_on(window, calm, elsewhere):
    calm()
    choose(window, elsewhere)
    calm()
    assert window.stack.currentWidget() is window.study_page
    study = window.session.study
    assert (study.folder, study.phase) == (elsewhere, StudyPhase.STOPPED)
    assert study.digest.n_done == 5
    assert [study.folder for study in window.session.earlier] == [elsewhere]
    assert elsewhere in study_folder.found(), "the next window lists it too"


def test_a_folder_that_is_no_study_is_refused_in_a_line(window, calm, tmp_path):
    calm()
    choose(window, tmp_path)
    calm()
    said = window.session.message.text
    assert said == f"{tmp_path}: must be a study's folder, found no study.toml"
    assert window.session.study.phase is StudyPhase.IDLE
    assert study_folder.opened_elsewhere() == ()


def test_one_that_is_gone_or_a_damaged_note_is_left_out(elsewhere, tmp_path):
    study_folder.remember(elsewhere)
    study_folder.remember(elsewhere)
    study_folder.remember(tmp_path / "gone")
    assert study_folder.opened_elsewhere() == (elsewhere, tmp_path / "gone")
    assert study_folder.found() == [elsewhere]
    (paths.user_data() / "studies" / study_folder.ELSEWHERE_NAME).write_text("[3")
    assert study_folder.found() == []


def test_the_windows_own_are_not_noted_as_lying_elsewhere():
    own = transfer_folder(study_folder.studies() / "own")
    study_folder.remember(own)
    assert study_folder.opened_elsewhere() == ()
    assert study_folder.found() == [own]
