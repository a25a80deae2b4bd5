"""Errors by tissue: box plots and a table of one parameter at a time."""

from __future__ import annotations

from PyQt6.QtCore import pyqtSignal
from PyQt6.QtGui import QGuiApplication, QResizeEvent
from PyQt6.QtWidgets import (
    QButtonGroup,
    QHBoxLayout,
    QHeaderView,
    QScrollArea,
    QTabWidget,
    QToolButton,
    QVBoxLayout,
    QWidget,
)

from core.fingerprinting.parameters import PARAMETERS
from tlmri_gui import theme
from tlmri_gui.models.fingerprint_boxes import BoxesState
from tlmri_gui.models.fingerprint_table import ErrorModel, ErrorRow
from tlmri_gui.models.fingerprint_text import short_name
from tlmri_gui.models.score_model import ScoreOrder
from tlmri_gui.widgets.curve_legend import CurveLegend, LegendEntry
from tlmri_gui.widgets.elided import NameDelegate
from tlmri_gui.widgets.fingerprint_box_plot import BoxPlot, box_pen
from tlmri_gui.widgets.labels import line
from tlmri_gui.widgets.study_plot import sized
from tlmri_gui.widgets.tables import copy_shortcut, header, sorted_table

KEY = "Box: half of all voxels, line in it: median, whiskers: 5 to 95 %"
_NARROWEST, _LEAST_NAME, _NUMBER_WIDTH = 40, 84, 54
_BESIDE = 24
"""Margin, frame and scroll bar beside the columns of the table, pixels."""
_TABLE_POINTS = 8.5


class ErrorsPanel(QWidget):
    """Shows a :class:`BoxesState` and its table; no ``set_`` method emits a signal.

    Signals
    -------
    parameter_chosen
        The user wants the errors of another :class:`Parameter`.
    """

    parameter_chosen = pyqtSignal(object)

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.buttons: dict[str, QToolButton] = {}
        self.legend = CurveLegend()
        self.plot = BoxPlot()
        self._model = ErrorModel(PARAMETERS[0])
        self._order = ScoreOrder()
        self._order.setSourceModel(self._model)
        self.view = sorted_table(self._order)
        self.view.setAccessibleName("Errors by tissue")
        self.view.setItemDelegateForColumn(1, NameDelegate(self.view))
        self.view.setFont(sized(self.view, _TABLE_POINTS))
        columns = header(self.view)
        columns.setFont(sized(self.view, _TABLE_POINTS))
        columns.setMinimumSectionSize(_NARROWEST)
        columns.setSectionResizeMode(QHeaderView.ResizeMode.Interactive)
        self.tabs = QTabWidget()
        self._lay_out()
        copy_shortcut(self.view).activated.connect(self.copy)

    def _lay_out(self) -> None:
        head = QHBoxLayout()
        head.setSpacing(theme.SPACE // 2)
        head.addWidget(line("title", "Errors by tissue"))
        head.addStretch(1)
        group = QButtonGroup(self)
        for parameter in PARAMETERS:
            button = QToolButton()
            button.setText(parameter.label)
            button.setAccessibleName(f"Errors of {parameter.label}")
            button.setCheckable(True)
            button.clicked.connect(lambda _, chosen=parameter: self.parameter_chosen.emit(chosen))
            group.addButton(button)
            head.addWidget(button)
            self.buttons[parameter.name] = button
        area = QScrollArea()
        area.setWidgetResizable(True)
        area.setWidget(self.plot)
        self.tabs.addTab(area, "Box plots")
        self.tabs.addTab(self.view, "Table")
        layout = QVBoxLayout(self)
        layout.setContentsMargins(0, theme.SPACE, theme.SPACE, 0)
        layout.setSpacing(theme.SPACE // 2)
        layout.addLayout(head)
        layout.addWidget(self.tabs, 1)
        layout.addWidget(self.legend)

    def resizeEvent(self, a0: QResizeEvent | None) -> None:
        """Share the width of the table: figures take what they need, both names alike the rest."""
        super().resizeEvent(a0)
        columns, n_numbers = header(self.view), self._model.columnCount() - 2
        left = self.width() - _BESIDE - n_numbers * _NUMBER_WIDTH
        for i in range(self._model.columnCount()):
            columns.resizeSection(i, max(left // 2, _LEAST_NAME) if i < 2 else _NUMBER_WIDTH)

    def set_state(self, state: BoxesState, rows: tuple[ErrorRow, ...]) -> None:
        """Show these boxes and the rows of their table."""
        self.buttons[state.parameter.name].setChecked(True)
        self.plot.set_state(state)
        entries = [
            LegendEntry(short_name(label), box_pen(stroke)) for label, stroke in state.legend
        ]
        self.legend.set_entries(entries)
        self.tabs.setTabToolTip(0, KEY)
        self._model.set_rows(rows, state.parameter)

    def as_tsv(self) -> str:
        """The rows in the order shown, tab-separated, with headings."""
        columns = self._model.columns
        lines = ["\t".join(column.heading for column in columns)]
        for row in range(self._order.rowCount()):
            cells = [str(self._order.index(row, i).data()) for i in range(len(columns))]
            lines.append("\t".join(cells))
        return "\n".join(lines) + "\n"

    def copy(self) -> None:
        """Put :meth:`as_tsv` on the clipboard."""
        clipboard = QGuiApplication.clipboard()
        if clipboard is not None:
            clipboard.setText(self.as_tsv())
