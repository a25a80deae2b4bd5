"""The middle of the Fingerprinting page: the switches, the grid of maps, the line of values."""

from __future__ import annotations

from dataclasses import replace

from PyQt6.QtCore import Qt, pyqtSignal
from PyQt6.QtWidgets import (
    QButtonGroup,
    QCheckBox,
    QHBoxLayout,
    QScrollArea,
    QStackedWidget,
    QToolButton,
    QVBoxLayout,
    QWidget,
)

from tlmri_gui import theme
from tlmri_gui.models.fingerprint_maps import TRUTH_KEY, MapsState, Range, range_problem, with_range
from tlmri_gui.widgets.buttons import push_button, tool_button
from tlmri_gui.widgets.fingerprint_grid import MapGrid
from tlmri_gui.widgets.fitting_label import FittingLabel
from tlmri_gui.widgets.labels import wrapped
from tlmri_gui.widgets.number_field import NumberField
from tlmri_gui.widgets.roles import set_role
from tlmri_gui.widgets.wheel import guard_wheel

DEMO = "Simulate a demo series and map it"
PURPOSE = (
    "T1, T2 and ADC of every voxel from one series of read-outs: by matching against a dictionary, "
    "and by networks"
)
POINTING = (
    "Point at a voxel to read its values; click, or press Space, to stay with its signal",
    "Point at a voxel to read its values; click to stay",
    "Point at a voxel to read it",
)
_SCALE_WIDTH = 96
_NO_TRUTH = "Errors need the truth, which only a simulated series has"


