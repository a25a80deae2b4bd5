"""The dialog that checks this installation: the checks as they come, the verdict, the page."""

from __future__ import annotations

from PyQt6.QtCore import QModelIndex, QSize, Qt, pyqtSignal
from PyQt6.QtGui import QColor, QIcon
from PyQt6.QtWidgets import (
    QAbstractItemView,
    QDialog,
    QHBoxLayout,
    QHeaderView,
    QLabel,
    QProgressBar,
    QStyledItemDelegate,
    QStyleOptionViewItem,
    QTableWidget,
    QTableWidgetItem,
    QVBoxLayout,
    QWidget,
)

from tlmri_gui import identity, theme
from tlmri_gui.models.installation import Installation, Row
from tlmri_gui.widgets.buttons import push_button
from tlmri_gui.widgets.labels import whole, wrapped

TITLE = "Check of this installation"
CANCEL, CLOSE = "Cancel", "Close"
EXPLANATION = (
    "Versions, devices, arithmetic and files. The page for a report names neither you nor this "
    "machine, nor any scan."
)

_COLUMNS = ("", "Check", "Found")
_STEPS = 1000
_ICON_SIZE = 22
_COLOURS = {"failed": theme.ERROR, "remark": theme.WARNING}


class InstallationCheck(QDialog):
    """Shows an :class:`Installation`; the window stays in use meanwhile.

    Signals
    -------
    run_requested, cancel_requested, copy_requested, save_requested
        The user wants the checks made (again), given up, or their page copied or saved.
    """

    run_requested = pyqtSignal()
    cancel_requested = pyqtSignal()
    copy_requested = pyqtSignal()
    save_requested = pyqtSignal()

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.setWindowTitle(identity.titled(TITLE))
        self.icon = QLabel()
        self.icon.setFixedSize(_ICON_SIZE, _ICON_SIZE)
        _keep_place(self.icon)
        self.headline = whole("answer")
        self.bar = QProgressBar()
        self.bar.setRange(0, _STEPS)
        self.bar.setTextVisible(False)
        _keep_place(self.bar)
        self.table = _table()
        self.remark = wrapped("muted", EXPLANATION)
        self.copy = push_button(
            "copy", "Copy for a report", "Put the page on the clipboard", role="primary"
        )
        self.save = push_button("save", "Save…", "Write the page as a Markdown file")
        self.again = push_button("refresh", "Run again", "Make all checks again")
        self.end = push_button("cancel", CLOSE)
        self._runs = False
        self._rows: tuple[Row, ...] = ()
        self._lay_out()
        self.copy.clicked.connect(lambda: self.copy_requested.emit())
        self.save.clicked.connect(lambda: self.save_requested.emit())
        self.again.clicked.connect(lambda: self.run_requested.emit())
        self.end.clicked.connect(self._end)
        self.show_installation(Installation())
        self.resize(900, 700)

    def _lay_out(self) -> None:
        top = QHBoxLayout()
        top.setSpacing(theme.SPACE)
        top.addWidget(self.icon)
        top.addWidget(self.headline, 1)
        buttons = QHBoxLayout()
        buttons.setSpacing(theme.SPACE)
        buttons.addWidget(self.end)
        buttons.addWidget(self.again)
        buttons.addStretch(1)
        buttons.addWidget(self.save)
        buttons.addWidget(self.copy)
        layout = QVBoxLayout(self)
        layout.setSpacing(theme.SPACE)
        layout.addLayout(top)
        layout.addWidget(self.bar)
        layout.addWidget(self.table, 1)
        layout.addWidget(self.remark)
        layout.addLayout(buttons)

    def show_installation(self, state: Installation) -> None:
        """Show what is known."""
        self.headline.setText(state.headline)
        self.icon.setVisible(bool(state.icon))
        if state.icon:
            self.icon.setPixmap(theme.icon(state.icon).pixmap(_ICON_SIZE, _ICON_SIZE))
        self.bar.setVisible(not state.is_over)
        self.bar.setValue(round(_STEPS * state.fraction))
        self.remark.setText(state.remark or EXPLANATION)
        self._runs = state.runs
        self.end.setText(CANCEL if state.runs else CLOSE)
        self.end.setToolTip("Give up what was not looked at" if state.runs else "")
        for button in (self.copy, self.save, self.again):
            button.setEnabled(state.is_over)
        self._fill(state.rows)
        if not state.remark:
            self._follow(state)

    def _end(self) -> None:
        if self._runs:
            self.cancel_requested.emit()
        else:
            self.close()

    def reject(self) -> None:
        """Close, also on Escape, and give up what runs."""
        self.cancel_requested.emit()
        super().reject()

    def _fill(self, rows: tuple[Row, ...]) -> None:
        """Write the rows that changed."""
        self.table.setRowCount(len(rows))
        before = (*self._rows, *([None] * (len(rows) - len(self._rows))))
        for at, (row, shown) in enumerate(zip(rows, before, strict=True)):
            if row != shown:
                self._write(at, row)
        self._rows = rows

    def _write(self, at: int, row: Row) -> None:
        found = f"{row.found}\nWhat to do: {row.advice}" if row.advice else row.found
        for column, text in enumerate((row.outcome, row.name, found)):
            item = QTableWidgetItem(text)
            if column == 0 and row.icon:
                item.setIcon(QIcon(theme.icon(row.icon)))
            if not row.outcome or row.outcome == "skipped":
                item.setForeground(QColor(theme.MUTED))
            elif column < 2 and row.outcome in _COLOURS:
                item.setForeground(QColor(_COLOURS[row.outcome]))
            self.table.setItem(at, column, item)

    def _follow(self, state: Installation) -> None:
        """Keep the check that is made in sight, and in the end the first that failed."""
        bad = [at for at, row in enumerate(self._rows) if row.has_failed]
        if not state.is_over:
            self.table.clearSelection()
            at = min(len(state.checks), len(self._rows) - 1)
        else:
            at = bad[0] if bad else 0
            if bad:
                self.table.selectRow(at)
        self.table.scrollToItem(self.table.item(at, 0))


