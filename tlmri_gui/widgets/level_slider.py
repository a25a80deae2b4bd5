"""The grey window: a histogram with two handles."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray
from PyQt6.QtCore import QPointF, QRectF, QSize, Qt, pyqtSignal
from PyQt6.QtGui import QColor, QLinearGradient, QMouseEvent, QPainter, QPaintEvent, QPolygonF
from PyQt6.QtWidgets import QSizePolicy, QWidget

from tlmri_gui import theme

_BINS = 120
_GRIP = 7
"""Half the width in which a handle is caught, and the margin at both ends, pixels."""
_NARROWEST = 0.005
"""Narrowest window, part of the range."""


class LevelSlider(QWidget):
    """Choose (low, high) between 0 and the peak over the reference's histogram.

    Handles move one end; between them the whole window moves; a double click asks for the
    automatic window.

    Signals
    -------
    levels_changed
        The user chose (low, high).
    auto_requested
        The user double-clicked.
    """

    levels_changed = pyqtSignal(float, float)
    auto_requested = pyqtSignal()

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._peak = 1.0
        self._levels = (0.0, 1.0)
        self._heights: NDArray[np.float64] = np.zeros(_BINS)
        self._grip: str | None = None
        self._grabbed_at = 0.0
        self.setMouseTracking(True)
        self.setFixedHeight(34)
        self.setMinimumWidth(140)
        self.setSizePolicy(QSizePolicy.Policy.Expanding, QSizePolicy.Policy.Fixed)
        self.setToolTip(
            "Grey window. Drag a handle or the part between them; double-click for automatic.\n"
            "On an image: drag with the right button."
        )

    def sizeHint(self) -> QSize:
        """Wide enough for fine choices."""
        return QSize(280, 34)

    @property
    def levels(self) -> tuple[float, float]:
        """The window, (low, high)."""
        return self._levels

    def set_data(self, image: NDArray[np.float32] | None, peak: float) -> None:
        """Show the histogram of an image (none if None) from 0 to the peak; emits nothing."""
        self._peak = peak if peak > 0 else 1.0
        self._heights = np.zeros(_BINS) if image is None else _heights(image, self._peak)
        self.update()

    def set_levels(self, low: float, high: float) -> None:
        """Show this window; emits nothing."""
        self._levels = (low, high)
        self.update()

    def fit(self, low: float, high: float) -> tuple[float, float]:
        """Nearest window of the same width within the range, never empty."""
        width = min(max(high - low, _NARROWEST * self._peak), self._peak)
        start = min(max((low + high - width) / 2, 0.0), self._peak - width)
        return (start, start + width)

    def paintEvent(self, a0: QPaintEvent | None) -> None:  # noqa: ARG002 - Qt's signature
        """Draw histogram, window and handles."""
        painter = QPainter(self)
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        field = QRectF(_GRIP, 2, self.width() - 2 * _GRIP, self.height() - 11)
        low, high = (self._position(level) for level in self._levels)
        painter.fillRect(field, QColor(theme.SURFACE))
        painter.fillRect(QRectF(low, field.top(), high - low, field.height()), QColor(theme.RAISED))
        painter.setPen(Qt.PenStyle.NoPen)
        painter.setBrush(QColor(theme.MUTED))
        painter.drawPolygon(self._outline(field))
        painter.fillRect(self._ramp_rect(), self._ramp(low, high))
        for at in (low, high):
            self._paint_handle(painter, at)

    def _outline(self, field: QRectF) -> QPolygonF:
        step = field.width() / _BINS
        points = [field.bottomLeft()]
        points += [
            QPointF(field.left() + (i + 0.5) * step, field.bottom() - height * field.height())
            for i, height in enumerate(self._heights.tolist())
        ]
        return QPolygonF([*points, field.bottomRight()])

    def _ramp_rect(self) -> QRectF:
        return QRectF(_GRIP, self.height() - 8, self.width() - 2 * _GRIP, 5)

    def _ramp(self, low: float, high: float) -> QLinearGradient:
        ramp = QLinearGradient(low, 0, max(high, low + 1), 0)
        ramp.setColorAt(0, QColor("#000000"))
        ramp.setColorAt(1, QColor("#ffffff"))
        return ramp

    def _paint_handle(self, painter: QPainter, at: float) -> None:
        painter.fillRect(QRectF(at - 0.75, 2, 1.5, self.height() - 8), QColor(theme.ACCENT))
        painter.setPen(QColor(theme.BACKGROUND))
        painter.setBrush(QColor(theme.ACCENT))
        painter.drawEllipse(QPointF(at, self.height() - 5.5), 4.5, 4.5)

    def mousePressEvent(self, a0: QMouseEvent | None) -> None:
        """Catch a handle, or the window between them."""
        assert a0 is not None
        if a0.button() == Qt.MouseButton.LeftButton:
            self._grip = self._grip_at(a0.position().x())
            self._grabbed_at = self._level(a0.position().x())

    def mouseMoveEvent(self, a0: QMouseEvent | None) -> None:
        """Move what was caught."""
        assert a0 is not None
        x = a0.position().x()
        if self._grip is None:
            between = self._grip_at(x) == "both"
            shape = Qt.CursorShape.OpenHandCursor if between else Qt.CursorShape.SizeHorCursor
            self.setCursor(shape)
            return
        self._choose(self._moved(self._level(x)))

    def mouseReleaseEvent(self, a0: QMouseEvent | None) -> None:  # noqa: ARG002 - Qt's signature
        """Let go."""
        self._grip = None

    def mouseDoubleClickEvent(self, a0: QMouseEvent | None) -> None:  # noqa: ARG002
        """Ask for the automatic window."""
        self.auto_requested.emit()

    def _moved(self, level: float) -> tuple[float, float]:
        low, high = self._levels
        narrowest = _NARROWEST * self._peak
        if self._grip == "low":
            return (min(max(level, 0.0), high - narrowest), high)
        if self._grip == "high":
            return (low, max(min(level, self._peak), low + narrowest))
        shift, self._grabbed_at = level - self._grabbed_at, level
        return self.fit(low + shift, high + shift)

    def _choose(self, levels: tuple[float, float]) -> None:
        if levels != self._levels:
            self._levels = levels
            self.update()
            self.levels_changed.emit(*levels)

    def _grip_at(self, x: float) -> str:
        low, high = (self._position(level) for level in self._levels)
        near = [("high", abs(x - high)), ("low", abs(x - low))]
        name, distance = min(near, key=lambda pair: pair[1])
        return "both" if distance > _GRIP and low < x < high else name

    def _position(self, level: float) -> float:
        part = min(max(level / self._peak, 0.0), 1.0)
        return _GRIP + part * (self.width() - 2 * _GRIP)

    def _level(self, x: float) -> float:
        return self._peak * (x - _GRIP) / max(self.width() - 2 * _GRIP, 1)


def _heights(image: NDArray[np.float32], peak: float) -> NDArray[np.float64]:
    """Heights in [0, 1] of the logarithmic histogram of what is above the background."""
    shown = image[(image > 0.01 * peak) & (image <= peak)]
    bins = np.minimum((shown * (_BINS / peak)).astype(np.intp), _BINS - 1)
    heights = np.log1p(np.bincount(bins, minlength=_BINS).astype(np.float64))
    top = float(heights.max())
    return heights / top if top > 0 else heights


def automatic(image: NDArray[np.float32], peak: float) -> tuple[float, float]:
    """Window from 0 to the 98th percentile of what is above the background.

    Without anything above it, to the peak, or to 1 if that is 0.
    """
    shown = image[image > 0.01 * peak]
    if shown.size:
        return (0.0, float(np.percentile(shown, 98)))
    return (0.0, peak if peak > 0 else 1.0)