class FingerprintStage(QWidget):
    """Shows a :class:`MapsState`; no ``set_`` method emits a signal.

    Signals
    -------
    view_chosen
        The user wants to look at the maps so (:class:`MapView`).
    range_refused
        The user typed a range that is none; carries the line that says why.
    demo_requested
        The user asked for the demo series.
    pointed
        The pointer is over this voxel (y, x); None once it left.
    clicked
        The user clicked this voxel (y, x).
    slice_step
        The user turned the wheel with Ctrl.
    save_requested
        The user wants the maps as files.
    """

    view_chosen = pyqtSignal(object)
    range_refused = pyqtSignal(str)
    demo_requested = pyqtSignal()
    pointed = pyqtSignal(object)
    clicked = pyqtSignal(object)
    slice_step = pyqtSignal(int)
    save_requested = pyqtSignal()

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._state = MapsState()
        self.maps, self.errors = _switch("Maps"), _switch("Errors")
        self.pd = QCheckBox("PD")
        self.pd.setToolTip("Show proton density too")
        self.error_scale = NumberField()
        self.error_scale.setRange(0.1, 1000.0)
        self.error_scale.setDecimals(1)
        self.error_scale.setPrefix("± ")
        self.error_scale.setSuffix(" %")
        self.error_scale.setKeyboardTracking(False)
        self.error_scale.setMaximumWidth(_SCALE_WIDTH)
        self.error_scale.setAccessibleName("Scale of the error maps")
        self.error_scale.setToolTip("Scale of all error maps, in percent of the truth")
        guard_wheel(self.error_scale)
        self.whole = tool_button(
            "reset",
            "",
            "Show the whole image (double-click). Wheel: zoom. Drag: pan. Ctrl+wheel: slice.",
        )
        self.whole.setAccessibleName("Show the whole image")
        self.whole.setToolButtonStyle(Qt.ToolButtonStyle.ToolButtonIconOnly)
        self.save = tool_button("save", "Save maps…", "Maps as NIfTI, scores as CSV, the figure")
        self.grid = MapGrid()
        self.demo = push_button("play", DEMO)
        set_role(self.demo, "primary")
        self.hint = wrapped("muted", PURPOSE)
        self.readout = FittingLabel(1)
        set_role(self.readout, "muted")
        self._lay_out()
        self._join()

    def _lay_out(self) -> None:
        head = QHBoxLayout()
        head.setSpacing(theme.SPACE)
        for widget in (self.maps, self.errors, self.error_scale, self.pd):
            head.addWidget(widget)
        head.addStretch(1)
        head.addWidget(self.whole)
        head.addWidget(self.save)
        self._head = QWidget()
        head.setContentsMargins(0, 0, 0, 0)
        self._head.setLayout(head)
        area = QScrollArea()
        area.setWidgetResizable(True)
        area.setWidget(self.grid)
        area.setHorizontalScrollBarPolicy(Qt.ScrollBarPolicy.ScrollBarAlwaysOff)
        self._pages = QStackedWidget()
        self._pages.addWidget(self._hint_page())
        self._pages.addWidget(area)
        layout = QVBoxLayout(self)
        layout.setContentsMargins(theme.SPACE, theme.SPACE, theme.SPACE, theme.SPACE // 2)
        layout.setSpacing(theme.SPACE)
        layout.addWidget(self._head)
        layout.addWidget(self._pages, 1)
        layout.addWidget(self.readout)

    def _hint_page(self) -> QWidget:
        page = QWidget()
        layout = QVBoxLayout(page)
        layout.setSpacing(2 * theme.SPACE)
        self.hint.setAlignment(Qt.AlignmentFlag.AlignCenter)
        layout.addStretch(1)
        layout.addWidget(self.hint)
        layout.addWidget(self.demo, 0, Qt.AlignmentFlag.AlignCenter)
        layout.addStretch(1)
        return page

    def _join(self) -> None:
        group = QButtonGroup(self)
        for button in (self.maps, self.errors):
            group.addButton(button)
        self.maps.clicked.connect(lambda: self._choose(shows_errors=False))
        self.errors.clicked.connect(lambda: self._choose(shows_errors=True))
        self.pd.clicked.connect(lambda shown: self._choose(shows_pd=shown))
        self.error_scale.valueChanged.connect(lambda value: self._choose(error_percent=value))
        self.whole.clicked.connect(self.grid.camera.reset)
        self.save.clicked.connect(lambda: self.save_requested.emit())
        self.demo.clicked.connect(lambda: self.demo_requested.emit())
        self.grid.hovered.connect(self.pointed)
        self.grid.unhovered.connect(lambda: self.pointed.emit(None))
        self.grid.clicked.connect(self.clicked)
        self.grid.slice_step.connect(self.slice_step)
        self.grid.range_chosen.connect(self._choose_range)

    @property
    def state(self) -> MapsState:
        """What is shown."""
        return self._state

    def set_state(self, state: MapsState) -> None:
        """Show these maps."""
        self._state = state
        has_series = bool(state.columns)
        had_focus = self.demo.hasFocus() or self.hasFocus()
        self._head.setVisible(has_series)
        self._pages.setCurrentIndex(1 if has_series else 0)
        self.hint.setText(state.busy or PURPOSE)
        self.demo.setVisible(not state.busy)
        self.maps.setChecked(not state.shows_errors)
        self.errors.setChecked(state.shows_errors)
        self.errors.setEnabled(state.can_show_errors)
        tip = "" if state.can_show_errors else _NO_TRUTH
        self.errors.setToolTip(tip or "Error in percent of the truth: blue below it, red above")
        self.pd.setChecked(state.view.shows_pd)
        self.error_scale.blockSignals(True)
        self.error_scale.setValue(state.view.error_percent)
        self.error_scale.blockSignals(False)
        self.error_scale.setVisible(state.shows_errors)
        self.save.setEnabled(any(row.images and row.key != TRUTH_KEY for row in state.rows))
        if has_series:
            self.grid.show_state(state)
        if had_focus:  # the button is gone: keys would go to the settings of the next series
            (self.grid if has_series else self if state.busy else self.demo).setFocus()

    def set_readout(self, *wordings: str) -> None:
        """Say this of the voxel under the pointer, the longest wording that fits.

        Without any, how to point at one if there are maps.
        """
        self.readout.set_wordings(*(wordings or (POINTING if self._state.columns else ("",))))

    def _choose(self, **changes: object) -> None:
        self.view_chosen.emit(replace(self._state.view, **changes))  # type: ignore[arg-type]

    def _choose_range(self, name: str, chosen: Range) -> None:
        problem = range_problem(name, chosen)
        if problem:
            self.grid.show_state(self._state)
            self.range_refused.emit(problem)
            return
        self.view_chosen.emit(with_range(self._state.view, name, chosen))


def _switch(text: str) -> QToolButton:
    button = QToolButton()
    button.setText(text)
    button.setCheckable(True)
    return button
