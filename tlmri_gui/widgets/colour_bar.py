"""A strip of colours over the values they stand for."""

from __future__ import annotations

from collections.abc import Sequence

from PyQt6.QtCore import QRectF, QSize, Qt
from PyQt6.QtGui import QColor, QLinearGradient, QPainter, QPaintEvent
from PyQt6.QtWidgets import QSizePolicy, QWidget

from tlmri_gui import theme
from tlmri_gui.widgets.lookup import INFERNO, colours

_STRIP = 14
_STEPS = 17
_AIR = 4
"""Between words, pixels."""


class ColourBar(QWidget):
    """Colours from the low to the high end, with words at the left, in the middle, at the right."""

    def __init__(self) -> None:
        super().__init__()
        self._colours = INFERNO
        self._words: Sequence[str] = ("", "", "")
        self.setSizePolicy(QSizePolicy.Policy.Expanding, QSizePolicy.Policy.Fixed)
        self.setFixedHeight(_STRIP + self.fontMetrics().height() + 6)

    def sizeHint(self) -> QSize:
        """As wide as a column."""
        return QSize(180, self.minimumHeight())

    @property
    def words(self) -> tuple[str, ...]:
        """What stands under the strip, from left to right."""
        return tuple(self._words)

    def show_scale(self, name: str, words: Sequence[str]) -> None:
        """Show these colours (:mod:`tlmri_gui.widgets.lookup`) over three words."""
        self._colours, self._words = name, words
        self.update()

    def paintEvent(self, a0: QPaintEvent | None) -> None:  # noqa: ARG002 - Qt's signature
        """Draw colours and words."""
        painter = QPainter(self)
        strip = QRectF(0, 0, self.width(), _STRIP)
        ramp = QLinearGradient(strip.topLeft(), strip.topRight())
        table = colours(self._colours)
        for i in range(_STEPS):
            part = i / (_STEPS - 1)
            ramp.setColorAt(part, QColor.fromRgb(table[round(part * (len(table) - 1))]))
        painter.fillRect(strip, ramp)
        painter.setPen(QColor(theme.OUTLINE))
        painter.drawRect(strip.adjusted(0, 0, -1, -1))
        painter.setPen(QColor(theme.MUTED))
        below = QRectF(0, _STRIP + 3, self.width(), self.height() - _STRIP - 3)
        align = Qt.AlignmentFlag
        sides = (align.AlignLeft, align.AlignHCenter, align.AlignRight)
        for words, side in zip(self.seen_words(), sides, strict=True):
            painter.drawText(below, int(side), words)

    def seen_words(self) -> tuple[str, ...]:
        """The words, without the middle one where it would run into the others."""
        low, middle, high = self._words
        advance = self.fontMetrics().horizontalAdvance
        beside = self.width() / 2 - max(advance(low), advance(high))
        return (low, middle if advance(middle) / 2 < beside - _AIR else "", high)
