"""One picture of the comparison: draws itself through the shared camera, turns gestures to signals.

A plain painted widget rather than a graphics view: one blit of a cached picture a repaint, no
scene, no menus, and the same camera in every pane instead of ranges that follow each other.
"""

from __future__ import annotations

from PyQt6.QtCore import QEvent, QPointF, QRectF, QSize, Qt, pyqtSignal
from PyQt6.QtGui import (
    QColor,
    QFont,
    QImage,
    QKeyEvent,
    QMouseEvent,
    QPainter,
    QPaintEvent,
    QPen,
    QPixmap,
    QResizeEvent,
    QWheelEvent,
)
from PyQt6.QtWidgets import QApplication, QSizePolicy, QWidget

from core.line_profile import COLUMN, ROW, Line
from tlmri_gui import theme
from tlmri_gui.widgets.camera import Camera

_NOTCH = 120
"""Wheel angle of one notch, eighths of a degree."""
_VOXELS_SHOW = 5.0
"""From this many pixels a voxel on, voxels are drawn as they are instead of interpolated."""

_AROUND = ((-1, -1), (-1, 1), (1, -1), (1, 1), (2, 0), (-2, 0), (0, 2), (0, -2))
"""Where the dark edge of a text lies, pixels from it."""

_Align = Qt.AlignmentFlag

_GRIP = 6.0
"""How near to the line of the profile the pointer must be to take hold of it, pixels."""
_LONG_STEP = 10
"""Lines an arrow key moves with Shift."""
_KEYS: dict[int, tuple[str, int]] = {
    Qt.Key.Key_Up: (ROW, -1),
    Qt.Key.Key_Down: (ROW, 1),
    Qt.Key.Key_Left: (COLUMN, -1),
    Qt.Key.Key_Right: (COLUMN, 1),
}


