"""One panel of a study's curves: a figure of merit against the number of tuning images."""

from __future__ import annotations

import math
from collections.abc import Sequence

from PyQt6.QtCore import QEvent, QPointF, QRectF, QSize, Qt, pyqtSignal
from PyQt6.QtGui import (
    QBrush,
    QColor,
    QFont,
    QFontMetricsF,
    QLinearGradient,
    QMouseEvent,
    QPainter,
    QPaintEvent,
    QPen,
    QPolygonF,
)
from PyQt6.QtWidgets import QWidget

from tlmri_gui import theme
from tlmri_gui.models.study_axes import count_place
from tlmri_gui.models.study_curves import CurvePanel, Metric, Series, hover_lines
from tlmri_gui.study_state import CurveKind, StudyPoint
from tlmri_gui.widgets.flow import flow

COLOURS = {
    CurveKind.SOURCE: ("#5aa9ff", "#f2b84b", "#d58cff", "#5fd7c8", "#ff8f6b", "#b6d957"),
    CurveKind.NATIVE: (theme.TEXT,),
    CurveKind.BASELINE: (
        "#9aa5b1",
        "#6fbf73",
        "#e08a9b",
        "#c79a6b",
        "#8f9ff0",
        "#b9b35f",
        "#d58cd0",
    ),
}
_LINES = {
    CurveKind.SOURCE: (Qt.PenStyle.SolidLine,) * 6 + (Qt.PenStyle.DashLine,) * 6,
    CurveKind.NATIVE: (Qt.PenStyle.DashLine,),
    CurveKind.BASELINE: (Qt.PenStyle.DotLine, Qt.PenStyle.DashDotLine),
}
LARGE_POINTS, SMALL_POINTS = 11.5, 10.0
_REACH = 28.0
"""How near to a point the pointer must be to mean it, pixels."""
_MARK = 4.5
_SAMPLE = 20
"""Length of the piece of line beside a value beyond the axis, pixels."""
_CAP = 4.0
_BAR_WIDTH, _BAR_ALPHA = 1.4, 0.75
_FADE = 24.0
"""Length of what is drawn of a bar that goes on beyond the axis, pixels."""
_BESIDE = 3.0
"""Bars of one curve stand so many pixels beside those of the one before."""


def pen(series: Series, width: float = 2.4) -> QPen:
    """Colour and dashes of a curve."""
    colours = COLOURS[series.kind]
    styles = _LINES[series.kind]
    made = QPen(QColor(colours[series.colour % len(colours)]), width)
    made.setStyle(styles[series.colour % len(styles)])
    made.setCapStyle(Qt.PenCapStyle.RoundCap)
    made.setJoinStyle(Qt.PenJoinStyle.RoundJoin)
    return made


def sized(widget: QWidget, points: float, bold: bool = False) -> QFont:
    """The widget's font in another size."""
    font = QFont(widget.font())
    font.setPointSizeF(points)
    font.setBold(bold)
    return font


