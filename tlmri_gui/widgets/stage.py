"""The comparison stage: reference and methods side by side, error maps under them."""

from __future__ import annotations

import math

from PyQt6.QtCore import QPointF, Qt, pyqtSignal
from PyQt6.QtWidgets import (
    QGridLayout,
    QHBoxLayout,
    QLabel,
    QScrollArea,
    QStackedWidget,
    QVBoxLayout,
    QWidget,
)

from core.line_profile import ROW, Line
from tlmri_gui import theme
from tlmri_gui.models.stage import EMPTY, StageState
from tlmri_gui.view_state import MAGNITUDE
from tlmri_gui.widgets.badge import Badge
from tlmri_gui.widgets.buttons import tool_button
from tlmri_gui.widgets.camera import Camera
from tlmri_gui.widgets.chooser import Chooser
from tlmri_gui.widgets.error_legend import ErrorLegend
from tlmri_gui.widgets.labels import line, say, wrapped
from tlmri_gui.widgets.level_slider import LevelSlider, automatic
from tlmri_gui.widgets.mosaic import Mosaic
from tlmri_gui.widgets.stage_column import ERROR_ROW, IMAGE_ROW, StageColumn
from tlmri_gui.widgets.view_scale import ViewScale

COLUMN_WIDTH = 130
"""Narrowest column, pixels; more columns than fit scroll."""
_DRAG = 1 / 300
"""Part of the peak the window changes for one pixel of a right-drag."""


