"""Box plots of errors by tissue, lying: a line of the plot for each method of each tissue."""

from __future__ import annotations

from collections.abc import Iterator

from PyQt6.QtCore import QEvent, QPointF, QRectF, QSize, Qt
from PyQt6.QtGui import QColor, QFontMetricsF, QMouseEvent, QPainter, QPaintEvent, QPen
from PyQt6.QtWidgets import QSizePolicy, QToolTip, QWidget

from tlmri_gui import theme
from tlmri_gui.models.fingerprint_boxes import Box, BoxesState, TissueBoxes
from tlmri_gui.models.fingerprint_strokes import MethodStroke
from tlmri_gui.widgets.fingerprint_pens import method_pen
from tlmri_gui.widgets.study_plot import SMALL_POINTS, sized

_LEAST_BOX, _MOST_BOX = 5.0, 16.0
"""Height of a box with the gap to the next, pixels."""
_FEWEST = 3
"""A tissue has room for so many boxes, and for a line of text; and for one more than it has."""
_GAP = 4.0
"""Between tissues, pixels."""
_FILL = 0.55
"""Opacity of a box."""
_ARROW = 5.0
_Align = Qt.AlignmentFlag


def box_pen(stroke: MethodStroke) -> QPen:
    """Pen of a method's boxes: its colour, with dashes only where networks have run out of them."""
    pen = method_pen(stroke, 1.3)
    if not stroke.is_network:
        pen.setStyle(Qt.PenStyle.SolidLine)
    return pen


def _room_for(tissue: TissueBoxes) -> int:
    """Boxes that there is room for: with the air that tells one tissue from the next."""
    return max(len(tissue.boxes) + 1, _FEWEST)


