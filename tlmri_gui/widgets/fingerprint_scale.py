"""The head of a column of maps: the parameter, its colours, and the range they stand for."""

from __future__ import annotations

from PyQt6.QtCore import Qt, pyqtSignal
from PyQt6.QtWidgets import (
    QDoubleSpinBox,
    QHBoxLayout,
    QSizePolicy,
    QToolButton,
    QVBoxLayout,
    QWidget,
)

from tlmri_gui import theme
from tlmri_gui.models.fingerprint_maps import MapColumn, Range
from tlmri_gui.widgets.colour_bar import ColourBar
from tlmri_gui.widgets.fingerprint_pictures import ERROR_COLOURS, MAP_COLOURS
from tlmri_gui.widgets.labels import line
from tlmri_gui.widgets.number_field import NumberField
from tlmri_gui.widgets.wheel import guard_wheel

_MOST = 1e9
_LEAST_WIDTH, _BOX_WIDTH = 40, 62
_PLAIN = """
QDoubleSpinBox { padding: 1px; }
QDoubleSpinBox::up-button, QDoubleSpinBox::down-button { width: 0; }
"""
"""The buttons that are not shown would keep their room."""
_STRIP = 14
LOCKED = "Locked: the range stays for other series. Click to let it follow what the maps hold."
UNLOCKED = "The range follows what the maps hold. Click to lock it as it is."


class MapScale(QWidget):
    """Shows a :class:`MapColumn`; its range can be typed, and locked.

    Signals
    -------
    range_chosen
        The user wants this :class:`Range`.
    """

    range_chosen = pyqtSignal(object)

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._range = Range(0.0, 1.0)
        self.title = line("title")
        self.unit = line("muted")
        self.bar = ColourBar()
        self.low, self.high = _box("Lowest value of the colours"), _box("Highest value")
        self.lock = QToolButton()
        self.lock.setAutoRaise(True)
        self.lock.setFixedSize(24, 24)
        self.lock.setStyleSheet("padding: 2px;")
        self._lay_out()
        self.low.valueChanged.connect(self._choose)
        self.high.valueChanged.connect(self._choose)
        self.lock.clicked.connect(self._toggle_lock)

    def _lay_out(self) -> None:
        head = QHBoxLayout()
        head.setSpacing(theme.SPACE // 2)
        head.addStretch(1)
        head.addWidget(self.title)
        head.addWidget(self.unit)
        head.addStretch(1)
        self.ends = QWidget()
        row = QHBoxLayout(self.ends)
        row.setContentsMargins(0, 0, 0, 0)
        row.setSpacing(0)
        row.addWidget(self.low, 2)
        row.addStretch(1)
        row.addWidget(self.high, 2)
        layout = QVBoxLayout(self)
        layout.setContentsMargins(0, 0, 0, theme.SPACE // 2)
        layout.setSpacing(theme.SPACE // 2)
        layout.addLayout(head)
        strip = QHBoxLayout()
        strip.setSpacing(theme.SPACE // 2)
        strip.addWidget(self.bar, 1)
        strip.addWidget(self.lock)
        layout.addLayout(strip)
        layout.addWidget(self.ends)
        self.setSizePolicy(QSizePolicy.Policy.Ignored, QSizePolicy.Policy.Fixed)

    def show_column(self, column: MapColumn) -> None:
        """Show the colours of values; emits nothing."""
        parameter, self._range = column.parameter, column.range
        name = parameter.label
        self._name(name, parameter.unit)
        self.low.setAccessibleName(f"Lowest {name} of the colours")
        self.high.setAccessibleName(f"Highest {name} of the colours")
        self.bar.setFixedHeight(_STRIP)
        self.bar.show_scale(MAP_COLOURS[parameter.name], ("", "", ""))
        step = 10.0**-parameter.decimals
        for box, value in ((self.low, self._range.low), (self.high, self._range.high)):
            box.blockSignals(True)
            box.setDecimals(parameter.decimals)
            box.setSingleStep(10 * step)
            box.setValue(value)
            box.blockSignals(False)
        is_locked = self._range.is_locked
        self.lock.setIcon(theme.icon("lock" if is_locked else "unlock"))
        self.lock.setAccessibleName(f"{'Unlock' if is_locked else 'Lock'} the range of {name}")
        self.lock.setToolTip(LOCKED if is_locked else UNLOCKED)
        self.lock.show()
        self.ends.show()

    def show_error(self, column: MapColumn, percent: float) -> None:
        """Show the colours of errors, from minus to plus so many percent; emits nothing."""
        self._name(column.parameter.label, "error")
        words = (f"−{percent:g}", "0", f"+{percent:g} %")
        self.bar.setFixedHeight(_STRIP + self.fontMetrics().height() + 6)
        self.bar.show_scale(ERROR_COLOURS, words)
        self.lock.hide()
        self.ends.hide()

    def _name(self, title: str, unit: str) -> None:
        self.title.setText(title)
        self.unit.setText(unit)

    def _choose(self) -> None:
        self.range_chosen.emit(Range(self.low.value(), self.high.value()))

    def _toggle_lock(self) -> None:
        found = self._range
        self.range_chosen.emit(Range(found.low, found.high, not found.is_locked))


def _box(tip: str) -> NumberField:
    box = NumberField()
    box.setRange(-_MOST, _MOST)
    box.setButtonSymbols(QDoubleSpinBox.ButtonSymbols.NoButtons)
    box.setAlignment(Qt.AlignmentFlag.AlignCenter)
    box.setKeyboardTracking(False)
    box.setMinimumWidth(_LEAST_WIDTH)
    box.setMaximumWidth(_BOX_WIDTH)
    box.setStyleSheet(_PLAIN)
    box.setToolTip(tip)
    guard_wheel(box)
    return box
