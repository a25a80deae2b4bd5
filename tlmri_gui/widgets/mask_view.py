"""Picture of the sampling mask with the achieved acceleration under it."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray
from PyQt6.QtCore import QRect, QSize, Qt
from PyQt6.QtGui import QColor, QImage, QPainter, QPaintEvent, QPixmap
from PyQt6.QtWidgets import QFrame, QSizePolicy, QVBoxLayout, QWidget

from tlmri_gui import theme
from tlmri_gui.widgets.labels import wrapped

HEIGHT = 120
"""Of the picture, pixels: enough to see a pattern, and the panels below stay in sight."""


class MaskView(QWidget):
    """The mask, white where k-space is acquired, and one line of text.

    Attributes
    ----------
    picture
        The part that is drawn.
    """

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.picture = _Picture()
        self._text = wrapped("muted", "No mask yet")
        self._text.setAlignment(Qt.AlignmentFlag.AlignHCenter)
        layout = QVBoxLayout(self)
        layout.setContentsMargins(0, 0, 0, 0)
        layout.setSpacing(theme.SPACE)
        layout.addWidget(self.picture)
        layout.addWidget(self._text)

    def set_mask(self, samples: NDArray[np.bool_] | None, text: str) -> None:
        """Show a mask of shape `(y, x)` (none if None) and a line such as ``R = 4.00``."""
        self.picture.set_samples(samples)
        self._text.setText(text)

    @property
    def samples(self) -> NDArray[np.bool_] | None:
        """The mask shown."""
        return self.picture.samples

    @property
    def text(self) -> str:
        """The line under the picture."""
        return self._text.text()


class _Picture(QFrame):
    """The mask at the largest size that keeps its shape."""

    def __init__(self) -> None:
        super().__init__()
        self.samples: NDArray[np.bool_] | None = None
        self._pixmap = QPixmap()
        self.setFixedHeight(HEIGHT)
        self.setSizePolicy(QSizePolicy.Policy.Expanding, QSizePolicy.Policy.Fixed)

    def set_samples(self, samples: NDArray[np.bool_] | None) -> None:
        """Show this mask instead."""
        self.samples = samples
        self._pixmap = QPixmap() if samples is None else _pixmap(samples)
        self.update()

    def paintEvent(self, a0: QPaintEvent | None) -> None:  # noqa: ARG002 - Qt's signature
        """Draw the mask centred on black."""
        painter = QPainter(self)
        if self._pixmap.isNull():
            painter.setPen(QColor(theme.OUTLINE))
            painter.drawRect(self.target(1, 1).adjusted(0, 0, -1, -1))
            return
        target = self.target(self._pixmap.width(), self._pixmap.height())
        ratio = self.devicePixelRatioF()
        scaled = self._pixmap.scaled(
            target.size() * ratio,
            Qt.AspectRatioMode.IgnoreAspectRatio,
            Qt.TransformationMode.SmoothTransformation,
        )
        painter.drawPixmap(target, scaled)

    def target(self, width: int, height: int) -> QRect:
        """Where a mask of this size is drawn."""
        scale = min(self.width() / width, self.height() / height)
        size = QSize(max(1, round(width * scale)), max(1, round(height * scale)))
        left, top = (self.width() - size.width()) // 2, (self.height() - size.height()) // 2
        return QRect(left, top, size.width(), size.height())


def _pixmap(samples: NDArray[np.bool_]) -> QPixmap:
    """A mask as a black and white picture."""
    grey = np.ascontiguousarray(samples, dtype=np.uint8) * np.uint8(255)
    height, width = grey.shape
    image = QImage(grey.tobytes(), width, height, width, QImage.Format.Format_Grayscale8)
    return QPixmap.fromImage(image)
