"""The scale that all error maps share: factor, colour bar, and what its end means."""

from __future__ import annotations

from PyQt6.QtCore import pyqtSignal
from PyQt6.QtWidgets import QComboBox, QHBoxLayout, QVBoxLayout, QWidget

from tlmri_gui import theme
from tlmri_gui.widgets.colour_bar import ColourBar
from tlmri_gui.widgets.labels import line, wrapped
from tlmri_gui.widgets.lookup import INFERNO

FACTORS = (1.0, 2.0, 5.0, 10.0, 20.0, 50.0)


class ErrorLegend(QWidget):
    """Names the error maps, offers their factor and shows their colours with values.

    Signals
    -------
    factor_changed
        The user chose another factor.
    """

    factor_changed = pyqtSignal(float)

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._choice = QComboBox()
        for factor in FACTORS:
            self._choice.addItem(factor_text(factor), factor)
        self._choice.setToolTip("Factor of the error maps: their colours end at the peak over it")
        self._choice.activated.connect(self._choose)
        self._bar = ColourBar()
        self._end = 1.0
        self._meaning = wrapped("muted")
        row = QHBoxLayout()
        row.setSpacing(theme.SPACE // 2)
        row.addWidget(line("title", "Error maps"), 1)
        row.addWidget(self._choice)
        layout = QVBoxLayout(self)
        layout.setContentsMargins(0, 0, 0, 0)
        layout.setSpacing(theme.SPACE)
        layout.addLayout(row)
        layout.addWidget(wrapped("", "|reconstruction − reference|"))
        layout.addWidget(self._bar)
        layout.addWidget(self._meaning)
        layout.addStretch(1)

    def set_scale(self, factor: float, peak: float) -> None:
        """Show the scale from 0 to peak over factor; emits nothing."""
        index = self._choice.findData(factor)
        if index < 0:
            index = sum(self._choice.itemData(i) < factor for i in range(self._choice.count()))
            self._choice.insertItem(index, factor_text(factor), factor)
        self._choice.setCurrentIndex(index)
        self._end = peak / factor
        words = [f"{part * self._end:.3g}" for part in (0.0, 0.5, 1.0)]
        self._bar.show_scale(INFERNO, words)
        self._meaning.setText(f"Scale ends at {100 / factor:.3g} % of the scan's peak, {peak:.4g}.")

    @property
    def choice(self) -> QComboBox:
        """The list of factors."""
        return self._choice

    @property
    def end(self) -> float:
        """Error at the bright end of the colours."""
        return self._end

    def _choose(self, index: int) -> None:
        self.factor_changed.emit(float(self._choice.itemData(index)))


def factor_text(factor: float) -> str:
    """A factor as printed, such as ``× 5``."""
    return f"× {factor:g}"
