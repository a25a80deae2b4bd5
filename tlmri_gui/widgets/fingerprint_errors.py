"""Errors by tissue: box plots and a table of one parameter at a time."""

from __future__ import annotations

from PyQt6.QtCore import pyqtSignal
from PyQt6.QtGui import QGuiApplication
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
_NARROWEST, _METHOD_WIDTH, _NUMBER_WIDTH = 40, 112, 54
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
        self.view.setItemDelegateForColumn(1, NameDelegate(self.view))
        self.view.setFont(sized(self.view, _TABLE_POINTS))
        columns = header(self.view)
        columns.setFont(sized(self.view, _TABLE_POINTS))
        columns.setMinimumSectionSize(_NARROWEST)
        columns.setSectionResizeMode(QHeaderView.ResizeMode.Interactive)
        columns.setSectionResizeMode(0, QHeaderView.ResizeMode.Stretch)
        for i in range(1, self._model.columnCount()):
            columns.resizeSection(i, _METHOD_WIDTH if i == 1 else _NUMBER_WIDTH)
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
