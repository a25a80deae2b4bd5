"""Under the curves: the answer in a sentence, the points as a table, and what to do with them."""

from __future__ import annotations

from PyQt6.QtCore import Qt, pyqtSignal
from PyQt6.QtWidgets import (
    QAbstractItemView,
    QApplication,
    QHBoxLayout,
    QTableView,
    QVBoxLayout,
    QWidget,
)

from tlmri_gui import theme
from tlmri_gui.models.score_model import ScoreOrder
from tlmri_gui.models.study_table import StudyTableModel, as_tsv
from tlmri_gui.study_state import Findings, StudyPoint, StudyRun
from tlmri_gui.widgets.buttons import push_button
from tlmri_gui.widgets.labels import say, wrapped
from tlmri_gui.widgets.tables import copy_shortcut, header, sorted_table

CHOOSE = "Choose a tuned network in the table first"


class StudyResults(QWidget):
    """Shows what a study found on one target.

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

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._findings = Findings()
        self._model = StudyTableModel()
        self._order = ScoreOrder()
        self._order.setSourceModel(self._model)
        self.answer = wrapped("answer")
        self.answer.setTextInteractionFlags(Qt.TextInteractionFlag.TextSelectableByMouse)
        self.view = _table_view(self._order)
        self.keep = push_button("save", "Keep this network")
        self.export = push_button(
            "export", "Export…", "Figures, table and study file, into a folder"
        )
        self.command = push_button(
            "copy", "Copy command line", "The tlmri study command that computes the same"
        )
        self._lay_out()
        self._connect()

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
        copy_shortcut(self.view).activated.connect(self.copy)

    @property
    def selected(self) -> StudyPoint | None:
        """The point of the selected row."""
        selection = self.view.selectionModel()
        rows = selection.selectedRows() if selection else []
        return self._model.points[self._order.mapToSource(rows[0]).row()] if rows else None

    def select(self, point: StudyPoint) -> None:
        """Select a point's row."""
        row = self._model.row_of(point)
        if row is not None:
            index = self._model.index(row, 0)
            self.view.selectRow(self._order.mapFromSource(index).row())

    def copy(self) -> None:
        """Put the table on the clipboard, in the order shown."""
        clipboard = QApplication.clipboard()
        assert clipboard is not None
        rows = (self._order.index(i, 0) for i in range(self._order.rowCount()))
        points = [self._model.points[self._order.mapToSource(row).row()] for row in rows]
        clipboard.setText(as_tsv(points, self._findings))

    def set_study(self, study: StudyRun, findings: Findings) -> None:
        """Show what the study found on one target; what is selected stays so."""
        self._findings = findings
        say(self.answer, findings.answer)
        before = self.selected
        if self._model.set_points(findings.points, study.kept) and before is not None:
            self.select(before)
        has_points = bool(findings.points)
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


def _table_view(order: ScoreOrder) -> QTableView:
    view = sorted_table(order)
    view.setSelectionMode(QAbstractItemView.SelectionMode.SingleSelection)
    header(view).setStretchLastSection(True)
    return view