class StudyPlot(QWidget):
    """Draws a :class:`CurvePanel`; the point under the pointer says its values.

    Signals
    -------
    point_chosen
        The user clicked a point; carries the :class:`StudyPoint`.
    """

    point_chosen = pyqtSignal(object)

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._panel: CurvePanel | None = None
        self._metric: Metric | None = None
        self._hovered: tuple[Series, StudyPoint] | None = None
        self.setMouseTracking(True)
        self.setMinimumSize(190, 130)

    def sizeHint(self) -> QSize:
        """Large enough to read."""
        return QSize(340, 260)

    def set_panel(self, panel: CurvePanel, metric: Metric) -> None:
        """Show these curves."""
        self._panel, self._metric = panel, metric
        self._hovered = None
        self.update()

    @property
    def hover_text(self) -> tuple[str, ...]:
        """What is said of the point under the pointer; empty if there is none."""
        if self._hovered is None or self._metric is None:
            return ()
        return hover_lines(self._hovered[1], self._metric)

    # places ------------------------------------------------------------------------------------

    def field(self) -> QRectF:
        """The part of the widget that the axes enclose."""
        small = QFontMetricsF(sized(self, SMALL_POINTS))
        large = QFontMetricsF(sized(self, LARGE_POINTS, bold=True))
        widest = max((small.horizontalAdvance(text) for _, text in self._value_ticks()), default=0)
        left, top = widest + theme.SPACE + 2, large.height() + 6
        width = self.width() - left - 10
        beyond = self._beyond_places(width)
        bottom = small.height() + 6 + (beyond[-1].bottom() + 2 if beyond else 0.0)
        return QRectF(left, top, width, self.height() - top - bottom)

    def _beyond_places(self, width: float) -> list[QRectF]:
        """Places of the values beyond the axis, in the strip at the foot of the panel."""
        small = QFontMetricsF(sized(self, SMALL_POINTS))
        widths = [
            _SAMPLE + theme.SPACE // 2 + small.horizontalAdvance(text)
            for _, text in self._beyond_texts()
        ]
        return flow(widths, width, 1.5 * theme.SPACE, small.lineSpacing())

    def _beyond_corner(self) -> QPointF:
        """Top left of the strip, below the ticks."""
        field, small = self.field(), QFontMetricsF(sized(self, SMALL_POINTS))
        return QPointF(field.left(), field.bottom() + small.height() + 4)

    def _beyond_texts(self) -> list[tuple[Series, str]]:
        """Baselines beyond the axis with their values, the best first."""
        if self._panel is None or self._metric is None:
            return []
        metric = self._metric
        means = [(metric.of(series.points[-1]).mean, series) for series in self._panel.beyond]
        ordered = sorted(means, key=lambda pair: -metric.sense * pair[0])
        return [(series, f"{metric.arrow} {mean:{metric.digits}}") for mean, series in ordered]

    def place(self, point: StudyPoint) -> QPointF:
        """Where a point is drawn."""
        assert self._metric is not None
        return self._at(count_place(point.n_images), self._metric.of(point).mean)

    def _at(self, x: float, y: float) -> QPointF:
        assert self._panel is not None
        field = self.field()
        return QPointF(
            field.left() + self._panel.x.place(x) * field.width(),
            field.bottom() - self._panel.y.place(y) * field.height(),
        )

    def _value_ticks(self) -> Sequence[tuple[float, str]]:
        axis = self._panel.y if self._panel else None
        return [(tick, format(tick, axis.digits)) for tick in axis.ticks] if axis else []

    # the pointer -------------------------------------------------------------------------------

    def mouseMoveEvent(self, a0: QMouseEvent | None) -> None:
        """Find the point that is meant."""
        if a0 is not None:
            self._hover(self._nearest(a0.position()))

    def mousePressEvent(self, a0: QMouseEvent | None) -> None:
        """Choose the point that is meant."""
        found = self._nearest(a0.position()) if a0 is not None else None
        if found is not None:
            self.point_chosen.emit(found[1])

    def leaveEvent(self, a0: QEvent | None) -> None:  # noqa: ARG002
        """Say nothing more."""
        self._hover(None)

    def _hover(self, found: tuple[Series, StudyPoint] | None) -> None:
        if found != self._hovered:
            self._hovered = found
            self.update()

    def _nearest(self, where: QPointF) -> tuple[Series, StudyPoint] | None:
        field = self.field()
        if where.y() > field.bottom():
            return self._beyond_at(where - self._beyond_corner())
        best, least = None, _REACH
        for series in self._panel.series if self._panel else ():
            for point in series.points:
                away = where - self.place(point)
                if series.is_level:
                    away.setX(0.0)
                distance = math.hypot(away.x(), away.y())
                if distance < least:
                    best, least = (series, point), distance
        return best

    def _beyond_at(self, where: QPointF) -> tuple[Series, StudyPoint] | None:
        """The baseline beyond the axis at a point of their strip."""
        places = self._beyond_places(self.field().width())
        for (series, _), place in zip(self._beyond_texts(), places, strict=True):
            if place.contains(where):
                return series, series.points[-1]
        return None

    # painting ----------------------------------------------------------------------------------

    def paintEvent(self, a0: QPaintEvent | None) -> None:  # noqa: ARG002
        """Draw axes, curves, and what the pointer means."""
        if self._panel is None:
            return
        painter = QPainter(self)
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        self._paint_axes(painter, self._panel)
        for series in reversed(self._panel.series):  # the sources on top
            self._paint_series(painter, series)
        self._paint_beyond(painter)
        if self._hovered is not None:
            self._paint_hover(painter, *self._hovered)
        painter.end()

    def _paint_axes(self, painter: QPainter, panel: CurvePanel) -> None:
        field = self.field()
        painter.setPen(QColor(theme.TEXT))
        painter.setFont(sized(self, LARGE_POINTS, bold=True))
        top = QRectF(field.left(), 0, field.width(), field.top() - 4)
        painter.drawText(top, Qt.AlignmentFlag.AlignCenter, f"R = {panel.acceleration:g}")
        painter.setFont(sized(self, SMALL_POINTS))
        height = painter.fontMetrics().height()
        for value, text in self._value_ticks():
            y = self._at(0, value).y()
            self._grid(painter, QPointF(field.left(), y), QPointF(field.right(), y))
            box = QRectF(0, y - height / 2, field.left() - theme.SPACE, height)
            painter.drawText(box, Qt.AlignmentFlag.AlignRight, text)
        edge = -math.inf
        for count in panel.x.ticks:
            x = self._at(count_place(count), panel.y.low).x()
            self._grid(painter, QPointF(x, field.top()), QPointF(x, field.bottom()))
            width = painter.fontMetrics().horizontalAdvance(f"{count:g}") + 2
            if x - width / 2 > edge:
                box = QRectF(x - width / 2, field.bottom() + 3, width, height)
                painter.drawText(box, Qt.AlignmentFlag.AlignCenter, f"{count:g}")
                edge = x + width / 2 + 2

    def _grid(self, painter: QPainter, start: QPointF, end: QPointF) -> None:
        painter.setPen(QPen(QColor(theme.RAISED), 1))
        painter.drawLine(start, end)
        painter.setPen(QColor(theme.MUTED))

    def _paint_series(self, painter: QPainter, series: Series) -> None:
        line = pen(series)
        if series.is_level:
            field, y = self.field(), self.place(series.points[0]).y()
            painter.setPen(line)
            painter.drawLine(QPointF(field.left(), y), QPointF(field.right(), y))
            return
        places = [self.place(point) for point in series.points]
        self._paint_bars(painter, series, line.color())
        painter.setPen(line)
        painter.drawPolyline(QPolygonF(places))
        painter.setPen(Qt.PenStyle.NoPen)
        painter.setBrush(line.color())
        for place in places:
            painter.drawEllipse(place, _MARK, _MARK)
        painter.setBrush(Qt.BrushStyle.NoBrush)

    def _paint_bars(self, painter: QPainter, series: Series, colour: QColor) -> None:
        """Error bars; an end that lies beyond the axis fades out near the curve."""
        assert self._metric is not None
        assert self._panel is not None
        beside = QPointF(_BESIDE * series.colour, 0.0)
        for point in series.points:
            spread = self._metric.of(point)
            x = count_place(point.n_images)
            start = self._at(x, spread.mean) + beside
            for value in spread.ends:
                end = self._at(x, value) + beside
                if self._panel.y.holds(value):
                    _paint_closed(painter, start, end, colour)
                else:
                    _paint_open(painter, start, end.y() > start.y(), colour)

    def _paint_beyond(self, painter: QPainter) -> None:
        """Values that lie beyond the axis, in a strip of their own under it."""
        painter.setFont(sized(self, SMALL_POINTS))
        corner = self._beyond_corner()
        places = self._beyond_places(self.field().width())
        for (series, text), place in zip(self._beyond_texts(), places, strict=True):
            here = place.translated(corner)
            line = pen(series)
            painter.setPen(line)
            painter.drawLine(
                QPointF(here.left() + 2, here.center().y()),
                QPointF(here.left() + _SAMPLE - 2, here.center().y()),
            )
            painter.setPen(line.color())
            words = here.adjusted(_SAMPLE + theme.SPACE // 2, 0, 1, 0)
            painter.drawText(words, Qt.AlignmentFlag.AlignVCenter, text)

    def _paint_hover(self, painter: QPainter, series: Series, point: StudyPoint) -> None:
        place = self.place(point)
        painter.setBrush(Qt.BrushStyle.NoBrush)
        if not series.is_level and self.field().contains(place):
            painter.setPen(QPen(QColor(theme.TEXT), 2))
            painter.drawEllipse(place, _MARK + 3, _MARK + 3)
        painter.setFont(sized(self, SMALL_POINTS))
        box = self._hover_box(painter, place)
        painter.setPen(QPen(pen(series).color(), 1))
        painter.setBrush(QColor(theme.RAISED))
        painter.drawRoundedRect(box, 5, 5)
        painter.setPen(QColor(theme.TEXT))
        line = painter.fontMetrics().lineSpacing()
        for i, text in enumerate(self.hover_text):
            row = QRectF(box.left() + theme.SPACE, box.top() + 4 + i * line, box.width(), line)
            painter.drawText(row, Qt.AlignmentFlag.AlignVCenter, text)

    def _hover_box(self, painter: QPainter, place: QPointF) -> QRectF:
        """Beside the point, within the widget."""
        metrics = painter.fontMetrics()
        width = max(metrics.horizontalAdvance(text) for text in self.hover_text) + 2 * theme.SPACE
        height = len(self.hover_text) * metrics.lineSpacing() + theme.SPACE
        x = place.x() + 14 if place.x() + 14 + width < self.width() else place.x() - 14 - width
        y = place.y() - height / 2
        return QRectF(
            min(max(x, 1.0), max(self.width() - width - 1.0, 1.0)),
            min(max(y, 1.0), max(self.height() - height - 1.0, 1.0)),
            width,
            height,
        )


def _paint_closed(painter: QPainter, start: QPointF, end: QPointF, colour: QColor) -> None:
    """Half a bar from the mean to its end, with a cap."""
    painter.setPen(QPen(_faint(colour, _BAR_ALPHA), _BAR_WIDTH))
    painter.drawLine(start, end)
    painter.drawLine(end - QPointF(_CAP, 0), end + QPointF(_CAP, 0))


def _paint_open(painter: QPainter, start: QPointF, is_down: bool, colour: QColor) -> None:
    """The beginning of half a bar, fading out: it goes on beyond the axis."""
    end = start + QPointF(0, _FADE if is_down else -_FADE)
    fading = QLinearGradient(start, end)
    fading.setColorAt(0.0, _faint(colour, _BAR_ALPHA))
    fading.setColorAt(1.0, _faint(colour, 0.0))
    painter.setPen(QPen(QBrush(fading), _BAR_WIDTH))
    painter.drawLine(start, end)


def _faint(colour: QColor, alpha: float) -> QColor:
    made = QColor(colour)
    made.setAlphaF(alpha)
    return made