class _Roomy(QStyledItemDelegate):
    """Rows with room around texts of several lines."""

    def sizeHint(self, option: QStyleOptionViewItem, index: QModelIndex) -> QSize:
        """Higher by a space."""
        return super().sizeHint(option, index) + QSize(0, theme.SPACE)


def _keep_place(widget: QWidget) -> None:
    """Have nothing move where a widget is hidden."""
    policy = widget.sizePolicy()
    policy.setRetainSizeWhenHidden(True)
    widget.setSizePolicy(policy)


def _table() -> QTableWidget:
    table = QTableWidget(0, len(_COLUMNS))
    table.setHorizontalHeaderLabels(_COLUMNS)
    table.setAccessibleName("Checks")
    table.setEditTriggers(QAbstractItemView.EditTrigger.NoEditTriggers)
    table.setSelectionMode(QAbstractItemView.SelectionMode.SingleSelection)
    table.setSelectionBehavior(QAbstractItemView.SelectionBehavior.SelectRows)
    table.setVerticalScrollMode(QAbstractItemView.ScrollMode.ScrollPerPixel)
    table.setTabKeyNavigation(False)  # Tab leads on to the buttons, arrows through the checks
    table.setItemDelegate(_Roomy(table))
    table.setShowGrid(False)
    table.setWordWrap(True)
    header, sides = table.horizontalHeader(), table.verticalHeader()
    assert header is not None
    assert sides is not None
    header.setSectionResizeMode(QHeaderView.ResizeMode.ResizeToContents)
    header.setSectionResizeMode(len(_COLUMNS) - 1, QHeaderView.ResizeMode.Stretch)
    header.setDefaultAlignment(Qt.AlignmentFlag.AlignLeft)
    header.setHighlightSections(False)
    sides.setSectionResizeMode(QHeaderView.ResizeMode.ResizeToContents)
    sides.hide()
    return table
