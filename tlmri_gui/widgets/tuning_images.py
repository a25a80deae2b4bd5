"""Which slices of which scans a network is tuned and validated on: an editable table."""

from __future__ import annotations

from PyQt6.QtCore import QModelIndex, QRect, QSize, Qt, pyqtSignal
from PyQt6.QtWidgets import (
    QAbstractItemView,
    QHeaderView,
    QStyledItemDelegate,
    QStyleOptionViewItem,
    QTableWidget,
    QTableWidgetItem,
    QWidget,
)

from tlmri_gui import theme
from tlmri_gui.models.slice_text import format_slices, parse_slices
from tlmri_gui.session import Session
from tlmri_gui.state import ScanImages

SCAN, TUNING, VALIDATION = range(3)
TIPS = {
    TUNING: "Slices that the network learns from",
    VALIDATION: "Slices that choose the checkpoint: the weights that are best on them are kept",
}
_ROWS_SHOWN = 5
_BESIDE_NAME = 16 + 3 * theme.SPACE
"""Width of the check box and the margins, pixels."""
_TALL = 10_000


class _NameDelegate(QStyledItemDelegate):
    """Names wrapped at spaces; a file's name without any is elided in its middle."""

    def initStyleOption(self, option: QStyleOptionViewItem | None, index: QModelIndex) -> None:
        """Elide in the middle: what tells files apart stands at the end of their names."""
        super().initStyleOption(option, index)
        assert option is not None
        option.textElideMode = Qt.TextElideMode.ElideMiddle

    def sizeHint(self, option: QStyleOptionViewItem, index: QModelIndex) -> QSize:
        """Leave room for the check box, which Qt forgets where it wraps a name."""
        hint = super().sizeHint(option, index)
        table = self.parent()
        assert isinstance(table, QTableWidget)
        width = table.columnWidth(index.column()) - _BESIDE_NAME
        text = str(index.data())
        room = QRect(0, 0, max(width, 1), _TALL)
        flags = int(Qt.TextFlag.TextWordWrap)
        name = table.fontMetrics().boundingRect(room, flags, text)
        return QSize(hint.width(), max(hint.height(), name.height() + theme.SPACE // 2))


class TuningImages(QTableWidget):
    """One row a scan: whether it takes part, its tuning slices, its validation slices.

    Signals
    -------
    scans_chosen
        The user checked or unchecked a scan; carries the tuple of checked ones.
    images_edited
        The user wrote other slices; carries a :class:`ScanImages`.
    refused
        What the user wrote is no list of slices; carries one line.
    """

    scans_chosen = pyqtSignal(object)
    images_edited = pyqtSignal(object)
    refused = pyqtSignal(str)

    def __init__(self, session: Session, parent: QWidget | None = None) -> None:
        super().__init__(0, 3, parent)
        self._session = session
        self.setHorizontalHeaderLabels(["Scan", "Tuning", "Validation"])
        for column, tip in TIPS.items():
            heading = self.horizontalHeaderItem(column)
            assert heading is not None
            heading.setToolTip(tip)
        self.setSelectionMode(QAbstractItemView.SelectionMode.NoSelection)
        self.setToolTip("Which slices: double-click to edit, such as 3, 5, 10-14")
        self.setWordWrap(True)
        self.setShowGrid(False)
        self._names = _NameDelegate(self)
        self.setItemDelegateForColumn(SCAN, self._names)
        rows, columns = self.verticalHeader(), self.horizontalHeader()
        assert rows is not None
        assert columns is not None
        rows.hide()
        rows.setSectionResizeMode(QHeaderView.ResizeMode.ResizeToContents)
        columns.setSectionResizeMode(QHeaderView.ResizeMode.Fixed)
        columns.setSectionResizeMode(SCAN, QHeaderView.ResizeMode.Stretch)
        for column in (TUNING, VALIDATION):
            columns.resizeSection(column, self._width_of_heading(column))
        columns.setDefaultAlignment(Qt.AlignmentFlag.AlignLeft | Qt.AlignmentFlag.AlignVCenter)
        self.cellChanged.connect(self._take_edit)
        session.scans_changed.connect(self.repaint_rows)
        session.plan_changed.connect(self.repaint_rows)
        self.repaint_rows()

    def _width_of_heading(self, column: int) -> int:
        """Pixels that a bold heading takes; long lists of slices wrap below it."""
        heading = self.horizontalHeaderItem(column)
        assert heading is not None
        return int(1.2 * self.fontMetrics().horizontalAdvance(heading.text())) + 4 * theme.SPACE - 4

    def repaint_rows(self) -> None:
        """Show the plan; emits nothing."""
        self.blockSignals(True)
        entries = {entry.scan: entry for entry in self._session.plan.images}
        self.setRowCount(len(self._session.scans))
        for row, scan in enumerate(self._session.scans):
            entry = entries.get(scan)
            name = QTableWidgetItem(scan.name)
            name.setToolTip(scan.name)
            name.setFlags(Qt.ItemFlag.ItemIsEnabled | Qt.ItemFlag.ItemIsUserCheckable)
            name.setCheckState(Qt.CheckState.Checked if entry else Qt.CheckState.Unchecked)
            self.setItem(row, SCAN, name)
            for column, slices in (
                (TUNING, entry.tuning if entry else ()),
                (VALIDATION, entry.validation if entry else ()),
            ):
                item = QTableWidgetItem(format_slices(slices))
                if entry is None:
                    item.setFlags(Qt.ItemFlag.NoItemFlags)
                self.setItem(row, column, item)
        self.blockSignals(False)
        self._fit_height()

    def _fit_height(self) -> None:
        self.resizeRowsToContents()
        header = self.horizontalHeader()
        assert header is not None
        rows = sum(self.rowHeight(i) for i in range(min(self.rowCount(), _ROWS_SHOWN)))
        self.setFixedHeight(header.sizeHint().height() + max(rows, 28) + 6)

    def _take_edit(self, row: int, column: int) -> None:
        if column == SCAN:
            self.scans_chosen.emit(self._checked())
            return
        scan = self._session.scans[row]
        try:
            tuning, validation = (
                parse_slices(self._text(row, c), scan.n_slices) for c in (TUNING, VALIDATION)
            )
        except ValueError as error:
            self.refused.emit(f"{scan.name}: {error}")
            self.repaint_rows()
            return
        self.images_edited.emit(ScanImages(scan, tuning, validation))

    def _checked(self) -> tuple[object, ...]:
        return tuple(
            scan
            for row, scan in enumerate(self._session.scans)
            if (item := self.item(row, SCAN)) and item.checkState() == Qt.CheckState.Checked
        )

    def _text(self, row: int, column: int) -> str:
        item = self.item(row, column)
        return item.text() if item else ""
