"""How k-space is undersampled: pattern, acceleration, seed, and the mask that results."""

from __future__ import annotations

from dataclasses import replace

from PyQt6.QtCore import pyqtSignal
from PyQt6.QtWidgets import (
    QComboBox,
    QFormLayout,
    QGroupBox,
    QHBoxLayout,
    QLabel,
    QSpinBox,
    QVBoxLayout,
    QWidget,
)

from tlmri_gui import theme
from tlmri_gui.session import Session
from tlmri_gui.state import Sampling
from tlmri_gui.widgets.fold import FoldButton
from tlmri_gui.widgets.form import ParamsForm
from tlmri_gui.widgets.mask_view import MaskView
from tlmri_gui.widgets.number_field import NumberField
from tlmri_gui.widgets.wheel import guard_wheel

ACCELERATIONS = (1.5, 20.0)


class SamplingPanel(QGroupBox):
    """Edits the sampling and shows the mask.

    Signals
    -------
    sampling_wished
        The user asked for another :class:`Sampling`.
    """

    sampling_wished = pyqtSignal(object)

    def __init__(self, session: Session, parent: QWidget | None = None) -> None:
        super().__init__("Sampling", parent)
        self._session = session
        self.pattern = QComboBox()
        self.pattern.setPlaceholderText("As acquired")
        self.acceleration = NumberField()
        self.acceleration.setRange(*ACCELERATIONS)
        self.acceleration.setDecimals(2)
        self.acceleration.setSingleStep(0.5)
        self.acceleration.setKeyboardTracking(False)
        self.seed = QSpinBox()
        self.seed.setRange(0, 2**31 - 1)
        self.seed.setKeyboardTracking(False)
        self.form = ParamsForm()
        self._details = QWidget(self)
        details = QVBoxLayout(self._details)
        details.setContentsMargins(3 * theme.SPACE, 0, 0, 0)
        details.addWidget(self.form)
        self.fold = FoldButton(self._details, self)
        self.mask_view = MaskView()
        self.pattern.setSizeAdjustPolicy(
            QComboBox.SizeAdjustPolicy.AdjustToMinimumContentsLengthWithIcon
        )
        for widget in (self.pattern, self.acceleration, self.seed):
            guard_wheel(widget)
        rows = QFormLayout()
        pattern = QHBoxLayout()
        pattern.addWidget(self.pattern, 1)
        pattern.addWidget(self.fold)
        rows.addRow(QLabel("Pattern"))
        rows.addRow(pattern)
        rows.addRow("Acceleration R", self.acceleration)
        rows.addRow("Seed", self.seed)
        layout = QVBoxLayout(self)
        layout.setSpacing(theme.SPACE)
        layout.addLayout(rows)
        layout.addWidget(self._details)
        layout.addWidget(self.mask_view)
        self.pattern.currentIndexChanged.connect(self._choose_pattern)
        self.acceleration.valueChanged.connect(self._choose_acceleration)
        self.seed.valueChanged.connect(self._choose_seed)
        self.form.edited.connect(self._choose_params)
        session.catalogue_changed.connect(self._show_patterns)
        session.sampling_changed.connect(self._show_sampling)
        session.slice_changed.connect(self._show_sampling)
        session.mask_changed.connect(self._show_mask)
        self._show_patterns()
        self._show_mask()

    def _show_patterns(self) -> None:
        patterns = self._session.catalogue.patterns
        self.pattern.blockSignals(True)
        self.pattern.clear()
        for choice in patterns:
            self.pattern.addItem(choice.label, choice.name)
        self.pattern.blockSignals(False)
        self.setEnabled(bool(patterns))
        self._show_sampling()

    def _show_sampling(self) -> None:
        """What is wished for; nobody chooses the mask of a scan acquired undersampled."""
        session, sampling = self._session, self._session.sampling
        is_free = session.scan is None or session.scan.has_reference
        row = self.pattern.findData(sampling.pattern) if is_free else -1
        own = None if is_free else session.mask
        editors = (self.pattern, self.acceleration, self.seed)
        for widget in editors:
            widget.blockSignals(True)
        self.pattern.setCurrentIndex(row)
        self.acceleration.setRange(*(ACCELERATIONS if own is None else (1.0, own.acceleration)))
        self.acceleration.setValue(own.acceleration if own else sampling.acceleration)
        self.seed.setValue(sampling.seed)
        for widget in editors:
            widget.blockSignals(False)
            widget.setEnabled(is_free)
        self.form.setEnabled(is_free)
        defaults = {c.name: c.params for c in self._session.catalogue.patterns}
        params = sampling.params
        self.form.set_value(defaults.get(sampling.pattern) if params is None else params)
        self.fold.setEnabled(bool(self.form.editors))

    def _show_mask(self) -> None:
        self._show_sampling()
        mask = self._session.mask
        if mask is None:
            self.mask_view.set_mask(None, "")
            return
        n, size = int(mask.samples.sum()), mask.samples.size
        text = f"achieved R = {mask.achieved_acceleration:.3f} · {100 * n / size:.1f} % of k-space"
        self.mask_view.set_mask(mask.samples, text)

    def _choose_pattern(self, row: int) -> None:
        self._wish(replace(self._session.sampling, pattern=self.pattern.itemData(row), params=None))

    def _choose_acceleration(self, acceleration: float) -> None:
        self._wish(replace(self._session.sampling, acceleration=acceleration))

    def _choose_seed(self, seed: int) -> None:
        self._wish(replace(self._session.sampling, seed=seed))

    def _choose_params(self, params: object) -> None:
        self._wish(replace(self._session.sampling, params=params))

    def _wish(self, sampling: Sampling) -> None:
        self.sampling_wished.emit(sampling)
