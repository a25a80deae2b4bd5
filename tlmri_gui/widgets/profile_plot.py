"""The curves along a line of the slice, with the values under the pointer."""

from __future__ import annotations

import math
from collections.abc import Sequence

import numpy as np
from PyQt6.QtCore import QEvent, QPointF, QRectF, QSize, Qt, pyqtSignal
from PyQt6.QtGui import QColor, QFontMetricsF, QMouseEvent, QPainter, QPaintEvent, QPen, QPolygonF
from PyQt6.QtWidgets import QSizePolicy, QWidget

from core.figure_style import STYLES, Stroke, method_stroke
from tlmri_gui import theme
from tlmri_gui.models.profile import EMPTY, ProfileCurve, ProfileState
from tlmri_gui.study_state import CurveKind
from tlmri_gui.widgets.study_plot import SMALL_POINTS, sized

_STYLE = STYLES["dark"].item
"""Of figures on a ground like the window's."""
_OWN_WIDTH, _WIDTH = 3.2, 1.6
MEASURE = "magnitude"
"""What the values are; their units are the scan's own."""
_TICK_GAP = 10.0
"""Least room between two labels of an axis, pixels."""
_Align = Qt.AlignmentFlag


def curve_pen(curve: ProfileCurve) -> QPen:
    """The pen of a curve: thick for the scan's own, else as in the figures of profiles."""
    if curve.kind is CurveKind.NATIVE:
        pen = QPen(QColor(theme.TEXT), _OWN_WIDTH)
    else:
        pen = _method_pen(method_stroke(_STYLE, curve.colour, curve.kind is CurveKind.SOURCE))
    pen.setJoinStyle(Qt.PenJoinStyle.RoundJoin)
    return pen


def _method_pen(stroke: Stroke) -> QPen:
    pen = QPen(QColor(stroke.colour), _WIDTH)
    pen.setCapStyle(Qt.PenCapStyle.FlatCap)  # other caps would fill the gaps
    if stroke.dashes:
        pen.setDashPattern(stroke.dashes)
    return pen


