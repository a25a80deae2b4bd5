"""Which part of an image is seen: one camera shared by all panes links their zoom and pan."""

from __future__ import annotations

from PyQt6.QtCore import QObject, QPointF, QRectF, pyqtSignal

MAX_ZOOM = 40.0


class Camera(QObject):
    """Centre and zoom over an image, in millimetres, for panes of any size.

    Zoom 1 shows the whole image. The centre stays where the image still covers what it covers at
    zoom 1, so that it cannot be lost.

    Signals
    -------
    changed
        Another part is seen.
    """

    changed = pyqtSignal()

    def __init__(self) -> None:
        super().__init__()
        self._extent = (1.0, 1.0)
        self._centre = QPointF(0.5, 0.5)
        self._zoom = 1.0

    @property
    def zoom(self) -> float:
        """Magnification over the whole image's view."""
        return self._zoom

    @property
    def centre(self) -> QPointF:
        """Point in the middle of every pane, (x, y) in mm from the image's top left corner."""
        return QPointF(self._centre)

    def set_extent(self, width: float, height: float) -> None:
        """Size of the image in mm; another size resets the view."""
        if (width, height) != self._extent:
            self._extent = (width, height)
            self.reset()

    def reset(self) -> None:
        """Show the whole image."""
        self._place(QPointF(self._extent[0] / 2, self._extent[1] / 2), 1.0)

    def zoom_about(self, point: QPointF, factor: float) -> None:
        """Magnify by a factor, keeping a point (mm) where it is in the pane."""
        zoom = min(max(self._zoom * factor, 1.0), MAX_ZOOM)
        self._place(point + (self._centre - point) * (self._zoom / zoom), zoom)

    def move_by(self, x: float, y: float) -> None:
        """Move the view by (x, y) mm."""
        self._place(self._centre + QPointF(x, y), self._zoom)

    def scale(self, width: float, height: float) -> float:
        """Pixels a millimetre in a pane of this size."""
        return self._zoom * min(width / self._extent[0], height / self._extent[1])

    def target(self, width: float, height: float) -> QRectF:
        """Where the whole image lies in a pane of this size, pixels."""
        scale = self.scale(width, height)
        left, top = width / 2 - self._centre.x() * scale, height / 2 - self._centre.y() * scale
        return QRectF(left, top, self._extent[0] * scale, self._extent[1] * scale)

    def to_image(self, at: QPointF, width: float, height: float) -> QPointF:
        """Point of the image (mm) under a point of a pane of this size (pixels)."""
        return (at - self.target(width, height).topLeft()) / self.scale(width, height)

    def to_pane(self, point: QPointF, width: float, height: float) -> QPointF:
        """Inverse of :meth:`to_image`."""
        return point * self.scale(width, height) + self.target(width, height).topLeft()

    def _place(self, centre: QPointF, zoom: float) -> None:
        slack = (1.0 - 1.0 / zoom) / 2
        x, y = (
            min(max(value, size * (0.5 - slack)), size * (0.5 + slack))
            for value, size in zip((centre.x(), centre.y()), self._extent, strict=True)
        )
        self._centre, self._zoom = QPointF(x, y), zoom
        self.changed.emit()
