"""The comparison stage: reference and methods side by side, error maps under them."""

from __future__ import annotations

from PyQt6.QtCore import pyqtSignal
from PyQt6.QtWidgets import QWidget

from tlmri_gui.models.stage import EMPTY, StageState


class ComparisonStage(QWidget):
    """Reference and every method of one slice with linked views and error maps.

    Signals
    -------
    window_changed
        The user chose another grey window (low, high).
    error_factor_changed
        The user chose another factor of the error maps.
    slice_step
        The user turned the wheel with Ctrl: +1 for the next slice, -1 for the one before.
    """

    window_changed = pyqtSignal(float, float)
    error_factor_changed = pyqtSignal(float)
    slice_step = pyqtSignal(int)

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._state = EMPTY
        self._window = (0.0, 1.0)
        self._factor = 5.0

    def set_state(self, state: StageState) -> None:
        """Show this state."""
        self._state = state

    @property
    def window(self) -> tuple[float, float]:
        """Grey window, (low, high)."""
        return self._window

    def set_window(self, low: float, high: float) -> None:
        """Show this grey window; emits nothing."""
        self._window = (low, high)

    @property
    def error_factor(self) -> float:
        """Factor of the error maps."""
        return self._factor

    def set_error_factor(self, factor: float) -> None:
        """Show error maps times this factor; emits nothing."""
        self._factor = factor
