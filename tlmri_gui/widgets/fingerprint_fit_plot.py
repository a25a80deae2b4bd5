"""The signal of one voxel over the read-outs: measured as points, fitted as curves."""

from __future__ import annotations

from itertools import pairwise

import numpy as np
from PyQt6.QtCore import QEvent, QPointF, QRectF, QSize, Qt
from PyQt6.QtGui import QColor, QFontMetricsF, QMouseEvent, QPainter, QPaintEvent, QPen, QPolygonF
from PyQt6.QtWidgets import QSizePolicy, QToolTip, QWidget

from tlmri_gui import theme
from tlmri_gui.models.fingerprint_fit import EMPTY, FitState, SegmentMark
from tlmri_gui.widgets.fingerprint_pens import method_pen
from tlmri_gui.widgets.study_plot import SMALL_POINTS, sized

READOUT = "read-out"
_POINT = 1.4
_MARK_POINTS = 8.5
_Align = Qt.AlignmentFlag


class FitPlot(QWidget):
    """Draws a :class:`FitState`; the segment under the pointer says its preparation."""

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._state = EMPTY
        self.setAccessibleName("Signal of a voxel, measured and fitted")
        self.setMouseTracking(True)
        self.setMinimumSize(200, 110)
        self.setSizePolicy(QSizePolicy.Policy.Expanding, QSizePolicy.Policy.Expanding)

    def sizeHint(self) -> QSize:
        """Large enough to read."""
        return QSize(440, 240)

    @property
    def state(self) -> FitState:
        """What is drawn."""
        return self._state

    def set_state(self, state: FitState) -> None:
        """Show this signal; emits nothing."""
        self._state = state
        self.update()

    # places ------------------------------------------------------------------------------------

    def field(self) -> QRectF:
        """The part of the widget that the axes enclose."""
        small = QFontMetricsF(sized(self, SMALL_POINTS))
        widest = max(
            (small.horizontalAdvance(self._worded(t)) for t in self._state.y.ticks), default=0
        )
        left, top = widest + theme.SPACE, small.height() + 6
        foot = 2 * small.height() + 4
        return QRectF(left, top, self.width() - left - 10, self.height() - top - foot)

    def at(self, readout: float, value: float) -> QPointF:
        """Where a value is drawn; read-outs count from 1."""
        field, state = self.field(), self._state
        return QPointF(
            field.left() + state.x.place(readout) * field.width(),
            field.bottom() - state.y.place(value) * field.height(),
        )

    def _worded(self, tick: float) -> str:
        return format(tick, self._state.y.digits).replace("-", "−")

    def mark_places(self) -> list[tuple[SegmentMark, QRectF]]:
        """Each segment with the part of the field that its read-outs take."""
        field, marks = self.field(), self._state.segments
        ends = [mark.start for mark in marks[1:]] + [len(self._state.measured)]
        found = []
        for mark, end in zip(marks, ends, strict=True):
            left, right = self.at(mark.start + 0.5, 0).x(), self.at(end + 0.5, 0).x()
            found.append((mark, QRectF(left, field.top(), right - left, field.height())))
        return found

    # the pointer -------------------------------------------------------------------------------

    def mouseMoveEvent(self, a0: QMouseEvent | None) -> None:
        """Say how the segment that is meant is prepared."""
        if a0 is not None:
            words = self.words_at(a0.position())
            QToolTip.showText(a0.globalPosition().toPoint(), words, self)

    def words_at(self, where: QPointF) -> str:
        """How the segment at a point is prepared."""
        for i, (mark, place) in enumerate(self.mark_places(), 1):
            if place.left() <= where.x() < place.right():
                return f"Segment {i}: {mark.words}"
        return ""

    def leaveEvent(self, a0: QEvent | None) -> None:  # noqa: ARG002
        """Say nothing more."""
        QToolTip.hideText()

    # painting ----------------------------------------------------------------------------------

    def paintEvent(self, a0: QPaintEvent | None) -> None:  # noqa: ARG002
        """Draw axes, segments, points and curves."""
        painter = QPainter(self)
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        if not len(self._state.measured):
            painter.setPen(QColor(theme.MUTED))
            area = QRectF(self.rect()).adjusted(theme.SPACE, 0, -theme.SPACE, 0)
            flags = int(_Align.AlignCenter | Qt.TextFlag.TextWordWrap)
            painter.drawText(area, flags, self._state.note)
        else:
            self._paint_axes(painter)
            self._paint_segments(painter)
            self._paint_curves(painter)
            self._paint_points(painter)
        painter.end()

    def _paint_axes(self, painter: QPainter) -> None:
        painter.setFont(sized(self, SMALL_POINTS))
        field, state = self.field(), self._state
        height = painter.fontMetrics().height()
        for tick in state.y.ticks:
            y = self.at(1, tick).y()
            painter.setPen(QPen(QColor(theme.MUTED if tick == 0 else theme.RAISED), 1))
            painter.drawLine(QPointF(field.left(), y), QPointF(field.right(), y))
            painter.setPen(QColor(theme.MUTED))
            box = QRectF(0, y - height / 2, field.left() - 4, height)
            painter.drawText(box, int(_Align.AlignRight | _Align.AlignVCenter), self._worded(tick))
        for tick in state.x.ticks:
            text = f"{tick:g}"
            width = painter.fontMetrics().horizontalAdvance(text) + 2.0
            box = QRectF(self.at(tick, 0).x() - width / 2, field.bottom() + 3, width, height)
            painter.drawText(box, int(_Align.AlignCenter), text)
        foot = QRectF(field.left(), field.bottom() + height, field.width(), height)
        painter.drawText(foot, int(_Align.AlignRight), READOUT)

    def _paint_segments(self, painter: QPainter) -> None:
        """Borders of the segments, and above them how each is prepared."""
        painter.setFont(sized(self, _MARK_POINTS))
        metrics = painter.fontMetrics()
        edge = 0.0
        for mark, place in self.mark_places():
            painter.setPen(QPen(QColor(theme.OUTLINE), 1))
            painter.drawLine(place.topLeft(), place.bottomLeft())
            width = metrics.horizontalAdvance(mark.short) + 2.0
            left = place.center().x() - width / 2
            if left >= edge:
                painter.setPen(QColor(theme.MUTED))
                box = QRectF(left, 0, width, place.top() - 2)
                painter.drawText(box, int(_Align.AlignCenter), mark.short)
                edge = left + width + 4

    def _paint_points(self, painter: QPainter) -> None:
        painter.setPen(Qt.PenStyle.NoPen)
        painter.setBrush(QColor(theme.TEXT))
        for i, value in enumerate(self._state.measured.tolist(), 1):
            if np.isfinite(value):
                painter.drawEllipse(self.at(i, value), _POINT, _POINT)
        painter.setBrush(Qt.BrushStyle.NoBrush)

    def _paint_curves(self, painter: QPainter) -> None:
        """Segment by segment: what is prepared anew does not go on from before."""
        starts = [*(mark.start for mark in self._state.segments), len(self._state.measured)]
        for curve in self._state.curves:
            painter.setPen(method_pen(curve.stroke))
            for start, end in pairwise(starts):
                points = [self.at(i + 1, float(curve.fitted[i])) for i in range(start, end)]
                painter.drawPolyline(QPolygonF(points))
