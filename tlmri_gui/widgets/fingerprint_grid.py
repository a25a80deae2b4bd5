"""The grid of maps: rows of methods, columns of parameters, one view for all."""

from __future__ import annotations

import math

from PyQt6.QtCore import QEvent, QPointF, Qt, pyqtSignal
from PyQt6.QtGui import QColor, QFocusEvent, QKeyEvent, QPainter, QPaintEvent
from PyQt6.QtWidgets import QGridLayout, QLabel, QVBoxLayout, QWidget

from core.checkpoints import SUFFIX
from tlmri_gui import theme
from tlmri_gui.models.fingerprint_maps import FAILED, MapRow, MapsState
from tlmri_gui.widgets.camera import Camera
from tlmri_gui.widgets.fingerprint_pane import MapPane
from tlmri_gui.widgets.fingerprint_pictures import ERROR_COLOURS, MAP_COLOURS, coloured
from tlmri_gui.widgets.fingerprint_scale import MapScale
from tlmri_gui.widgets.fitting_label import FittingLabel
from tlmri_gui.widgets.labels import line
from tlmri_gui.widgets.roles import set_role

_NAMES_WIDTH = 112
_TITLE_LINES = 4
_MORE_LINES = 8
_RING = 2
"""Room for the frame that says that keys go to the maps, pixels."""
_LONG_STEP = 10
"""Voxels an arrow key moves with Shift."""
_ARROWS: dict[int, tuple[int, int]] = {
    Qt.Key.Key_Up: (-1, 0),
    Qt.Key.Key_Down: (1, 0),
    Qt.Key.Key_Left: (0, -1),
    Qt.Key.Key_Right: (0, 1),
}
_TAB_REASONS = (Qt.FocusReason.TabFocusReason, Qt.FocusReason.BacktabFocusReason)
_PIN_KEYS = (Qt.Key.Key_Space, Qt.Key.Key_Return, Qt.Key.Key_Enter)
KEYS = "Space pins a voxel or lets it go; arrow keys move the pinned one, with Shift ten voxels"


class RowName(QWidget):
    """The name of a method beside its maps, with the time they took and what else is to say.

    The tooltip has what is more than a remark.
    """

    def __init__(self) -> None:
        super().__init__()
        self.title = FittingLabel(_TITLE_LINES, keeps_end=True)
        set_role(self.title, "title")
        self.time = line("muted")
        self.more = FittingLabel(_MORE_LINES)
        set_role(self.more, "muted")
        layout = QVBoxLayout(self)
        layout.setContentsMargins(0, 0, 0, 0)
        layout.setSpacing(2)
        layout.addStretch(1)
        layout.addWidget(self.title)
        layout.addWidget(self.time)
        layout.addWidget(self.more)
        layout.addStretch(1)
        self.setFixedWidth(_NAMES_WIDTH)

    @property
    def needed_height(self) -> int:
        """In which nothing is cut off, pixels."""
        layout = self.layout()
        assert layout is not None
        return layout.totalHeightForWidth(_NAMES_WIDTH)

    def show_row(self, row: MapRow) -> None:
        """Name this row."""
        self.title.set_wordings(row.title, row.title.replace(SUFFIX, ""))
        shown = () if row.status == FAILED else row.details
        self.time.setText(shown[0] if shown else "")
        self.time.setVisible(bool(shown))
        self.more.set_wordings(shown[1] if len(shown) > 1 else "")
        self.setToolTip("\n".join((row.title, *row.details)))


