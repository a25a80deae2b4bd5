"""The check of this installation in the window, by menu, clicks and keys."""

from types import SimpleNamespace

import pytest
from PyQt6.QtCore import Qt
from PyQt6.QtGui import QGuiApplication
from PyQt6.QtTest import QTest
from PyQt6.QtWidgets import QFileDialog

from core import jobs as core_jobs
from core.doctor import Check, Outcome
from tests.gui.fakes import SilentChild
from tests.gui.installation_fakes import good_but_for_memory
from tests.gui.window_fakes import FakeCore
from tlmri_gui import installation_controller
from tlmri_gui.app import build
from tlmri_gui.models.installation import NAMES, Installation, Phase
from tlmri_gui.widgets.installation_check import EXPLANATION, InstallationCheck

LEFT = Qt.MouseButton.LeftButton


@pytest.fixture
def window(qtbot, tmp_path):
    window = build(FakeCore(folder=tmp_path))
    qtbot.addWidget(window)
    window.show()
    yield window
    window.close()


@pytest.fixture
def children(window, monkeypatch):
    """Those that were started, in place of processes."""
    started = []

    def start_child(function, argument, on_event, status):
        started.append(SilentChild(function, argument, on_event, status))
        return started[-1]

    monkeypatch.setattr(window.jobs, "start_child", start_child)
    return started


def tell(child):
    """All of what a child says."""
    child.say(core_jobs.Started())
    context = SimpleNamespace(
        progress=lambda fraction, message: child.say(core_jobs.Progressed(fraction, message)),
        publish=lambda check: child.say(core_jobs.Published(check)),
    )
    good_but_for_memory(context, child.argument)
    child.say(core_jobs.Succeeded(None))


@pytest.fixture
def dialog(window, children):
    """Opened by the menu, the checks made."""
    window.actions_by_name["installation"].trigger()
    tell(children[-1])
    dialog = window.installation.dialog
    assert dialog.isVisible()
    assert not dialog.isModal()
    return dialog


def texts(dialog, row):
    return [dialog.table.item(row, column).text() for column in range(3)]


def test_the_help_menu_has_it(window):
    action = window.actions_by_name["installation"]
    assert action.text() == "Check this installation…"
    menu = next(a.menu() for a in window.menuBar().actions() if a.text() == "&Help")
    assert action in menu.actions()


def test_all_checks_and_the_verdict_are_shown(dialog):
    assert [texts(dialog, row)[1] for row in range(dialog.table.rowCount())] == list(NAMES)
    row = NAMES.index("memory")
    assert texts(dialog, row) == ["failed", "memory", "1 GiB\nWhat to do: buy more"]
    assert not dialog.table.item(row, 0).icon().isNull()
    assert dialog.headline.text() == f"1 of {len(NAMES)} checks failed: memory"
    assert not dialog.icon.pixmap().isNull()
    assert [item.row() for item in dialog.table.selectedItems()] == [row] * 3
    assert dialog.bar.isHidden()
    assert dialog.remark.text() == EXPLANATION


def test_the_page_is_copied_by_key(dialog):
    dialog.copy.setFocus()
    QTest.keyClick(dialog.copy, Qt.Key.Key_Space)
    text = QGuiApplication.clipboard().text()
    assert text.startswith("## Installation check of tlmri")
    assert text.index("FAILED   memory") < text.index("ok       tlmri")
    assert dialog.remark.text().startswith("Copied")


def test_the_page_is_saved(dialog, window, qtbot, tmp_path):
    QTest.mouseClick(dialog.save, LEFT)
    [asked] = window.findChildren(QFileDialog)
    asked.fileSelected.emit(str(tmp_path / "page.md"))
    asked.close()
    qtbot.waitUntil(lambda: dialog.remark.text().startswith("Wrote"))
    assert "memory" in (tmp_path / "page.md").read_text(encoding="utf-8")


