"""The list of components, and their licences' texts."""

import json

import pytest
from PyQt6.QtCore import Qt
from PyQt6.QtTest import QTest

from tlmri_gui import licences
from tlmri_gui.widgets.licences import LicencesDialog

ROWS = [
    {
        "name": "zlib",
        "version": "1.3",
        "licence": "Zlib",
        "home": "https://zlib.net",
        "files": ["zlib/README"],
    },
    {
        "name": "Apple",
        "version": "2",
        "licence": "BSD-3-Clause",
        "home": "",
        "files": ["apple/LICENSE", "apple/NOTICE"],
    },
    {"name": "bare", "version": "3", "licence": "MIT", "home": "", "files": []},
]


@pytest.fixture
def place(tmp_path):
    """The folder that an installer ships."""
    for name in ("zlib/README", "apple/LICENSE", "apple/NOTICE"):
        path = tmp_path / name
        path.parent.mkdir(exist_ok=True)
        path.write_text(f"text of {name}")
    (tmp_path / "components.json").write_text(json.dumps(ROWS))
    return tmp_path


@pytest.fixture
def dialog(qtbot, place):
    dialog = LicencesDialog(place)
    qtbot.addWidget(dialog)
    dialog.show()
    return dialog


def rows(dialog):
    table = dialog.table
    shown = (row for row in range(table.rowCount()) if not table.isRowHidden(row))
    return [table.item(row, 0).text() for row in shown]


def test_it_lists_all_and_shows_the_first_ones_texts(dialog, place):
    assert rows(dialog) == ["Apple", "bare", "zlib"]
    text = dialog.text.toPlainText()
    assert text.startswith("Apple 2\nBSD-3-Clause\n")
    assert "text of apple/LICENSE" in text
    assert "text of apple/NOTICE" in text
    assert str(place) in dialog.origin.text()


def test_typing_narrows_the_list_by_name_or_licence(dialog):
    QTest.keyClicks(dialog.search, "ZLIB")
    assert rows(dialog) == ["zlib"]
    assert "https://zlib.net" in dialog.text.toPlainText()
    dialog.search.setText("mit")
    assert rows(dialog) == ["bare"]
    assert "without a text" in dialog.text.toPlainText()
    dialog.search.setText("nothing like it")
    assert rows(dialog) == []
    assert dialog.text.toPlainText() == ""
    dialog.search.clear()
    assert rows(dialog) == ["Apple", "bare", "zlib"]
    assert dialog.text.toPlainText() != ""


def test_the_arrow_leads_from_the_search_into_the_list(dialog):
    dialog.activateWindow()
    QTest.keyClicks(dialog.search, "b")
    QTest.keyClick(dialog.search, Qt.Key.Key_Down)
    assert dialog.table.hasFocus()
    assert dialog.table.currentRow() == 0
    QTest.keyClick(dialog.table, Qt.Key.Key_Down)
    assert dialog.text.toPlainText().startswith("bare")


def test_columns_show_what_is_in_them_and_widen_by_hand(qtbot, place):
    long = "GPL-3.0-or-later WITH GCC-exception-3.1"
    rows = [{**ROWS[0], "version": "as in pyqt6-qt6", "licence": long}]
    (place / "components.json").write_text(json.dumps(rows))
    dialog = LicencesDialog(place)
    qtbot.addWidget(dialog)
    dialog.show()
    table = dialog.table
    for column in range(3):
        item = table.item(0, column)
        assert item.toolTip() == item.text()
        assert table.columnWidth(column) >= table.fontMetrics().horizontalAdvance(item.text())
    table.setColumnWidth(0, 300)
    assert table.columnWidth(0) == 300


def test_a_text_that_is_gone_is_said_so(dialog, place):
    (place / "zlib" / "README").unlink()
    dialog.search.setText("zlib")
    assert "cannot be read" in dialog.text.toPlainText()


def test_the_files_beside_the_texts_are_named_where_they_are(qtbot, place):
    (place / licences.BILL).write_text("{}")
    dialog = LicencesDialog(place)
    qtbot.addWidget(dialog)
    assert licences.BILL in dialog.origin.text()
    assert licences.OVERVIEW not in dialog.origin.text()


@pytest.mark.parametrize("text", ["", "{}", '[{"name": "x"}]', "[1]", "\xff"])
def test_a_damaged_table_is_refused_in_one_line(place, text):
    (place / "components.json").write_text(text, encoding="latin-1")
    with pytest.raises(ValueError, match=r"^components.json: must be a list of components"):
        licences.components(place)


def test_from_source_it_lists_what_is_installed(tmp_path):
    found = {part.name: part for part in licences.components(tmp_path)}
    assert "tlmri-gui" not in found
    assert found["numpy"].version
    assert "Redistribution and use" in licences.text_of(found["numpy"])
    assert found["pytest"].licence == "MIT"
    assert all(0 < len(part.licence) <= 100 for part in found.values())
