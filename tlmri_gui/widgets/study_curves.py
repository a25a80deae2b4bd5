"""The curves of a study: one panel for each R, a legend, and what the bars are."""

from __future__ import annotations

import math
from html import escape

from PyQt6.QtCore import Qt, pyqtSignal
from PyQt6.QtWidgets import QComboBox, QGridLayout, QHBoxLayout, QLabel, QVBoxLayout, QWidget

from tlmri_gui import theme
from tlmri_gui.models.study_curves import METRICS, CurvesState
from tlmri_gui.widgets.badge import Badge
from tlmri_gui.widgets.curve_legend import CurveLegend, LegendEntry
from tlmri_gui.widgets.fitting_label import FittingLabel
from tlmri_gui.widgets.labels import line, wrapped
from tlmri_gui.widgets.roles import set_role
from tlmri_gui.widgets.study_plot import StudyPlot, pen
from tlmri_gui.widgets.wheel import guard_wheel

_COLUMNS = {1: 1, 2: 2, 3: 3, 4: 2}
EMPTY_TEXT = (
    f"<p style='font-size: 17pt; color: {theme.TEXT}'>How many local scans do I need?</p>"
    "<p>On the left, say which scans to tune on and which to test on, then press <b>Start "
    "study</b>.<br>The curves grow here as its cells finish.</p>"
    "<p>To try it without scans of your own, press <b>Demo study</b>, then <b>Start study</b>.</p>"
)

NOTHING_TEXT = (
    f"<p style='font-size: 13pt; color: {theme.TEXT}'>Nothing is done on the target {{target}} "
    "yet</p>"
)
TARGET_TIP = "What was found on the target {target}"
"""A narrow page may cut its name off in the box."""
_TARGET_WIDTH = 240
"""The most that the names of targets take of the line above the curves, pixels."""

WAITING_TEXT = (
    f"<p style='font-size: 13pt; color: {theme.TEXT}'>The first points are on their way</p>"
)


class StudyCurves(QWidget):
    """Shows a :class:`CurvesState`.

    Signals
    -------
    metric_chosen
        The user wants to see another metric; carries its place in ``METRICS``.
    target_chosen
        The user wants to see what was found on another target; carries its name.
    point_chosen
        The user clicked a point; carries the :class:`~tlmri_gui.study_state.StudyPoint`.
    """

    metric_chosen = pyqtSignal(int)
    target_chosen = pyqtSignal(str)
    point_chosen = pyqtSignal(object)

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.metric_box = QComboBox()
        for metric in METRICS:
            self.metric_box.addItem(metric.label)
        guard_wheel(self.metric_box)
        self.metric_box.activated.connect(self.metric_chosen)
        self.target_label = line("", "Target")
        self.target_box = QComboBox()
        self.target_box.setMaximumWidth(_TARGET_WIDTH)
        guard_wheel(self.target_box)
        self.target_box.activated.connect(
            lambda row: self.target_chosen.emit(self.target_box.itemText(row))
        )
        self.heading = line("", "by number of tuning images")
        self.name = FittingLabel(1)
        set_role(self.name, "title")
        self.name.setAlignment(Qt.AlignmentFlag.AlignRight | Qt.AlignmentFlag.AlignVCenter)
        self.badge = Badge()
        self.legend = CurveLegend()
        self.footnote = wrapped("muted")
        self.empty = QLabel(EMPTY_TEXT)
        set_role(self.empty, "muted")
        self.empty.setAlignment(Qt.AlignmentFlag.AlignCenter)
        self.empty.setWordWrap(True)
        self.plots: list[StudyPlot] = []
        self._is_waiting = False
        self._grid = QGridLayout()
        self._grid.setSpacing(theme.SPACE)
        self._lay_out()
        self.set_state(CurvesState())

    def _lay_out(self) -> None:
        head = QHBoxLayout()
        head.addWidget(self.target_label)
        head.addWidget(self.target_box)
        head.addWidget(self.metric_box)
        head.addWidget(self.heading)
        head.addWidget(self.name, 1)
        head.addWidget(self.badge)
        layout = QVBoxLayout(self)
        layout.setContentsMargins(theme.SPACE, theme.SPACE, theme.SPACE, 0)
        layout.setSpacing(theme.SPACE)
        layout.addLayout(head)
        layout.addWidget(self.legend)
        layout.addLayout(self._grid, 1)
        layout.addWidget(self.footnote)
        layout.addWidget(self.empty, 1)

    def set_waiting(self, is_waiting: bool) -> None:
        """Say, while there are no curves, whether any are to be expected."""
        self._is_waiting = is_waiting

    def set_state(self, state: CurvesState) -> None:
        """Show these curves; emits nothing."""
        has_curves = bool(state.panels)
        for widget in (self.metric_box, self.heading, self.legend, self.footnote):
            widget.setVisible(has_curves)
        self.empty.setVisible(not has_curves)
        self.empty.setText(self._empty_text(state))
        self._show_targets(state)
        self.metric_box.setCurrentIndex(METRICS.index(state.metric))  # ``activated`` stays silent
        self.name.set_wordings(state.name)
        self.badge.show_provenance(state.label)
        self.legend.set_entries([LegendEntry(s.label, pen(s)) for s in state.legend])
        self.footnote.setText(state.footnote)
        self._arrange(len(state.panels))
        for plot, panel in zip(self.plots, state.panels, strict=True):
            plot.set_panel(panel, state.metric)

    def _empty_text(self, state: CurvesState) -> str:
        if state.targets:
            return NOTHING_TEXT.format(target=escape(state.target))
        return WAITING_TEXT if self._is_waiting else EMPTY_TEXT

    def _show_targets(self, state: CurvesState) -> None:
        """The names to choose from, where there are several."""
        for widget in (self.target_label, self.target_box):
            widget.setVisible(bool(state.targets))
        box = self.target_box
        if tuple(map(box.itemText, range(box.count()))) != state.targets:
            box.clear()
            box.addItems(state.targets)
        box.setCurrentIndex(box.findText(state.target))
        box.setToolTip(TARGET_TIP.format(target=state.target))

    def _arrange(self, count: int) -> None:
        """As many plots as panels, in rows of equal width."""
        if count == len(self.plots):
            return
        for plot in self.plots:
            self._grid.removeWidget(plot)
        while len(self.plots) > count:
            gone = self.plots.pop()
            gone.hide()
            gone.deleteLater()
        while len(self.plots) < count:
            plot = StudyPlot(self)
            plot.point_chosen.connect(self.point_chosen)
            self.plots.append(plot)
        columns = _COLUMNS.get(count, math.ceil(count / 2))
        for i, plot in enumerate(self.plots):
            self._grid.addWidget(plot, i // max(columns, 1), i % max(columns, 1))
            plot.show()