class ImagePane(QWidget):
    """A picture with edge letters, a linked cross-hair and a value under it.

    Signals
    -------
    hovered
        The cursor is over this point of the image (QPointF, mm).
    unhovered
        The cursor left.
    window_dragged
        The right button was dragged by (right, down) pixels since the last one.
    slice_step
        A notch of the wheel with Ctrl.
    line_dragged
        The line of the profile was dragged to this point of the image (QPointF, mm), or put there
        by a click.
    line_stepped
        An arrow key moved the line by so many rows or columns.
    """

    hovered = pyqtSignal(QPointF)
    unhovered = pyqtSignal()
    window_dragged = pyqtSignal(float, float)
    slice_step = pyqtSignal(int)
    line_dragged = pyqtSignal(QPointF)
    line_stepped = pyqtSignal(int)

    def __init__(self, camera: Camera, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.picture: QImage | None = None
        self._camera = camera
        self._cache = QPixmap()
        self._letters: tuple[str, str, str, str] | None = None
        self._spacing = (1.0, 1.0)
        self._status = ("", False)
        self._tag = ""
        self._best = False
        self._crosshair: QPointF | None = None
        self._readout = ""
        self._dragged_from = QPointF()
        self._pressed_at: QPointF | None = None
        self._line: Line | None = None
        self._line_before: Line | None = None
        self._holds_line = False
        self._turned = 0
        camera.changed.connect(self._redraw)
        self.setMouseTracking(True)
        self.setCursor(Qt.CursorShape.CrossCursor)
        self.setMinimumSize(120, 120)
        self.setSizePolicy(QSizePolicy.Policy.Expanding, QSizePolicy.Policy.Expanding)
        self.setAttribute(Qt.WidgetAttribute.WA_OpaquePaintEvent)

    def sizeHint(self) -> QSize:
        """The least: a scroll area gives its content this much, and what more there is."""
        return self.minimumSize()

    def set_picture(self, picture: QImage | None) -> None:
        """Show this picture, or none."""
        self.picture = picture
        self._redraw()

    def set_frame(
        self,
        spacing: tuple[float, float],
        letters: tuple[str, str, str, str] | None,
        best: bool = False,
    ) -> None:
        """Spacing (y, x) in mm, letters (left, right, top, bottom), and whether it is the best."""
        if (spacing, letters, best) != (self._spacing, self._letters, self._best):
            self._spacing, self._letters, self._best = spacing, letters, best
            self._redraw()

    def set_status(self, text: str, failed: bool = False) -> None:
        """Words in place of a picture."""
        if (text, failed) != self._status:
            self._status = (text, failed)
            self.update()

    def set_tag(self, text: str) -> None:
        """Small print in the upper left corner."""
        if text != self._tag:
            self._tag = text
            self.update()

    def set_crosshair(self, point: QPointF | None, readout: str = "") -> None:
        """Mark a point of the image (mm) and print its value."""
        if point != self._crosshair or readout != self._readout:
            self._crosshair, self._readout = point, readout
            self.update()

    def set_line(self, line: Line | None) -> None:
        """Draw the line of the profile, which the user can move, or none."""
        if line != self._line:
            self._line = line
            focus = Qt.FocusPolicy.NoFocus if line is None else Qt.FocusPolicy.ClickFocus
            self.setFocusPolicy(focus)
            self.update()

    @property
    def line(self) -> Line | None:
        """The line of the profile."""
        return self._line

    def line_point(self, line: Line) -> QPointF:
        """The middle of a line's visible part, pixels of this pane."""
        at = QPointF(self.rect().center())
        y, x = self._spacing
        place = QPointF((line.index + 0.5) * x, (line.index + 0.5) * y)
        on_line = self._camera.to_pane(place, self.width(), self.height())
        return QPointF(at.x(), on_line.y()) if line.axis == ROW else QPointF(on_line.x(), at.y())

    @property
    def readout(self) -> str:
        """The value printed at the cross-hair."""
        return self._readout

    @property
    def status(self) -> str:
        """The words in place of a picture."""
        return self._status[0]

    @property
    def tag(self) -> str:
        """The small print in the corner."""
        return self._tag

    def visible_target(self) -> QRectF:
        """Where the whole image lies in this pane, pixels."""
        return self._camera.target(self.width(), self.height())

    def paintEvent(self, a0: QPaintEvent | None) -> None:  # noqa: ARG002 - Qt's signature
        """Draw the picture and what lies over it."""
        painter = QPainter(self)
        if self._cache.isNull():
            self._cache = self._drawn()
        painter.drawPixmap(0, 0, self._cache)
        if self.picture is None:
            self._paint_status(painter)
        else:
            self._paint_line(painter)
            self._paint_crosshair(painter)
            self._paint_words(painter)
        if self._best:
            painter.setPen(QPen(QColor(theme.BEST), 2))
            painter.drawRect(self.rect().adjusted(1, 1, -1, -1))

    def _redraw(self) -> None:
        self._cache = QPixmap()
        self.update()

    def _drawn(self) -> QPixmap:
        """The picture through the camera, at the screen's own resolution."""
        ratio = self.devicePixelRatioF()
        canvas = QPixmap(self.size() * ratio)
        canvas.setDevicePixelRatio(ratio)
        canvas.fill(QColor(theme.IMAGE_GROUND))
        if self.picture is None:
            return canvas
        painter = QPainter(canvas)
        target = self.visible_target()
        pixels = ratio * target.width() / self.picture.width()
        picture = self.picture
        if pixels < 1:
            size = (target.size() * ratio).toSize()
            mode = Qt.TransformationMode.SmoothTransformation
            picture = picture.scaled(size, Qt.AspectRatioMode.IgnoreAspectRatio, mode)
        smooth = pixels < _VOXELS_SHOW
        painter.setRenderHint(QPainter.RenderHint.SmoothPixmapTransform, smooth)
        painter.drawImage(target, picture)
        painter.end()
        return canvas

    def _paint_status(self, painter: QPainter) -> None:
        words, failed = self._status
        painter.setPen(QColor(theme.ERROR if failed else theme.MUTED))
        area = QRectF(self.rect()).adjusted(12, 12, -12, -12)
        painter.drawText(area, int(_Align.AlignCenter | Qt.TextFlag.TextWordWrap), words)

    def _paint_crosshair(self, painter: QPainter) -> None:
        if self._crosshair is None:
            return
        at = self._camera.to_pane(self._crosshair, self.width(), self.height())
        colour = QColor(theme.ACCENT)
        colour.setAlpha(150)
        painter.setPen(QPen(colour, 1))
        painter.drawLine(QPointF(at.x(), 0), QPointF(at.x(), self.height()))
        painter.drawLine(QPointF(0, at.y()), QPointF(self.width(), at.y()))

    def _paint_line(self, painter: QPainter) -> None:
        """The line of the profile, thin, with a dark edge that shows it on bright pictures."""
        if self._line is None:
            return
        at = self.line_point(self._line)
        seen = self.visible_target().intersected(QRectF(self.rect()))
        if self._line.axis == ROW:
            start, end = QPointF(seen.left(), at.y()), QPointF(seen.right(), at.y())
        else:
            start, end = QPointF(at.x(), seen.top()), QPointF(at.x(), seen.bottom())
        for colour, width in ((QColor(0, 0, 0, 120), 3.0), (QColor(theme.WARNING), 1.0)):
            painter.setPen(QPen(colour, width))
            painter.drawLine(start, end)

    def _paint_words(self, painter: QPainter) -> None:
        font = QFont(self.font())
        font.setPointSizeF(max(font.pointSizeF() - 1.0, 7.0))
        painter.setFont(font)
        area = QRectF(self.rect()).adjusted(5, 4, -5, -4)
        beside = painter.fontMetrics().height() + 2
        seen = self.visible_target().adjusted(-beside, -beside, beside, beside).intersected(area)
        sides = (_Align.AlignLeft, _Align.AlignRight, _Align.AlignTop, _Align.AlignBottom)
        middle = (
            _Align.AlignVCenter,
            _Align.AlignVCenter,
            _Align.AlignHCenter,
            _Align.AlignHCenter,
        )
        for letter, side, across in zip(self._letters or (), sides, middle, strict=False):
            _shadowed(painter, seen, side | across, letter)
        tag = _broken(painter, area, self._tag)
        _shadowed(painter, area, _Align.AlignLeft | _Align.AlignTop, tag)
        _boxed(painter, area, _broken(painter, area, self._readout))

    def resizeEvent(self, a0: QResizeEvent | None) -> None:
        """Draw afresh at the new size."""
        self._cache = QPixmap()
        super().resizeEvent(a0)

    def wheelEvent(self, a0: QWheelEvent | None) -> None:
        """Zoom about the cursor; with Ctrl, ask for another slice."""
        assert a0 is not None
        a0.accept()
        angle = a0.angleDelta().y()
        if a0.modifiers() & Qt.KeyboardModifier.ControlModifier:
            self._turned += angle
            notches = int(self._turned / _NOTCH)
            self._turned -= notches * _NOTCH
            if notches:
                self.slice_step.emit(notches)
        else:
            self._camera.zoom_about(self._point(a0.position()), 1.2 ** (angle / _NOTCH))
            self.hovered.emit(self._point(a0.position()))

    def mousePressEvent(self, a0: QMouseEvent | None) -> None:
        """Begin a pan, a window drag, or take hold of the line."""
        assert a0 is not None
        self._dragged_from = a0.position()
        if a0.button() == Qt.MouseButton.LeftButton and self._line is not None:
            self._pressed_at, self._line_before = a0.position(), self._line
            self._holds_line = self._is_on_line(a0.position())

    def mouseMoveEvent(self, a0: QMouseEvent | None) -> None:
        """Move the line, pan, change the window, or point."""
        assert a0 is not None
        moved = a0.position() - self._dragged_from
        if not a0.buttons():
            self._show_cursor(a0.position())
        self._forget_click(a0.position())
        if self._holds_line:
            self.line_dragged.emit(self._point(a0.position()))
        elif a0.buttons() & Qt.MouseButton.RightButton:
            self._dragged_from = a0.position()
            self.window_dragged.emit(moved.x(), moved.y())
        elif a0.buttons() & (Qt.MouseButton.LeftButton | Qt.MouseButton.MiddleButton):
            self._dragged_from = a0.position()
            scale = self._camera.scale(self.width(), self.height())
            self._camera.move_by(-moved.x() / scale, -moved.y() / scale)
        self.hovered.emit(self._point(a0.position()))

    def mouseReleaseEvent(self, a0: QMouseEvent | None) -> None:
        """Let go of the line, or put it where a click was."""
        assert a0 is not None
        is_click = self._pressed_at is not None and not self._holds_line
        self._holds_line, self._pressed_at = False, None
        if is_click and self.visible_target().contains(a0.position()):
            self.line_dragged.emit(self._point(a0.position()))

    def mouseDoubleClickEvent(self, a0: QMouseEvent | None) -> None:
        """Show the whole image again; the line goes back to where the first click took it from."""
        assert a0 is not None
        if a0.button() == Qt.MouseButton.LeftButton:
            if self._line is not None and self._line_before is not None:
                self.line_stepped.emit(self._line_before.index - self._line.index)
            self._camera.reset()

    def _forget_click(self, at: QPointF) -> None:
        """A press that moves on is no click."""
        away = QPointF(0, 0) if self._pressed_at is None else at - self._pressed_at
        if away.manhattanLength() > QApplication.startDragDistance():
            self._pressed_at = None

    def _is_on_line(self, at: QPointF) -> bool:
        if self._line is None or self.picture is None:
            return False
        away = at - self.line_point(self._line)
        return abs(away.y() if self._line.axis == ROW else away.x()) <= _GRIP

    def _show_cursor(self, at: QPointF) -> None:
        """Say that the line can be moved where the pointer is on it."""
        shape = Qt.CursorShape.CrossCursor
        if self._line is not None and self._is_on_line(at):
            is_row = self._line.axis == ROW
            shape = Qt.CursorShape.SplitVCursor if is_row else Qt.CursorShape.SplitHCursor
        if self.cursor().shape() != shape:
            self.setCursor(shape)

    def event(self, a0: QEvent | None) -> bool:
        """Keep the arrow keys that move the line from the window's shortcuts."""
        if isinstance(a0, QKeyEvent) and self._line_step(a0):
            a0.accept()
            if a0.type() == QEvent.Type.ShortcutOverride:
                return True
        return super().event(a0)

    def keyPressEvent(self, a0: QKeyEvent | None) -> None:
        """Move the line."""
        assert a0 is not None
        step = self._line_step(a0)
        if step:
            self.line_stepped.emit(step)
        else:
            super().keyPressEvent(a0)

    def _line_step(self, key: QKeyEvent) -> int:
        """By how many rows or columns a key moves the line; 0 if it does not."""
        axis, step = _KEYS.get(key.key(), ("", 0))
        if self._line is None or axis != self._line.axis:
            return 0
        is_long = key.modifiers() & Qt.KeyboardModifier.ShiftModifier
        return step * _LONG_STEP if is_long else step

    def leaveEvent(self, a0: object) -> None:  # noqa: ARG002 - Qt's signature
        """Take the cross-hair away."""
        self.unhovered.emit()

    def _point(self, at: QPointF) -> QPointF:
        return self._camera.to_image(at, self.width(), self.height())


def _broken(painter: QPainter, area: QRectF, text: str) -> str:
    """Text in lines, broken where two spaces are, if it is too wide for one."""
    is_wide = painter.fontMetrics().horizontalAdvance(text) > area.width()
    return text.replace("  ", "\n") if is_wide else text


def _shadowed(painter: QPainter, area: QRectF, align: Qt.AlignmentFlag, text: str) -> None:
    """Text that reads on any picture: it has a dark edge all around."""
    painter.setPen(QColor(0, 0, 0, 220))
    for x, y in _AROUND:
        painter.drawText(area.translated(x, y), int(align), text)
    painter.setPen(QColor(255, 255, 255, 215))
    painter.drawText(area, int(align), text)


def _boxed(painter: QPainter, area: QRectF, text: str) -> None:
    """Text in the lower left corner, on its own ground."""
    if not text:
        return
    size = painter.fontMetrics().size(0, text)
    box = QRectF(
        area.left(), area.bottom() - size.height() - 4, size.width() + 10, size.height() + 4
    )
    painter.fillRect(box, QColor(0, 0, 0, 175))
    painter.setPen(QColor(theme.TEXT))
    painter.drawText(box, int(_Align.AlignCenter), text)