class ComparisonStage(QWidget):
    """Reference and every method of one slice with linked views and error maps.

    Zoom, pan, cross-hair and grey window are shared by all panes. Zoom and window stay while only
    the slice or the methods change. No ``set_`` method emits a signal.

    Signals
    -------
    window_changed
        The user chose another grey window (low, high).
    error_factor_changed
        The user chose another factor of the error maps.
    slice_step
        The user turned the wheel with Ctrl: notches away from the user are positive.
    view_chosen
        The user chose to look at the slice in the view of this name.
    line_moved, line_stepped
        The user moved its line to a row or column, or by so many.
    pointed
        The pointer is over this voxel (y, x); None once it left.
    """

    window_changed = pyqtSignal(float, float)
    error_factor_changed = pyqtSignal(float)
    slice_step = pyqtSignal(int)
    view_chosen = pyqtSignal(str)
    line_moved = pyqtSignal(int)
    line_stepped = pyqtSignal(int)
    pointed = pyqtSignal(object)

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._state = EMPTY
        self._factor = 5.0
        self._window_pending = True
        self._hovered: QPointF | None = None
        self._line: Line | None = None
        self.camera = Camera()
        self.columns: list[StageColumn] = []
        self.levels = LevelSlider()
        self.legend = ErrorLegend()
        self._badge = Badge()
        self.chooser = Chooser("What is shown of the slice")
        self.scale = ViewScale()
        self.mosaic = Mosaic(self.camera)
        self.explanation = wrapped("muted")
        self._values = line("muted")
        self._values.setMinimumWidth(
            self._values.fontMetrics().horizontalAdvance("0.0012 – 0.0012")
        )
        self._grid = _grid()
        self._pages = QStackedWidget()
        self._pages.addWidget(_hint())
        self._pages.addWidget(_scrolled(self._grid))
        self._pages.addWidget(self.mosaic)
        self._grid.addWidget(self.legend, ERROR_ROW, 0)
        self._head = self._make_head()
        layout = QVBoxLayout(self)
        layout.setContentsMargins(theme.SPACE, theme.SPACE, theme.SPACE, theme.SPACE)
        layout.setSpacing(theme.SPACE)
        layout.addWidget(self._head)
        layout.addWidget(self.explanation)
        layout.addWidget(self._pages, 1)
        self.levels.levels_changed.connect(self._choose_window)
        self.levels.auto_requested.connect(self._choose_automatic_window)
        self.legend.factor_changed.connect(self._choose_factor)
        self.chooser.chosen.connect(self.view_chosen)
        self.mosaic.hovered.connect(self._hover)
        self.mosaic.unhovered.connect(self._unhover)
        self.mosaic.slice_step.connect(self.slice_step)
        self.set_state(EMPTY)

    @property
    def state(self) -> StageState:
        """What is shown."""
        return self._state

    def set_state(self, state: StageState) -> None:
        """Show this state, keeping zoom (same image size) and grey window (same peak)."""
        if state.peak != self._state.peak:
            self._window_pending = True
        self._state = state
        self._pages.setCurrentIndex(2 if state.is_mosaic else 1 if state.panels else 0)
        self._head.setVisible(bool(state.panels))
        self._badge.show_provenance(state.provenance)
        self._show_extent()
        self._show_view()
        self._show_columns()
        if state.view is None:
            self._show_window()
        self._draw_images()
        self._draw_errors()
        self._show_crosshair()

    def _show_window(self) -> None:
        state = self._state
        self.levels.set_data(state.reference, state.peak)
        if self._window_pending and state.reference is not None:
            self._window_pending = False
            self.levels.set_levels(*automatic(state.reference, state.peak))

    def _show_view(self) -> None:
        """The grey window of magnitude images, or the fixed scale and the words of a view."""
        state, view = self._state, self._state.view
        self.chooser.show_offers(state.choices, view.name if view else MAGNITUDE)
        self._window.setVisible(view is None)
        seen = next((p.picture for p in state.panels if p.picture is not None), None)
        self.scale.setVisible(view is not None and seen is not None)
        if view is not None and seen is not None:
            self.scale.show_scale(view.item, seen)
        say(self.explanation, view.item.help if view else "")

    @property
    def grey_window(self) -> tuple[float, float]:
        """Grey window, (low, high); ``window`` is a method of every QWidget."""
        return self.levels.levels

    def set_window(self, low: float, high: float) -> None:
        """Show this grey window; emits nothing."""
        self._window_pending = False
        self.levels.set_levels(low, high)
        self._draw_images()

    @property
    def error_factor(self) -> float:
        """Factor of the error maps."""
        return self._factor

    def set_error_factor(self, factor: float) -> None:
        """Show error maps times this factor; emits nothing."""
        self._factor = factor
        self._draw_errors()

    def set_line(self, line: Line | None) -> None:
        """Draw the line of the profile in every image, or none; emits nothing."""
        self._line = line
        for column in self.columns:
            column.set_line(line)

    def set_pointer(self, voxel: tuple[int, int] | None) -> None:
        """Mark a voxel (y, x) as if the pointer were over it; emits nothing."""
        self._hovered = None if voxel is None else self._middle(voxel)
        self._show_crosshair()

    def _make_head(self) -> QWidget:
        head = QWidget()
        row = QHBoxLayout(head)
        row.setContentsMargins(0, 0, 0, 0)
        row.setSpacing(theme.SPACE)
        auto = tool_button(
            "contrast", "Auto", "Automatic grey window (double-click on the histogram)"
        )
        auto.clicked.connect(self._choose_automatic_window)
        whole = tool_button(
            "reset",
            "Whole image",
            "Show the whole image (double-click). Wheel: zoom. Drag: pan. Ctrl+wheel: slice.",
        )
        whole.clicked.connect(self.camera.reset)
        self._window = QWidget()
        window = QHBoxLayout(self._window)
        window.setContentsMargins(0, 0, 0, 0)
        window.setSpacing(theme.SPACE)
        window.addWidget(line("muted", "Window"))
        window.addWidget(self.levels, 1)
        window.addWidget(self._values)
        window.addWidget(auto)
        row.addWidget(line("muted", "Show"))
        row.addWidget(self.chooser)
        row.addWidget(self._badge, 0, Qt.AlignmentFlag.AlignVCenter)
        row.addStretch(1)
        row.addWidget(self._window, 6)
        row.addWidget(self.scale)
        row.addWidget(whole)
        return head

    def _show_extent(self) -> None:
        shape = self._state.image_shape
        if shape is not None:
            spacing_y, spacing_x = self._state.spacing
            self.camera.set_extent(shape[1] * spacing_x, shape[0] * spacing_y)

    def _show_columns(self) -> None:
        if self._state.is_mosaic:
            self.mosaic.show_state(self._state)
            return
        panels = self._state.panels
        while len(self.columns) > len(panels):
            self._remove_column()
        while len(self.columns) < len(panels):
            self._add_column()
        for number, (column, panel) in enumerate(zip(self.columns, panels, strict=True)):
            column.set_panel(panel, self._state, is_reference=number == 0)
        compares = len(panels) > 1 and self._state.has_errors
        self.legend.setVisible(compares)
        self._grid.setRowStretch(ERROR_ROW, 1 if compares else 0)

    def _add_column(self) -> None:
        number = len(self.columns)
        column = StageColumn(self.camera)
        column.place(self._grid, number)
        self._grid.setColumnStretch(number, 1)
        self._grid.setColumnMinimumWidth(number, COLUMN_WIDTH)
        for pane in (column.image_pane, column.error_pane):
            pane.hovered.connect(self._hover)
            pane.unhovered.connect(self._unhover)
            pane.window_dragged.connect(self._drag_window)
            pane.slice_step.connect(self.slice_step)
            pane.line_dragged.connect(self._move_line)
            pane.line_stepped.connect(self.line_stepped)
        column.set_line(self._line)
        self.columns.append(column)

    def _remove_column(self) -> None:
        self.columns.pop().remove()
        self._grid.setColumnStretch(len(self.columns), 0)
        self._grid.setColumnMinimumWidth(len(self.columns), 0)

    def _draw_images(self) -> None:
        low, high = self.levels.levels
        self._values.setText(f"{low:.4g} – {high:.4g}")
        if self._state.is_mosaic:
            return
        for column in self.columns:
            column.draw_image(low, high)

    def _draw_errors(self) -> None:
        self.legend.set_scale(self._factor, self._state.peak)
        if self._state.is_mosaic:
            return
        for column in self.columns:
            column.draw_error(self._state.peak / self._factor, self._factor)

    def _choose_window(self, low: float, high: float) -> None:
        self.set_window(low, high)
        self.window_changed.emit(low, high)

    def _choose_automatic_window(self) -> None:
        if self._state.reference is not None:
            self._choose_window(*automatic(self._state.reference, self._state.peak))

    def _choose_factor(self, factor: float) -> None:
        self.set_error_factor(factor)
        self.error_factor_changed.emit(factor)

    def _drag_window(self, right: float, down: float) -> None:
        """To the right widens the window (less contrast), down lowers it (brighter).

        Other views than magnitude have a fixed scale.
        """
        if self._state.view is not None:
            return
        low, high = self.levels.levels
        step = self._state.peak * _DRAG
        middle, width = (low + high) / 2 - down * step, high - low + right * step
        self._choose_window(*self.levels.fit(middle - width / 2, middle + width / 2))

    def _move_line(self, point: QPointF) -> None:
        """The line goes where it is dragged; beyond the image it stays at its edge."""
        if self._line is not None:
            spacing_y, spacing_x = self._state.spacing
            is_row = self._line.axis == ROW
            place = point.y() / spacing_y if is_row else point.x() / spacing_x
            self.line_moved.emit(math.floor(place))

    def _hover(self, point: QPointF) -> None:
        self._hovered = point
        self._show_crosshair()
        self.pointed.emit(self._voxel(point))

    def _unhover(self) -> None:
        self._hovered = None
        self._show_crosshair()
        self.pointed.emit(None)

    def _middle(self, voxel: tuple[int, int]) -> QPointF:
        """The middle of a voxel (y, x), mm."""
        spacing_y, spacing_x = self._state.spacing
        return QPointF((voxel[1] + 0.5) * spacing_x, (voxel[0] + 0.5) * spacing_y)

    def _show_crosshair(self) -> None:
        voxel = self._voxel(self._hovered)
        point = None if voxel is None else self._hovered
        if self._state.is_mosaic:
            self.mosaic.set_crosshair(point, voxel)
            return
        for column in self.columns:
            column.set_crosshair(point, voxel)

    def _voxel(self, point: QPointF | None) -> tuple[int, int] | None:
        """Index (y, x) of the voxel at a point in mm; None outside the image."""
        shape = self._state.image_shape
        if point is None or shape is None:
            return None
        spacing_y, spacing_x = self._state.spacing
        y, x = math.floor(point.y() / spacing_y), math.floor(point.x() / spacing_x)
        return (y, x) if 0 <= y < shape[0] and 0 <= x < shape[1] else None


def _grid() -> QGridLayout:
    grid = QGridLayout()
    grid.setContentsMargins(0, 0, 0, 0)
    grid.setHorizontalSpacing(theme.SPACE)
    grid.setVerticalSpacing(theme.SPACE // 2)
    for row in (IMAGE_ROW, ERROR_ROW):
        grid.setRowStretch(row, 1)
    return grid


def _scrolled(grid: QGridLayout) -> QScrollArea:
    content = QWidget()
    content.setLayout(grid)
    area = QScrollArea()
    area.setWidgetResizable(True)
    area.setWidget(content)
    return area


def _hint() -> QLabel:
    hint = line("muted", "Open a scan, or drop a file here")
    hint.setAlignment(Qt.AlignmentFlag.AlignCenter)
    return hint
