"""The score table: sorting by a click, copying with Ctrl+C."""

import math

import pytest
from PyQt6.QtCore import Qt
from PyQt6.QtGui import QGuiApplication

from tlmri_gui.models.score_model import ScoreRow
from tlmri_gui.widgets.score_table import ScoreTable

ROWS = (
    ScoreRow("zf", "24", 26.1, 0.71, 0.03, 12.0, 0.01),
    ScoreRow("cs", "24", 38.1, 0.94, 0.01, 5.0, 1.2),
    ScoreRow("net", "24", math.nan, math.nan, math.nan, math.nan, 0.1, "used for tuning"),
)


@pytest.fixture
def table(qtbot):
    table = ScoreTable()
    qtbot.addWidget(table)
    table.resize(900, 300)
    table.show()
    return table


def methods(table):
    model = table.view.model()
    return [model.index(row, 0).data() for row in range(model.rowCount())]


def click_heading(qtbot, table, section):
    header = table.view.horizontalHeader()
    at = header.viewport().rect().center()
    at.setX(header.sectionViewportPosition(section) + header.sectionSize(section) // 2)
    qtbot.mouseClick(header.viewport(), Qt.MouseButton.LeftButton, pos=at)


def test_a_new_table_says_that_there_are_no_scores(table):
    assert table.label.text() == "No scores yet"
    assert methods(table) == []


def test_a_long_note_leaves_the_methods_names_whole(table, qtbot):
    note = "trained for R=4, used at R=6; trained for poisson masks, used with gaussian"
    table.resize(820, 200)
    row = ScoreRow("Natural images", "24", 38.1, 0.94, 0.01, 5.0, 1.2, note)
    table.set_rows([row], "volume maximum", "measured")
    view = table.view
    qtbot.waitUntil(lambda: view.columnWidth(0) >= view.sizeHintForColumn(0))
    assert view.horizontalScrollBar().maximum() == 0


def test_rows_come_in_the_order_given_under_their_definition(table):
    table.set_rows(ROWS, "fastMRI (volume maximum)", "simulated from magnitude")
    assert methods(table) == ["zf", "cs", "net"]
    assert table.label.text() == "Scores: fastMRI (volume maximum) · simulated from magnitude"


def test_a_click_on_a_heading_sorts(table, qtbot):
    table.set_rows(ROWS, "d", "p")
    click_heading(qtbot, table, 2)
    ascending = methods(table)
    click_heading(qtbot, table, 2)
    assert {tuple(ascending), tuple(methods(table))} == {
        ("zf", "cs", "net"),
        ("cs", "zf", "net"),
    }


def test_ctrl_c_copies_the_selected_rows_with_headings_and_definition(table, qtbot):
    table.set_rows(ROWS, "fastMRI", "simulated from magnitude")
    table.view.selectRow(1)
    table.activateWindow()
    table.view.setFocus()
    qtbot.waitUntil(table.view.hasFocus)
    qtbot.keyClick(table.view, Qt.Key.Key_C, Qt.KeyboardModifier.ControlModifier)
    head, line, end = QGuiApplication.clipboard().text().split("\n")
    assert head.split("\t")[:3] == ["Method", "Slice", "PSNR (dB)"]
    assert line.split("\t") == [
        "cs",
        "24",
        "38.10",
        "0.9400",
        "0.0100",
        "5.000",
        "1.20",
        "",
        "fastMRI",
        "simulated from magnitude",
    ]
    assert end == ""


def test_without_a_selection_all_rows_are_copied_as_sorted(table):
    table.set_rows(ROWS, "fastMRI", "simulated from magnitude")
    table.view.sortByColumn(0, Qt.SortOrder.AscendingOrder)
    lines = table.as_tsv().splitlines()
    assert [line.split("\t")[0] for line in lines[1:]] == ["cs", "net", "zf"]
    assert lines[2].split("\t")[2] == "–"


def test_clearing_shows_no_stale_definition(table):
    table.set_rows(ROWS, "fastMRI", "simulated from magnitude")
    table.set_rows((), "fastMRI", "")
    assert table.label.text() == "No scores yet"


def test_it_asks_for_the_height_of_its_rows_up_to_a_limit(table):
    heights = []
    for count in (0, 4, 6, 7, 60):
        table.set_rows([ROWS[0]] * count, "volume", "measured")
        heights.append(table.fitting_height())
    assert heights[0] == heights[1] < heights[2] < heights[3] == heights[4]


def test_at_that_height_no_row_is_hidden(table, qtbot):
    table.set_rows([ROWS[0]] * 6, "volume", "measured")
    table.resize(900, table.fitting_height())
    bar = table.view.verticalScrollBar()
    qtbot.waitUntil(lambda: table.view.viewport().height() >= 6 * 26)
    assert bar.maximum() == 0