class BoxPlot(QWidget):
    """Draws a :class:`BoxesState`; the box under the pointer says its figures."""

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._state = BoxesState()
        self.setAccessibleName("Box plots of errors by tissue")
        self.setMouseTracking(True)
        self.setSizePolicy(QSizePolicy.Policy.Expanding, QSizePolicy.Policy.Expanding)
        self.set_state(self._state)

    def sizeHint(self) -> QSize:
        """Large enough for all boxes."""
        return self.minimumSize()

    @property
    def state(self) -> BoxesState:
        """What is drawn."""
        return self._state

    def set_state(self, state: BoxesState) -> None:
        """Show these boxes; emits nothing."""
        self._state = state
        least = self._n_boxes() * _LEAST_BOX + len(state.tissues) * _GAP
        self.setMinimumSize(200, round(max(least + self._head() + 4, 80)))
        self.update()

    # places ------------------------------------------------------------------------------------

    def _n_boxes(self) -> int:
        return sum(_room_for(tissue) for tissue in self._state.tissues)

    def _head(self) -> float:
        return QFontMetricsF(sized(self, SMALL_POINTS)).height() + 8

    def field(self) -> QRectF:
        """The part of the widget that the axes enclose."""
        metrics = QFontMetricsF(sized(self, SMALL_POINTS))
        names = [tissue.tissue for tissue in self._state.tissues]
        truths = [self.truth_heading, *(tissue.truth for tissue in self._state.tissues)]
        widest = max((metrics.horizontalAdvance(name) for name in names), default=0.0)
        beside = max((metrics.horizontalAdvance(truth) for truth in truths), default=0.0)
        left = min(widest + beside + 3 * theme.SPACE, 0.6 * self.width())
        top = self._head()
        return QRectF(left, top, self.width() - left - 12, self.height() - top - 4)

    @property
    def truth_heading(self) -> str:
        """What stands above the tissues' true means."""
        return f"true, {self._state.parameter.unit}"

    def _box_height(self) -> float:
        room = self.field().height() - len(self._state.tissues) * _GAP
        return min(max(room / max(self._n_boxes(), 1), _LEAST_BOX), _MOST_BOX)

    def rows(self) -> Iterator[tuple[TissueBoxes, QRectF]]:
        """Each tissue with the strip that its boxes lie in."""
        field, height = self.field(), self._box_height()
        y = field.top()
        for tissue in self._state.tissues:
            tall = _room_for(tissue) * height
            yield tissue, QRectF(field.left(), y, field.width(), tall)
            y += tall + _GAP

    def boxes(self) -> Iterator[tuple[Box, QRectF]]:
        """Each box with the strip that it lies in."""
        height = self._box_height()
        for tissue, strip in self.rows():
            top = strip.center().y() - len(tissue.boxes) * height / 2
            for i, box in enumerate(tissue.boxes):
                yield box, QRectF(strip.left(), top + i * height, strip.width(), height)

    def at(self, percent: float) -> float:
        """Where an error is drawn, pixels from the left; beyond the axis at its end."""
        field = self.field()
        part = min(max(self._state.x.place(percent), 0.0), 1.0)
        return field.left() + part * field.width()

    # the pointer -------------------------------------------------------------------------------

    def mouseMoveEvent(self, a0: QMouseEvent | None) -> None:
        """Say the figures of the box that is meant."""
        if a0 is None:
            return
        words = self.words_at(a0.position())
        QToolTip.showText(a0.globalPosition().toPoint(), "\n".join(words), self)

    def words_at(self, where: QPointF) -> tuple[str, ...]:
        """What is said of the box at a point; nothing where there is none."""
        for box, strip in self.boxes():
            if strip.contains(where):
                return box.words
        return ()

    def leaveEvent(self, a0: QEvent | None) -> None:  # noqa: ARG002
        """Say nothing more."""
        QToolTip.hideText()

    # painting ----------------------------------------------------------------------------------

    def paintEvent(self, a0: QPaintEvent | None) -> None:  # noqa: ARG002
        """Draw axis, names and boxes."""
        painter = QPainter(self)
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        if not self._state.tissues:
            painter.setPen(QColor(theme.MUTED))
            area = QRectF(self.rect()).adjusted(theme.SPACE, 0, -theme.SPACE, 0)
            flags = int(_Align.AlignCenter | Qt.TextFlag.TextWordWrap)
            painter.drawText(area, flags, self._state.note)
        else:
            painter.setFont(sized(self, SMALL_POINTS))
            self._paint_axis(painter)
            for tissue, strip in self.rows():
                self._paint_name(painter, tissue, strip)
            for box, strip in self.boxes():
                self._paint_box(painter, box, strip)
        painter.end()

    def _paint_axis(self, painter: QPainter) -> None:
        field, ticks = self.field(), self._state.x.ticks
        bottom = max((strip.bottom() for _, strip in self.rows()), default=field.bottom()) + 2
        for tick in ticks:
            x = self.at(tick)
            painter.setPen(QPen(QColor(theme.TEXT if tick == 0 else theme.OUTLINE), 1))
            painter.drawLine(QPointF(x, field.top()), QPointF(x, bottom))
        painter.setPen(QColor(theme.MUTED))
        heading = QRectF(0, 0, field.left() - theme.SPACE, field.top() - 4)
        sides = int(_Align.AlignRight | _Align.AlignVCenter)
        painter.drawText(heading, sides, self.truth_heading)
        for text, place in self.tick_places():
            painter.drawText(place, int(_Align.AlignHCenter | _Align.AlignVCenter), text)

    def tick_places(self) -> list[tuple[str, QRectF]]:
        """What is said above the ticks, the truth and the ends first, where there is room."""
        metrics = QFontMetricsF(sized(self, SMALL_POINTS))
        ticks, found = self._state.x.ticks, list[tuple[str, QRectF]]()
        for tick in sorted(ticks, key=lambda tick: (tick != 0, -abs(tick))):
            text = f"{tick:+g}".replace("-", "−") if tick else "truth"
            text += " %" if tick == ticks[-1] and tick else ""
            width = metrics.horizontalAdvance(text) + 2.0
            least = self.field().left() - theme.SPACE / 2
            left = min(max(self.at(tick) - width / 2, least), self.width() - width)
            place = QRectF(left, 0, width, self.field().top() - 4)
            if not any(place.adjusted(-6, 0, 6, 0).intersects(other) for _, other in found):
                found.append((text, place))
        return found

    def _paint_name(self, painter: QPainter, tissue: TissueBoxes, strip: QRectF) -> None:
        """Its name to the left, its true mean close to the boxes."""
        metrics = painter.fontMetrics()
        height = metrics.height()
        place = QRectF(0, strip.center().y() - height / 2, strip.left() - theme.SPACE, height)
        painter.setPen(QColor(theme.MUTED))
        painter.drawText(place, int(_Align.AlignRight | _Align.AlignVCenter), tissue.truth)
        room = place.width() - metrics.horizontalAdvance(tissue.truth) - theme.SPACE
        name = metrics.elidedText(tissue.tissue, Qt.TextElideMode.ElideRight, int(room))
        painter.setPen(QColor(theme.TEXT))
        painter.drawText(place, int(_Align.AlignLeft | _Align.AlignVCenter), name)

    def _paint_box(self, painter: QPainter, box: Box, strip: QRectF) -> None:
        pen = box_pen(box.stroke)
        y, half = strip.center().y(), 0.36 * strip.height()
        painter.setPen(pen)
        painter.drawLine(QPointF(self.at(box.low), y), QPointF(self.at(box.high), y))
        fill = QColor(pen.color())
        fill.setAlphaF(_FILL)
        body = QRectF(
            QPointF(self.at(box.q1), y - half),
            QPointF(max(self.at(box.q3), self.at(box.q1) + 1), y + half),
        )
        painter.fillRect(body, fill)
        painter.drawRect(body)
        if self._state.x.holds(box.middle):
            painter.setPen(QPen(QColor(theme.TEXT), 2))
            x = self.at(box.middle)
            painter.drawLine(QPointF(x, y - half), QPointF(x, y + half))
        painter.setPen(pen)
        for is_beyond, end, side in (
            (box.low < self._state.x.low, self.field().left(), 1.0),
            (box.high > self._state.x.high, self.field().right(), -1.0),
        ):
            if is_beyond:
                self._paint_arrow(painter, QPointF(end, y), side)

    def _paint_arrow(self, painter: QPainter, tip: QPointF, side: float) -> None:
        """The box goes on beyond the axis."""
        for up in (-1.0, 1.0):
            painter.drawLine(tip, tip + QPointF(side * _ARROW, up * _ARROW / 2 + up))
