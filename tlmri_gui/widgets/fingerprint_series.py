"""The series that is mapped: simulated or opened, what it is, and which slice of it is shown."""

from __future__ import annotations

from PyQt6.QtCore import Qt, pyqtSignal
from PyQt6.QtWidgets import QGroupBox, QHBoxLayout, QLabel, QSlider, QSpinBox, QVBoxLayout, QWidget

from tlmri_gui import theme
from tlmri_gui.models.fingerprint_text import series_facts
from tlmri_gui.session import Session
from tlmri_gui.widgets.buttons import push_button
from tlmri_gui.widgets.fold import FoldButton
from tlmri_gui.widgets.form import ParamsForm
from tlmri_gui.widgets.labels import line, say, whole, wrapped
from tlmri_gui.widgets.roles import set_role
from tlmri_gui.widgets.wheel import guard_wheel

OPEN_TIP = (
    "Open a series (Ctrl+O): its series.h5, or an array as HDF5, NumPy or NIfTI; "
    "or drop it, or its folder, anywhere in the window"
)
BRAIN, FOR_NEXT = "Digital brain", "for the next Simulate"
_SKIPPED = ("noise_seed", "rank", "field_t")
"""Settings that few change; the command line has them."""


class SeriesPanel(QGroupBox):
    """Simulate, open and leaf through series.

    Signals
    -------
    simulation_edited
        The user changed the settings of the next simulated series.
    refused
        They do not go together; carries the line that says why.
    mended
        They do again.
    simulate_requested, open_requested
        The user asked for a simulated series, or for the file dialog.
    slice_chosen
        The user moved to another slice.
    """

    simulation_edited = pyqtSignal(object)
    refused = pyqtSignal(str)
    mended = pyqtSignal()
    simulate_requested = pyqtSignal()
    open_requested = pyqtSignal()
    slice_chosen = pyqtSignal(int)

    def __init__(self, session: Session, parent: QWidget | None = None) -> None:
        super().__init__("Series", parent)
        self._session = session
        self._shown = session.fingerprint.series
        self.simulate = push_button("brain", "Simulate", "A digital brain with known T1, T2, ADC")
        self.open = push_button("open", "Open series…", OPEN_TIP)
        self.form = ParamsForm(_SKIPPED)
        self.fold = FoldButton(self.form)
        self.fold.setAccessibleName("Settings of the simulated series")
        self.whose = line("muted")
        self.name = wrapped("title")
        self.facts = whole("")
        self.slider = QSlider(Qt.Orientation.Horizontal)
        self.spin = QSpinBox()
        self.spin.setKeyboardTracking(False)
        for widget in (self.slider, self.spin):
            widget.setAccessibleName("Slice")
        guard_wheel(self.spin)
        self._lay_out()
        self.simulate.clicked.connect(lambda: self.simulate_requested.emit())
        self.open.clicked.connect(lambda: self.open_requested.emit())
        self.form.edited.connect(self.simulation_edited)
        self.form.refused.connect(self.refused)
        self.form.mended.connect(self.mended)
        self.slider.valueChanged.connect(self.slice_chosen)
        self.spin.valueChanged.connect(lambda place: self.slice_chosen.emit(place - 1))
        session.fingerprint_plan_changed.connect(self._show_plan)
        session.fingerprint_changed.connect(self._show_series)
        self._show_plan()
        self._show_series()
        self.fold.setChecked(True)

    def _lay_out(self) -> None:
        buttons = QHBoxLayout()
        buttons.addWidget(self.simulate, 1)
        buttons.addWidget(self.open, 1)
        settings = QHBoxLayout()
        settings.addWidget(self.whose, 1)
        settings.addWidget(self.fold)
        self._slices = QWidget()
        slices = QHBoxLayout(self._slices)
        slices.setContentsMargins(0, 0, 0, 0)
        slices.addWidget(QLabel("Slice"))
        slices.addWidget(self.slider, 1)
        slices.addWidget(self.spin)
        layout = QVBoxLayout(self)
        layout.setSpacing(theme.SPACE)
        layout.addLayout(buttons)
        layout.addLayout(settings)
        layout.addWidget(self.form)
        for widget in (self.name, self.facts, self._slices):
            layout.addWidget(widget)

    def _show_plan(self) -> None:
        plan = self._session.fingerprint_plan
        is_open = self.fold.isChecked()
        self.form.set_value(plan.simulation)
        self.form.setVisible(is_open and plan.simulation is not None)
        self.simulate.setEnabled(plan.simulation is not None)
        self._show_whose()

    def _show_whose(self) -> None:
        """Say whether the settings are those of the series on show."""
        run, planned = self._session.fingerprint, self._session.fingerprint_plan.simulation
        is_next = run.series is not None and run.simulation != planned
        self.whose.setText(f"{BRAIN}, {FOR_NEXT}" if is_next else BRAIN)
        self.fold.setToolTip(f"Settings {FOR_NEXT}" if is_next else "Settings of Simulate")

    def _show_series(self) -> None:
        run = self._session.fingerprint
        series = run.series
        if series is not self._shown and series is not None and series.path is not None:
            self.fold.setChecked(False)  # a series from a file has no use for settings of a brain
        self._shown = series
        set_role(self.simulate, "" if series is not None else "primary")
        self.name.setText(series.name if series else run.busy or "No series yet")
        self.name.setToolTip(str(series.path or "simulated") if series else "")
        say(self.facts, series_facts(series) if series else "")
        n_slices = series.shape[0] if series else 1
        self._slices.setVisible(n_slices > 1)
        for widget, first in ((self.slider, 0), (self.spin, 1)):
            widget.blockSignals(True)
            widget.setRange(first, first + n_slices - 1)
            widget.setValue(first + run.slice_index)
            widget.blockSignals(False)
        self.spin.setSuffix(f" of {n_slices}")
        self._show_whose()
