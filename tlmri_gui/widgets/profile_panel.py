"""The panel of the line profile: which line, the legend, the curves."""

from __future__ import annotations

from PyQt6.QtCore import Qt, pyqtSignal
from PyQt6.QtWidgets import QButtonGroup, QHBoxLayout, QSpinBox, QToolButton, QVBoxLayout, QWidget

from core.line_profile import COLUMN, ROW, Axis
from tlmri_gui import theme
from tlmri_gui.models.profile import ProfileCurve, ProfileState
from tlmri_gui.widgets.buttons import tool_button
from tlmri_gui.widgets.curve_legend import CurveLegend, LegendEntry
from tlmri_gui.widgets.labels import line
from tlmri_gui.widgets.profile_plot import ProfilePlot, curve_pen
from tlmri_gui.widgets.wheel import guard_wheel

_NAMES: dict[Axis, tuple[str, str]] = {
    ROW: ("Row", "Along a row, from left to right"),
    COLUMN: ("Column", "Along a column, from top to bottom"),
}


class ProfilePanel(QWidget):
    """Shows a :class:`ProfileState`; no ``set_`` method emits a signal.

    Signals
    -------
    axis_chosen
        The user wants to look along rows or columns.
    line_moved
        The user chose the row or column of this index.
    middle_requested
        The user wants the middle one.
    export_requested
        The user wants the profile as a file.
    close_requested
        The user wants the panel away.
    """

    axis_chosen = pyqtSignal(str)
    line_moved = pyqtSignal(int)
    middle_requested = pyqtSignal()
    export_requested = pyqtSignal()
    close_requested = pyqtSignal()

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.plot = ProfilePlot()
        self.legend = CurveLegend()
        self.axes: dict[Axis, QToolButton] = {name: _axis_button(name) for name in _NAMES}
        self.spin = QSpinBox()
        self.spin.setToolTip("Which one, from 0: drag the line in an image, or click there")
        self.spin.setKeyboardTracking(False)
        guard_wheel(self.spin)
        self.place = line("muted")
        self.middle = tool_button("reset", "Middle", "The line through the middle of the image")
        self.export = tool_button("export", "Export…", "The profile as a figure or as a table")
        self.close_button = tool_button("cancel", "", "Hide the line profile (Ctrl+L)")
        self.close_button.setToolButtonStyle(Qt.ToolButtonStyle.ToolButtonIconOnly)
        self._lay_out()
        group = QButtonGroup(self)
        for name, button in self.axes.items():
            group.addButton(button)
            button.clicked.connect(lambda _, name=name: self.axis_chosen.emit(name))
        self.spin.valueChanged.connect(self.line_moved)
        self.middle.clicked.connect(self.middle_requested)
        self.export.clicked.connect(self.export_requested)
        self.close_button.clicked.connect(self.close_requested)

    def _lay_out(self) -> None:
        head = QHBoxLayout()
        head.setSpacing(theme.SPACE)
        head.addWidget(line("title", "Line profile"))
        for widget in (*self.axes.values(), self.spin, self.place, self.middle):
            head.addWidget(widget)
        head.addStretch(1)
        head.addWidget(self.export)
        head.addWidget(self.close_button)
        layout = QVBoxLayout(self)
        layout.setContentsMargins(theme.SPACE, theme.SPACE // 2, theme.SPACE, theme.SPACE // 2)
        layout.setSpacing(theme.SPACE // 2)
        layout.addLayout(head)
        layout.addWidget(self.legend)
        layout.addWidget(self.plot, 1)

    def set_state(self, state: ProfileState) -> None:
        """Show these curves."""
        has_line = state.line is not None
        for widget in (*self.axes.values(), self.spin, self.middle, self.export):
            widget.setEnabled(has_line)
        if state.line is not None:
            self.axes[state.line.axis].setChecked(True)
            self.spin.blockSignals(True)
            self.spin.setRange(0, state.n_lines - 1)
            self.spin.setValue(state.line.index)
            self.spin.blockSignals(False)
        self.place.setText(state.place)
        self.legend.set_entries([_entry(curve) for curve in state.curves])
        self.plot.set_state(state)


def _entry(curve: ProfileCurve) -> LegendEntry:
    """A curve in the legend, with what keeps it from being drawn."""
    text = f"{curve.label} ({curve.status})" if curve.status else curve.label
    return LegendEntry(text, curve_pen(curve), is_muted=curve.values is None)


def _axis_button(axis: Axis) -> QToolButton:
    text, tip = _NAMES[axis]
    button = QToolButton()
    button.setText(text)
    button.setToolTip(tip)
    button.setCheckable(True)
    return button
