"""Under the curves: the answer in a sentence, the points as a table, and what to do with them."""

from __future__ import annotations

from PyQt6.QtCore import Qt, pyqtSignal
from PyQt6.QtGui import QKeySequence, QShortcut
from PyQt6.QtWidgets import (
    QAbstractItemView,
    QApplication,
    QHBoxLayout,
    QHeaderView,
    QLabel,
    QPushButton,
    QTableView,
    QVBoxLayout,
    QWidget,
)

from tlmri_gui import theme
from tlmri_gui.models.score_model import ScoreOrder
from tlmri_gui.models.study_table import StudyTableModel, as_tsv
from tlmri_gui.session import Session
from tlmri_gui.study_state import StudyPoint

CHOOSE = "Choose a tuned network in the table first"


class StudyResults(QWidget):
    """Shows the session's study.

    Signals
    -------
    keep_requested
        The user wants a point's network among their own; carries the :class:`StudyPoint`.
    export_requested, command_requested
        The user asked for files of the study, or for its command line.
    """

    keep_requested = pyqtSignal(object)
    export_requested = pyqtSignal()
    command_requested = pyqtSignal()

    def __init__(self, session: Session, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._session = session
        self._model = StudyTableModel()
        self._order = ScoreOrder()
        self._order.setSourceModel(self._model)
        self.answer = QLabel()
        self.answer.setWordWrap(True)
        self.answer.setTextFormat(Qt.TextFormat.PlainText)
        self.answer.setTextInteractionFlags(Qt.TextInteractionFlag.TextSelectableByMouse)
        self.answer.setProperty("role", "answer")
        self.view = _table_view(self._order)
        self.keep = QPushButton(theme.icon("save"), "Keep this network")
        self.export = QPushButton(theme.icon("export"), "Export…")
        self.export.setToolTip("Figures, table and study file, into a folder")
        self.command = QPushButton(theme.icon("copy"), "Copy command line")
        self.command.setToolTip("The tlmri study command that computes the same")
        self._lay_out()
        self._connect()
        self._show()

    def _lay_out(self) -> None:
        buttons = QHBoxLayout()
        for button in (self.keep, self.export, self.command):
            buttons.addWidget(button)
        buttons.addStretch(1)
        layout = QVBoxLayout(self)
        layout.setContentsMargins(theme.SPACE, theme.SPACE // 2, theme.SPACE, theme.SPACE // 2)
        layout.setSpacing(theme.SPACE)
        layout.addWidget(self.answer)
        layout.addWidget(self.view, 1)
        layout.addLayout(buttons)

    def _connect(self) -> None:
        self.keep.clicked.connect(self._ask_to_keep)
        self.export.clicked.connect(lambda: self.export_requested.emit())
        self.command.clicked.connect(lambda: self.command_requested.emit())
        selection = self.view.selectionModel()
        assert selection is not None
        selection.selectionChanged.connect(lambda *_: self._show_what_can_be_done())
        copy = QShortcut(QKeySequence(QKeySequence.StandardKey.Copy), self.view)
        copy.setContext(Qt.ShortcutContext.WidgetWithChildrenShortcut)
        copy.activated.connect(self.copy)
        self._session.study_changed.connect(self._show)

    @property
    def selected(self) -> StudyPoint | None:
        """The point of the selected row."""
        selection = self.view.selectionModel()
        rows = selection.selectedRows() if selection else []
        return self._model.points[self._order.mapToSource(rows[0]).row()] if rows else None

    def select(self, point: StudyPoint) -> None:
        """Select a point's row."""
        if point in self._model.points:
            index = self._model.index(self._model.points.index(point), 0)
            self.view.selectRow(self._order.mapFromSource(index).row())

    def copy(self) -> None:
        """Put the table on the clipboard, in the order shown."""
        clipboard = QApplication.clipboard()
        assert clipboard is not None
        rows = (self._order.index(i, 0) for i in range(self._order.rowCount()))
        points = [self._model.points[self._order.mapToSource(row).row()] for row in rows]
        digest = self._session.study.digest
        clipboard.setText(as_tsv(points, digest.definition, digest.label))

    def _show(self) -> None:
        study = self._session.study
        self.answer.setText(study.digest.answer)
        self.answer.setVisible(bool(study.digest.answer))
        before = self.selected
        if self._model.set_points(study.digest.points, study.kept) and before is not None:
            same = (p for p in self._model.points if _place(p) == _place(before))
            for point in same:
                self.select(point)
        has_points = bool(study.digest.points)
        self.setVisible(has_points)
        for button in (self.export, self.command):
            button.setEnabled(study.folder is not None and has_points)
        self._show_what_can_be_done()

    def _show_what_can_be_done(self) -> None:
        point = self.selected
        reason = CHOOSE if point is None or point.checkpoint is None else ""
        if point is not None and self._model.is_kept(point):
            reason = "It is among your networks already"
        self.keep.setEnabled(not reason)
        self.keep.setToolTip(reason or "Copy it to your networks: it appears on the Compare page")

    def _ask_to_keep(self) -> None:
        if (point := self.selected) is not None:
            self.keep_requested.emit(point)


def _place(point: StudyPoint) -> tuple[str, float, int]:
    return point.series, point.acceleration, point.n_images


def _table_view(order: ScoreOrder) -> QTableView:
    view = QTableView()
    view.setModel(order)
    view.setSortingEnabled(True)
    order.sort(-1)
    view.setSelectionBehavior(QAbstractItemView.SelectionBehavior.SelectRows)
    view.setSelectionMode(QAbstractItemView.SelectionMode.SingleSelection)
    view.setEditTriggers(QAbstractItemView.EditTrigger.NoEditTriggers)
    view.setShowGrid(False)
    rows, columns = view.verticalHeader(), view.horizontalHeader()
    assert rows is not None
    assert columns is not None
    rows.hide()
    rows.setDefaultSectionSize(26)
    columns.setSectionResizeMode(QHeaderView.ResizeMode.ResizeToContents)
    columns.setStretchLastSection(True)
    columns.setSortIndicator(-1, Qt.SortOrder.AscendingOrder)
    return view
