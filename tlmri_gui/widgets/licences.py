"""The parts that the application is made of, with the texts of their licences."""

from __future__ import annotations

from pathlib import Path

from PyQt6.QtCore import Qt
from PyQt6.QtGui import QFontDatabase, QKeySequence, QShortcut
from PyQt6.QtWidgets import (
    QDialog,
    QLineEdit,
    QPlainTextEdit,
    QPushButton,
    QSplitter,
    QTableWidget,
    QTableWidgetItem,
    QVBoxLayout,
    QWidget,
)

from tlmri_gui import identity, licences, theme
from tlmri_gui.licences import Component
from tlmri_gui.widgets.labels import wrapped

TITLE = "Licences"
_HALVES = (650, 630)
"""Widths of the list and of the text, which has lines of 80 characters."""

_COLUMNS = ("Component", "Version", "Licence")
_WIDEST = 250
"""Of a column at first, to be changed by hand; the tooltips have what is cut off."""


class LicencesDialog(QDialog):
    """A list that is searched by typing, and the text of what is selected in it."""

    def __init__(self, place: Path, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.setWindowTitle(identity.titled(TITLE))
        self.components = licences.components(place)
        self.origin = wrapped("muted", _origin(place, len(self.components)))
        self.origin.setTextInteractionFlags(Qt.TextInteractionFlag.TextSelectableByMouse)
        self.search = QLineEdit()
        self.search.setPlaceholderText("Search by component or licence")
        self.search.setClearButtonEnabled(True)
        self.table = QTableWidget(len(self.components), len(_COLUMNS))
        self.text = QPlainTextEdit()
        self.text.setReadOnly(True)
        self.text.setFont(QFontDatabase.systemFont(QFontDatabase.SystemFont.FixedFont))
        self._fill()
        self._lay_out()
        self.search.textChanged.connect(self._narrow)
        down = QShortcut(QKeySequence(Qt.Key.Key_Down), self.search)
        down.setContext(Qt.ShortcutContext.WidgetShortcut)
        down.activated.connect(self.table.setFocus)
        self.table.currentCellChanged.connect(lambda row, *_: self._show_text(row))
        self.table.setCurrentCell(0, 0)
        self.search.setFocus()
        self.resize(sum(_HALVES) + 4 * theme.SPACE, 640)

    def _fill(self) -> None:
        for row, part in enumerate(self.components):
            for column, text in enumerate((part.name, part.version, part.licence)):
                item = QTableWidgetItem(text)
                item.setToolTip(text)
                self.table.setItem(row, column, item)

    def _lay_out(self) -> None:
        self.table.setHorizontalHeaderLabels(_COLUMNS)
        self.table.setEditTriggers(QTableWidget.EditTrigger.NoEditTriggers)
        self.table.setSelectionBehavior(QTableWidget.SelectionBehavior.SelectRows)
        self.table.setSelectionMode(QTableWidget.SelectionMode.SingleSelection)
        self.table.setShowGrid(False)
        self.table.setWordWrap(False)
        header, sides = self.table.horizontalHeader(), self.table.verticalHeader()
        assert header is not None
        assert sides is not None
        header.setDefaultAlignment(Qt.AlignmentFlag.AlignLeft | Qt.AlignmentFlag.AlignVCenter)
        header.setStretchLastSection(True)
        self.table.setHorizontalScrollMode(QTableWidget.ScrollMode.ScrollPerPixel)
        self.table.resizeColumnsToContents()
        for column in range(len(_COLUMNS)):
            self.table.setColumnWidth(column, min(self.table.columnWidth(column), _WIDEST))
        sides.hide()
        halves = QSplitter(Qt.Orientation.Horizontal)
        halves.setChildrenCollapsible(False)
        halves.addWidget(self.table)
        halves.addWidget(self.text)
        halves.setSizes(list(_HALVES))
        close = QPushButton("Close")
        close.setAutoDefault(False)  # Enter ends the typing in the search, not the dialog
        close.clicked.connect(self.accept)
        layout = QVBoxLayout(self)
        layout.setSpacing(theme.SPACE)
        layout.addWidget(self.origin)
        layout.addWidget(self.search)
        layout.addWidget(halves, 1)
        layout.addWidget(close, 0, Qt.AlignmentFlag.AlignRight)

    def _narrow(self, wanted: str) -> None:
        """Show the rows with these words only, and the text of the first of them."""
        words = wanted.lower().split()
        first = None
        for row, part in enumerate(self.components):
            said = f"{part.name} {part.licence}".lower()
            is_wanted = all(word in said for word in words)
            self.table.setRowHidden(row, not is_wanted)
            if is_wanted and first is None:
                first = row
        at = self.table.currentRow()
        if first is None:
            self.table.setCurrentCell(-1, -1)
        elif at < 0 or self.table.isRowHidden(at):
            self.table.setCurrentCell(first, 0)

    def _show_text(self, row: int) -> None:
        self.text.setPlainText(_words(self.components[row]) if row >= 0 else "")


def _words(part: Component) -> str:
    head = "\n".join(line for line in (f"{part.name} {part.version}", part.home) if line)
    return f"{head}\n{part.licence}\n\n{licences.text_of(part)}"


def _origin(place: Path, count: int) -> str:
    if not (place / licences.TABLE).is_file():
        return f"Running from source: the {count} distributions installed in this Python."
    more = [name for name in (licences.OVERVIEW, licences.BILL) if (place / name).is_file()]
    beside = f"; {' and '.join(more)} beside their texts" if more else ""
    return f"The {count} components of this installation. Folder: {place}{beside}"