class ProfilePlot(QWidget):
    """Draws a :class:`ProfileState`.

    Signals
    -------
    pointed
        The pointer is over this pixel of the line, counted from its beginning; None once it left.
    """

    pointed = pyqtSignal(object)

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._state = EMPTY
        self._marked: int | None = None
        self.setMouseTracking(True)
        self.setMinimumSize(240, 90)
        self.setSizePolicy(QSizePolicy.Policy.Expanding, QSizePolicy.Policy.Expanding)

    def sizeHint(self) -> QSize:
        """Large enough to read."""
        return QSize(600, 150)

    def set_state(self, state: ProfileState) -> None:
        """Show these curves; emits nothing."""
        self._state = state
        self.set_marked(self._marked)
        self.update()

    def set_marked(self, pixel: int | None) -> None:
        """Mark a pixel of the line and print its values; emits nothing."""
        n = len(self._state.positions)
        self._marked = pixel if pixel is not None and 0 <= pixel < n else None
        self.update()

    @property
    def marked_lines(self) -> tuple[str, ...]:
        """What is said of the marked pixel: its position, then every curve's value."""
        if self._marked is None:
            return ()
        state, pixel = self._state, self._marked
        values = [
            f"{float(curve.values[pixel]):.4g}  {curve.label}"
            for curve in state.curves
            if curve.values is not None
        ]
        return (f"{state.positions[pixel]:.4g} {state.label}", *values)

    # places ------------------------------------------------------------------------------------

    def field(self) -> QRectF:
        """The part of the widget that the axes enclose."""
        small = QFontMetricsF(sized(self, SMALL_POINTS))
        widest = max((small.horizontalAdvance(text) for _, text in self._value_ticks()), default=0)
        left, top = widest + theme.SPACE + 2 + small.height(), small.height() / 2
        below = small.height() + 6
        return QRectF(left, top, self.width() - left - 14, self.height() - top - below)

    def at(self, position: float, value: float) -> QPointF:
        """Where a value is drawn."""
        field = self.field()
        return QPointF(
            field.left() + self._state.x.place(position) * field.width(),
            field.bottom() - self._state.y.place(value) * field.height(),
        )

    def _value_ticks(self) -> list[tuple[float, str]]:
        """Ticks of the values, as many as there is height for."""
        axis = self._state.y
        ticks = [tick for tick in axis.ticks if tick >= 0]
        line = QFontMetricsF(sized(self, SMALL_POINTS)).height() + 2
        most = max(int((self.height() - 3 * line) / line), 2)
        ticks = ticks[:: math.ceil(len(ticks) / most) or 1]
        return [(tick, format(tick, axis.digits)) for tick in ticks]

    # the pointer -------------------------------------------------------------------------------

    def mouseMoveEvent(self, a0: QMouseEvent | None) -> None:
        """Say which pixel is meant."""
        if a0 is not None:
            self.pointed.emit(self._pixel(a0.position()))

    def leaveEvent(self, a0: QEvent | None) -> None:  # noqa: ARG002
        """Say nothing more."""
        self.pointed.emit(None)

    def _pixel(self, where: QPointF) -> int | None:
        """The pixel of the line at a point; None beside the field."""
        field, n = self.field(), len(self._state.positions)
        if n == 0 or not field.left() - 4 <= where.x() <= field.right() + 4:
            return None
        part = (where.x() - field.left()) / max(field.width(), 1.0)
        return min(max(round(part * (n - 1)), 0), n - 1)

    # painting ----------------------------------------------------------------------------------

    def paintEvent(self, a0: QPaintEvent | None) -> None:  # noqa: ARG002
        """Draw axes, curves, and what the pointer means."""
        painter = QPainter(self)
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        if self._state.line is None:
            painter.setPen(QColor(theme.MUTED))
            painter.drawText(QRectF(self.rect()), int(_Align.AlignCenter), self._state.note)
        else:
            self._paint_axes(painter)
            self._paint_curves(painter)
            self._paint_marked(painter)
        painter.end()

    def _paint_axes(self, painter: QPainter) -> None:
        painter.setFont(sized(self, SMALL_POINTS))
        field, state = self.field(), self._state
        height = painter.fontMetrics().height()
        for value, text in self._value_ticks():
            y = self.at(0, value).y()
            self._grid(painter, QPointF(field.left(), y), QPointF(field.right(), y))
            box = QRectF(0, y - height / 2, field.left() - theme.SPACE, height)
            painter.drawText(box, int(_Align.AlignRight | _Align.AlignVCenter), text)
        self._paint_positions(painter, height)
        self._paint_measure(painter, height)
        painter.setPen(QColor(theme.TEXT))
        corners = field.adjusted(theme.SPACE, 2, -theme.SPACE, 0)
        painter.drawText(corners, int(_Align.AlignLeft | _Align.AlignTop), state.ends[0])
        painter.drawText(corners, int(_Align.AlignRight | _Align.AlignTop), state.ends[1])

    def _paint_measure(self, painter: QPainter, height: float) -> None:
        """What the values are, upright beside their axis."""
        field = self.field()
        painter.save()
        painter.setPen(QColor(theme.MUTED))
        painter.translate(0.0, field.bottom())
        painter.rotate(-90)
        painter.drawText(QRectF(0, 0, field.height(), height), int(_Align.AlignCenter), MEASURE)
        painter.restore()

    def _paint_positions(self, painter: QPainter, height: float) -> None:
        """What they are, at the right end; ticks, of which those are named that have room."""
        field, edge = self.field(), -math.inf
        foot = QRectF(field.left(), field.bottom() + 3, field.width() + 12, height)
        label = painter.fontMetrics().horizontalAdvance(self._state.label)
        painter.drawText(foot, int(_Align.AlignRight), self._state.label)
        for tick in self._state.x.ticks:
            x = self.at(tick, 0).x()
            self._grid(painter, QPointF(x, field.top()), QPointF(x, field.bottom()))
            text = format(tick, self._state.x.digits)
            width = painter.fontMetrics().horizontalAdvance(text) + 2.0
            is_free = x + width / 2 + _TICK_GAP < foot.right() - label
            if is_free and x - width / 2 > edge + _TICK_GAP:
                box = QRectF(x - width / 2, field.bottom() + 3, width, height)
                painter.drawText(box, int(_Align.AlignCenter), text)
                edge = x + width / 2

    def _grid(self, painter: QPainter, start: QPointF, end: QPointF) -> None:
        painter.setPen(QPen(QColor(theme.RAISED), 1))
        painter.drawLine(start, end)
        painter.setPen(QColor(theme.MUTED))

    def _paint_curves(self, painter: QPainter) -> None:
        """The scan's own first, so that the methods lie over it."""
        painter.save()
        painter.setClipRect(self.field().adjusted(-2, -2, 2, 2))
        for curve in self._state.curves:
            if curve.values is not None:
                painter.setPen(curve_pen(curve))
                painter.drawPolyline(self._polyline(curve.values))
        painter.restore()

    def _polyline(self, values: np.ndarray) -> QPolygonF:
        finite = np.flatnonzero(np.isfinite(values))
        return QPolygonF([self.at(self._state.positions[i], float(values[i])) for i in finite])

    def _paint_marked(self, painter: QPainter) -> None:
        if self._marked is None:
            return
        field, position = self.field(), self._state.positions[self._marked]
        x = self.at(position, 0).x()
        painter.setPen(QPen(QColor(theme.ACCENT), 1))
        painter.drawLine(QPointF(x, field.top()), QPointF(x, field.bottom()))
        shown = [curve for curve in self._state.curves if curve.values is not None]
        painter.setPen(Qt.PenStyle.NoPen)
        for curve in shown:
            assert curve.values is not None
            value = float(curve.values[self._marked])
            if math.isfinite(value):
                painter.setBrush(curve_pen(curve).color())
                painter.drawEllipse(self.at(position, value), 3.0, 3.0)
        painter.setBrush(Qt.BrushStyle.NoBrush)
        self._paint_values(
            painter, x, [QColor(theme.MUTED), *(curve_pen(c).color() for c in shown)]
        )

    def _paint_values(self, painter: QPainter, x: float, colours: Sequence[QColor]) -> None:
        """The values beside the mark, on whichever side there is room."""
        texts = self.marked_lines
        metrics, field = painter.fontMetrics(), self.field()
        line = metrics.lineSpacing()
        width = max(metrics.horizontalAdvance(text) for text in texts) + 2 * theme.SPACE
        left = x + 10 if x + 10 + width <= field.right() else x - 10 - width
        box = QRectF(max(left, 0.0), 1.0, width, len(texts) * line + theme.SPACE)
        ground = QColor(theme.RAISED)
        ground.setAlphaF(0.92)
        painter.setPen(QPen(QColor(theme.OUTLINE), 1))
        painter.setBrush(ground)
        painter.drawRoundedRect(box, 5, 5)
        painter.setBrush(Qt.BrushStyle.NoBrush)
        for i, (text, colour) in enumerate(zip(texts, colours, strict=True)):
            painter.setPen(colour)
            row = QRectF(box.left() + theme.SPACE, box.top() + 4 + i * line, width, line)
            painter.drawText(row, int(_Align.AlignVCenter), text)
