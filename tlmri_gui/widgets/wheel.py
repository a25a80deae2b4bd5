"""The wheel scrolls the panel, not the value that happens to lie under the pointer."""

from __future__ import annotations

from PyQt6.QtCore import QEvent, QObject, Qt
from PyQt6.QtWidgets import QAbstractSpinBox, QComboBox, QSlider, QWidget


class _WheelGuard(QObject):
    def eventFilter(self, a0: QObject | None, a1: QEvent | None) -> bool:
        """Ignore the wheel unless the widget has the focus."""
        if a0 is not None and a1 is not None and a1.type() == QEvent.Type.Wheel:
            assert isinstance(a0, QWidget)
            if not a0.hasFocus():
                a1.ignore()
                return True
        return super().eventFilter(a0, a1)


def guard_wheel(widget: QAbstractSpinBox | QComboBox | QSlider) -> None:
    """Let a value change by the wheel only once it was clicked."""
    widget.setFocusPolicy(Qt.FocusPolicy.StrongFocus)
    widget.installEventFilter(_WheelGuard(widget))