def test_it_is_run_again(dialog, window, children):
    QTest.mouseClick(dialog.again, LEFT)
    assert window.controller.installation.state.runs
    assert not dialog.again.isEnabled()
    assert not dialog.copy.isEnabled()
    assert dialog.end.text() == "Cancel"
    tell(children[-1])
    assert len(children) == 2
    assert dialog.headline.text().endswith("failed: memory")


def test_a_whole_answer_is_kept_when_it_is_opened_again(dialog, window):
    QTest.keyClick(dialog, Qt.Key.Key_Escape)
    assert dialog.isHidden()
    window.actions_by_name["installation"].trigger()
    assert dialog.isVisible()
    assert window.controller.installation.state.is_whole


def test_escape_gives_up_what_runs(dialog, children):
    QTest.mouseClick(dialog.again, LEFT)
    QTest.keyClick(dialog, Qt.Key.Key_Escape)
    assert dialog.isHidden()
    assert "cancel" in children[-1].asked


def test_one_button_cancels_and_then_closes(dialog, children):
    QTest.mouseClick(dialog.again, LEFT)
    QTest.mouseClick(dialog.end, LEFT)
    assert "cancel" in children[-1].asked
    assert dialog.isVisible()
    children[-1].say(core_jobs.WasCancelled())
    assert dialog.end.text() == "Close"
    QTest.mouseClick(dialog.end, LEFT)
    assert dialog.isHidden()


def test_what_was_given_up_is_begun_anew_when_it_is_opened_again(dialog, window, children):
    QTest.mouseClick(dialog.again, LEFT)
    QTest.keyClick(dialog, Qt.Key.Key_Escape)
    children[-1].say(core_jobs.WasCancelled())
    window.actions_by_name["installation"].trigger()
    assert len(children) == 3


def test_by_a_true_process_which_ends_with_the_window(window, qtbot, monkeypatch):
    monkeypatch.setattr(installation_controller, "examination_job", good_but_for_memory)
    window.actions_by_name["installation"].trigger()
    state = lambda: window.controller.installation.state  # noqa: E731
    qtbot.waitUntil(lambda: state().is_over, timeout=60_000)
    assert [check.name for check in state().checks if not check.passed] == ["memory"]
    QTest.mouseClick(window.installation.dialog.again, LEFT)
    window.close()
    assert not window.jobs._worker.is_alive()


# the dialog alone -------------------------------------------------------------------------------


@pytest.fixture
def alone(qtbot):
    dialog = InstallationCheck()
    qtbot.addWidget(dialog)
    dialog.show()
    return dialog


def test_before_it_begins_there_is_nothing_to_copy(alone):
    for button in (alone.copy, alone.save, alone.again):
        assert not button.isEnabled()


def test_checks_to_come_are_listed(alone):
    alone.show_installation(Installation(Phase.RUNS, (Check("tlmri", "1.0"),), "Python, so far"))
    assert texts(alone, 0) == ["ok", "tlmri", "1.0"]
    assert texts(alone, 1) == ["", "Python", ""]
    assert alone.headline.text() == "Looking at Python, so far…"
    assert alone.bar.value() == round(1000 / len(NAMES))
    assert alone.end.text() == "Cancel"


@pytest.mark.parametrize(
    ("outcome", "word", "icon"),
    [
        (Outcome.OK, "ok", "done"),
        (Outcome.NOTE, "remark", "done"),
        (Outcome.FAILED, "failed", "failed"),
    ],
)
def test_an_outcome_is_a_word_and_an_icon(alone, outcome, word, icon):
    checks = tuple(Check(name, "found", outcome) for name in NAMES)
    state = Installation(Phase.OVER, checks)
    alone.show_installation(state)
    assert texts(alone, 0)[0] == word
    assert state.icon == icon


def test_the_checks_are_reached_and_left_by_keys(alone):
    alone.show_installation(Installation().ended())
    alone.activateWindow()
    alone.table.setFocus()
    alone.table.setCurrentCell(0, 1)
    QTest.keyClick(alone.table, Qt.Key.Key_Down)
    assert alone.table.currentRow() == 1
    QTest.keyClick(alone.table, Qt.Key.Key_Tab)
    assert not alone.table.hasFocus()