class MapGrid(QWidget):
    """Shows the rows and columns of a :class:`MapsState`.

    Attributes
    ----------
    scales
        One head a column.
    panes
        Row by row.
    shows_ring
        Whether a frame says that keys go to the maps.

    Signals
    -------
    hovered, unhovered
        The pointer is over this voxel (y, x), or over none any more.
    clicked
        The user clicked this voxel (y, x).
    pin_requested
        Space: the user wants to stay with a voxel, or no longer.
    pin_stepped
        (down, right): an arrow key moved the pinned voxel by so many.
    slice_step
        A notch of the wheel with Ctrl.
    range_chosen
        (name, range): the user wants another range of a parameter's colours.
    """

    hovered = pyqtSignal(object)
    unhovered = pyqtSignal()
    clicked = pyqtSignal(object)
    pin_requested = pyqtSignal()
    pin_stepped = pyqtSignal(int, int)
    slice_step = pyqtSignal(int)
    range_chosen = pyqtSignal(str, object)

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.camera = Camera()
        self.scales: list[MapScale] = []
        self.names: list[RowName] = []
        self.panes: list[list[MapPane]] = []
        self._state = MapsState()
        self._point: QPointF | None = None
        self._pin: tuple[int, int] | None = None
        self.shows_ring = False
        self.setFocusPolicy(Qt.FocusPolicy.StrongFocus)
        self.setAccessibleName("Maps")
        self.setAccessibleDescription(KEYS)
        self._grid = QGridLayout(self)
        self._grid.setContentsMargins(_RING, _RING, _RING, _RING)
        self._grid.setHorizontalSpacing(theme.SPACE)
        self._grid.setVerticalSpacing(theme.SPACE // 2)

    def show_state(self, state: MapsState) -> None:
        """Show these maps, keeping zoom and place while the size of the images stays."""
        if (len(state.rows), len(state.columns)) != (len(self.panes), len(self.scales)):
            self._rebuild(len(state.rows), len(state.columns))
        self._state = state
        spacing_y, spacing_x = state.spacing
        window = state.window
        self.camera.set_extent(window.width * spacing_x, window.height * spacing_y)
        for scale, column in zip(self.scales, state.columns, strict=True):
            if state.shows_errors:
                scale.show_error(column, state.view.error_percent)
            else:
                scale.show_column(column)
        for name, panes, row in zip(self.names, self.panes, state.rows, strict=True):
            name.show_row(row)
            self._show_row(panes, row)
        # All rows alike, so that their maps are of one size.
        height = max((name.needed_height for name in self.names), default=0)
        for i in range(len(self.names)):
            self._grid.setRowMinimumHeight(i + 1, height)
        self._show_point()

    def _show_row(self, panes: list[MapPane], row: MapRow) -> None:
        state, images = self._state, [self._state.window.of(image) for image in row.images]
        for i, (pane, column) in enumerate(zip(panes, state.columns, strict=True)):
            pane.set_frame(state.spacing, None if state.shows_errors else state.edges)
            pane.set_status(row.status, row.status == FAILED)
            pane.setAccessibleName(f"{column.parameter.label}, {row.title}")
            pane.set_tag(row.tags[i] if i < len(row.tags) else "")
            if not images:
                pane.set_picture(None)
            elif state.shows_errors:
                end = state.view.error_percent
                pane.set_picture(coloured(images[i], -end, end, ERROR_COLOURS))
            else:
                shown, colours = column.range, MAP_COLOURS[column.parameter.name]
                pane.set_picture(coloured(images[i], shown.low, shown.high, colours))

    def set_pin(self, voxel: tuple[int, int] | None) -> None:
        """Mark this voxel (y, x) in all maps, or none; emits nothing."""
        self._pin = voxel
        point = None if voxel is None else self.middle(voxel)
        for pane in self._all_panes():
            pane.set_pin(point)
        self._show_point()

    def _rebuild(self, n_rows: int, n_columns: int) -> None:
        """The grid anew: widgets are few, and their number changes seldom."""
        while (item := self._grid.takeAt(0)) is not None:
            widget = item.widget()
            if widget is not None:
                widget.hide()
                widget.deleteLater()
        for i in range(self._grid.rowCount()):
            self._grid.setRowStretch(i, 0)
            self._grid.setRowMinimumHeight(i, 0)
        for i in range(self._grid.columnCount()):
            self._grid.setColumnStretch(i, 0)
        self.scales = [self._scale(i) for i in range(n_columns)]
        self.names = [RowName() for _ in range(n_rows)]
        self.panes = [[self._pane() for _ in range(n_columns)] for _ in range(n_rows)]
        corner = QLabel()
        corner.setFixedWidth(_NAMES_WIDTH)
        self._grid.addWidget(corner, 0, 0)
        for i, scale in enumerate(self.scales, 1):
            self._grid.addWidget(scale, 0, i)
            self._grid.setColumnStretch(i, 1)
        for y, (name, panes) in enumerate(zip(self.names, self.panes, strict=True), 1):
            self._grid.addWidget(name, y, 0)
            self._grid.setRowStretch(y, 1)
            for x, pane in enumerate(panes, 1):
                self._grid.addWidget(pane, y, x)

    def _scale(self, number: int) -> MapScale:
        scale = MapScale()

        def choose(chosen: object) -> None:
            self.range_chosen.emit(self._state.columns[number].parameter.name, chosen)

        scale.range_chosen.connect(choose)
        return scale

    def _pane(self) -> MapPane:
        pane = MapPane(self.camera)
        pane.setCursor(Qt.CursorShape.CrossCursor)
        pane.hovered.connect(self._hover)
        pane.unhovered.connect(self._unhover)
        pane.clicked.connect(self._click)
        pane.slice_step.connect(self.slice_step)
        return pane

    def _all_panes(self) -> list[MapPane]:
        return [pane for panes in self.panes for pane in panes]

    # the pointer -------------------------------------------------------------------------------

    def _hover(self, point: QPointF) -> None:
        self._point = point
        self._show_point()
        voxel = self.voxel_at(point)
        if voxel is None:
            self.unhovered.emit()
        else:
            self.hovered.emit(voxel)

    def _unhover(self) -> None:
        self._point = None
        self._show_point()
        self.unhovered.emit()

    def _click(self, point: QPointF) -> None:
        voxel = self.voxel_at(point)
        if voxel is not None:
            self.clicked.emit(voxel)

    def voxel_at(self, point: QPointF | None) -> tuple[int, int] | None:
        """Index (y, x) in the slice of the voxel at a point in mm; None outside the image."""
        if point is None:
            return None
        (spacing_y, spacing_x), window = self._state.spacing, self._state.window
        y = window.top + math.floor(point.y() / spacing_y)
        x = window.left + math.floor(point.x() / spacing_x)
        return (y, x) if window.holds(y, x) else None

    def middle(self, voxel: tuple[int, int]) -> QPointF:
        """The middle of a voxel (y, x) of the slice, mm from the corner of the images."""
        (spacing_y, spacing_x), window = self._state.spacing, self._state.window
        y, x = voxel[0] - window.top + 0.5, voxel[1] - window.left + 0.5
        return QPointF(x * spacing_x, y * spacing_y)

    def _show_point(self) -> None:
        """The cross-hair at the pointer, and the values there or else of the pinned voxel."""
        pointed = self.voxel_at(self._point)
        point = None if pointed is None else self._point
        voxel = pointed
        if pointed is None and self._pin is not None and self._state.window.holds(*self._pin):
            voxel = self._pin
        for panes, row in zip(self.panes, self._state.rows, strict=True):
            for i, pane in enumerate(panes):
                value = self._value(row, i, voxel)
                pane.set_crosshair(point, value)
                pane.setAccessibleDescription(value)

    def _value(self, row: MapRow, column: int, voxel: tuple[int, int] | None) -> str:
        """What the method says of a voxel, with its unit, and how wrong that is."""
        state = self._state
        if voxel is None:
            return ""
        words = row.words_at((state.slice_index, *voxel), state.columns[column])
        if words and state.shows_errors:
            error = float(row.images[column][voxel])
            words += f"  {error:+.1f} %".replace("-", "−") if math.isfinite(error) else ""
        return words

    # the keyboard ------------------------------------------------------------------------------

    def event(self, a0: QEvent | None) -> bool:
        """Keep the arrow keys that move the pinned voxel from the window's shortcuts."""
        is_asked = a0 is not None and a0.type() == QEvent.Type.ShortcutOverride
        if is_asked and isinstance(a0, QKeyEvent) and self._step_of(a0) is not None:
            a0.accept()
            return True
        return super().event(a0)

    def keyPressEvent(self, a0: QKeyEvent | None) -> None:
        """Pin a voxel, or move the one that is pinned."""
        assert a0 is not None
        self._show_ring(True)
        step = self._step_of(a0)
        if step is not None:
            self.pin_stepped.emit(*step)
        elif a0.key() in _PIN_KEYS and not a0.isAutoRepeat():
            self.pin_requested.emit()
        else:
            super().keyPressEvent(a0)

    def _step_of(self, key: QKeyEvent) -> tuple[int, int] | None:
        """By how many voxels (down, right) a key moves the pinned one; None if it does not."""
        step = _ARROWS.get(key.key())
        if step is None or self._pin is None:
            return None
        length = _LONG_STEP if key.modifiers() & Qt.KeyboardModifier.ShiftModifier else 1
        return step[0] * length, step[1] * length

    def focusInEvent(self, a0: QFocusEvent | None) -> None:
        """Say that keys go to the maps to one who came by keys."""
        super().focusInEvent(a0)
        self._show_ring(a0 is not None and a0.reason() in _TAB_REASONS)

    def focusOutEvent(self, a0: QFocusEvent | None) -> None:
        """Say it no longer."""
        super().focusOutEvent(a0)
        self._show_ring(False)

    def _show_ring(self, is_shown: bool) -> None:
        self.shows_ring = is_shown
        self.update()

    def paintEvent(self, a0: QPaintEvent | None) -> None:  # noqa: ARG002
        """A frame around the maps that the keys go to."""
        if self.shows_ring:
            painter = QPainter(self)
            painter.setPen(QColor(theme.ACCENT))
            painter.drawRect(self.rect().adjusted(0, 0, -1, -1))
            painter.end()
