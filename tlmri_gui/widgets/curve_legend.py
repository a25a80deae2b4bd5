"""The names of curves, each with a piece of its line."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from PyQt6.QtCore import QPointF, QRectF, QSize, Qt
from PyQt6.QtGui import QColor, QFontMetricsF, QPainter, QPaintEvent, QPen, QResizeEvent
from PyQt6.QtWidgets import QSizePolicy, QWidget

from tlmri_gui import theme
from tlmri_gui.widgets.flow import flow
from tlmri_gui.widgets.study_plot import SMALL_POINTS, sized

_SAMPLE, _WIDTH = 34, 3.0
"""Length and width of a piece of line, pixels; the length includes the room around it."""
_FAINT = 0.35
"""Opacity of the line of a curve that is not drawn."""


@dataclass(frozen=True)
class LegendEntry:
    """What the legend says of one curve.

    Attributes
    ----------
    text
        Its name.
    pen
        Colour and dashes; all lines of the legend are of one width.
    is_muted
        Whether the curve is named but not drawn.
    """

    text: str
    pen: QPen
    is_muted: bool = False


class CurveLegend(QWidget):
    """Shows entries in as many lines as the width asks for."""

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._entries: tuple[LegendEntry, ...] = ()
        policy = QSizePolicy(QSizePolicy.Policy.Preferred, QSizePolicy.Policy.Fixed)
        policy.setHeightForWidth(True)
        self.setSizePolicy(policy)

    @property
    def texts(self) -> tuple[str, ...]:
        """What it says of each curve."""
        return tuple(entry.text for entry in self._entries)

    def set_entries(self, entries: Sequence[LegendEntry]) -> None:
        """Name these curves."""
        before = self.texts
        self._entries = tuple(entries)
        if self.texts != before:
            self.updateGeometry()
        self.update()

    def heightForWidth(self, a0: int) -> int:
        """Height of all entries at this width, pixels."""
        places = self._places(a0)
        return round(places[-1].bottom()) + 1 if places else 0

    def sizeHint(self) -> QSize:
        """One line or more, as the width allows."""
        return QSize(300, self.heightForWidth(max(self.width(), 300)))

    def resizeEvent(self, a0: QResizeEvent | None) -> None:
        """Ask for the lines that the entries take at this width."""
        super().resizeEvent(a0)
        if a0 is not None and a0.oldSize().width() != self.width():
            self.updateGeometry()

    def _places(self, width: float) -> list[QRectF]:
        metrics = QFontMetricsF(sized(self, SMALL_POINTS))
        widths = [_SAMPLE + theme.SPACE + metrics.horizontalAdvance(text) for text in self.texts]
        return flow(widths, width, 3 * theme.SPACE, metrics.lineSpacing() + 2)

    def paintEvent(self, a0: QPaintEvent | None) -> None:  # noqa: ARG002
        """Draw the entries."""
        painter = QPainter(self)
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        painter.setFont(sized(self, SMALL_POINTS))
        for entry, place in zip(self._entries, self._places(self.width()), strict=True):
            _paint_entry(painter, entry, place)
        painter.end()


def _paint_entry(painter: QPainter, entry: LegendEntry, place: QRectF) -> None:
    line = QPen(entry.pen)
    line.setWidthF(_WIDTH)
    painter.setPen(line)
    painter.setOpacity(_FAINT if entry.is_muted else 1.0)
    start = QPointF(place.left() + 2, place.center().y())
    painter.drawLine(start, start + QPointF(_SAMPLE - 4, 0))
    painter.setOpacity(1.0)
    painter.setPen(QColor(theme.MUTED if entry.is_muted else theme.TEXT))
    text = place.adjusted(_SAMPLE + theme.SPACE, 0, 1, 0)
    painter.drawText(text, Qt.AlignmentFlag.AlignVCenter, entry.text)
