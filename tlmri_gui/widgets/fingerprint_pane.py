"""One map: a picture that can be clicked, with a mark where a voxel is pinned."""

from __future__ import annotations

from PyQt6.QtCore import QPointF, Qt, pyqtSignal
from PyQt6.QtGui import QColor, QMouseEvent, QPainter, QPaintEvent, QPen
from PyQt6.QtWidgets import QApplication, QWidget

from tlmri_gui import theme
from tlmri_gui.widgets.camera import Camera
from tlmri_gui.widgets.image_pane import ImagePane

_LEAST = 84
_RING = 5.0


class MapPane(ImagePane):
    """A picture of the grid of maps.

    Signals
    -------
    clicked
        The user clicked this point of the image (QPointF, mm).
    """

    clicked = pyqtSignal(QPointF)

    def __init__(self, camera: Camera, parent: QWidget | None = None) -> None:
        super().__init__(camera, parent)
        self._pin: QPointF | None = None
        self._down_at: QPointF | None = None
        self.setMinimumSize(_LEAST, _LEAST)

    def set_pin(self, point: QPointF | None) -> None:
        """Mark the pinned voxel (mm), or none."""
        if point != self._pin:
            self._pin = point
            self.update()

    def mousePressEvent(self, a0: QMouseEvent | None) -> None:
        """Remember where a click may have begun."""
        super().mousePressEvent(a0)
        if a0 is not None and a0.button() == Qt.MouseButton.LeftButton:
            self._down_at = a0.position()

    def mouseMoveEvent(self, a0: QMouseEvent | None) -> None:
        """A press that moves on is no click."""
        super().mouseMoveEvent(a0)
        if a0 is not None and self._down_at is not None:
            away = a0.position() - self._down_at
            if away.manhattanLength() > QApplication.startDragDistance():
                self._down_at = None

    def mouseReleaseEvent(self, a0: QMouseEvent | None) -> None:
        """Tell of a click."""
        super().mouseReleaseEvent(a0)
        is_click, self._down_at = self._down_at is not None, None
        if a0 is not None and is_click and self.visible_target().contains(a0.position()):
            self.clicked.emit(self._point(a0.position()))

    def paintEvent(self, a0: QPaintEvent | None) -> None:
        """Draw the picture, then the mark."""
        super().paintEvent(a0)
        if self._pin is None or self.picture is None:
            return
        painter = QPainter(self)
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        at = self._camera.to_pane(self._pin, self.width(), self.height())
        for colour, width in ((QColor(0, 0, 0, 200), 4.0), (QColor(theme.TEXT), 1.8)):
            painter.setPen(QPen(colour, width))
            painter.drawEllipse(at, _RING, _RING)
        painter.end()
