"""All coils of a slice as a mosaic of linked pictures."""

from __future__ import annotations

import math
from collections.abc import Sequence

from PyQt6.QtCore import QPointF, pyqtSignal
from PyQt6.QtGui import QImage, QResizeEvent
from PyQt6.QtWidgets import QGridLayout, QWidget

from tlmri_gui import theme
from tlmri_gui.models.stage import Panel, StageState
from tlmri_gui.widgets.camera import Camera
from tlmri_gui.widgets.image_pane import ImagePane
from tlmri_gui.widgets.lookup import draw
from tlmri_gui.widgets.readout import readout


class Mosaic(QWidget):
    """One pane a coil, in as many columns as make the panes largest.

    Zoom and cross-hair are shared, also with the other panes of the camera.

    Signals
    -------
    hovered, unhovered, slice_step
        Those of its panes.
    """

    hovered = pyqtSignal(QPointF)
    unhovered = pyqtSignal()
    slice_step = pyqtSignal(int)

    def __init__(self, camera: Camera, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.panes: list[ImagePane] = []
        self._camera = camera
        self._state: StageState | None = None
        self._n_columns = 0
        self._grid = QGridLayout(self)
        self._grid.setContentsMargins(0, 0, 0, 0)
        self._grid.setSpacing(theme.SPACE // 2)

    def show_state(self, state: StageState) -> None:
        """Show the coils of a state."""
        assert state.view is not None
        self._state = state
        while len(self.panes) > len(state.panels):
            self._remove_pane()
        while len(self.panes) < len(state.panels):
            self._add_pane()
        for pane, panel in zip(self.panes, state.panels, strict=True):
            pane.set_frame(state.spacing, None)
            pane.set_status(panel.status, panel.status.startswith("failed"))
            pane.set_tag(panel.title if panel.picture is not None else "")
            pane.set_picture(_drawn(panel, state.view.item.colours))
        self._arrange()

    def set_crosshair(self, point: QPointF | None, voxel: tuple[int, int] | None) -> None:
        """Mark a point (mm) and print the values of its voxel (y, x); none if None."""
        panels: Sequence[Panel] = self._state.panels if self._state else ()
        for pane, panel in zip(self.panes, panels, strict=True):
            pane.set_crosshair(point, self._readout(panel, voxel))

    def _readout(self, panel: Panel, voxel: tuple[int, int] | None) -> str:
        view = self._state.view if self._state else None
        if voxel is None or view is None or panel.picture is None:
            return ""
        return readout(view.item, panel.picture, voxel)

    def resizeEvent(self, a0: QResizeEvent | None) -> None:
        """Find the best number of columns again."""
        super().resizeEvent(a0)
        self._arrange()

    def _add_pane(self) -> None:
        pane = ImagePane(self._camera)
        pane.hovered.connect(self.hovered)
        pane.unhovered.connect(self.unhovered)
        pane.slice_step.connect(self.slice_step)
        self.panes.append(pane)
        self._n_columns = 0

    def _remove_pane(self) -> None:
        pane = self.panes.pop()
        self._grid.removeWidget(pane)
        pane.hide()
        pane.deleteLater()
        self._n_columns = 0

    def _arrange(self) -> None:
        shape = self._state.image_shape if self._state else None
        spacing = self._state.spacing if self._state else (1.0, 1.0)
        ratio = shape[0] * spacing[0] / (shape[1] * spacing[1]) if shape else 1.0
        n_columns = best_columns(len(self.panes), self.width(), self.height(), ratio)
        if n_columns != self._n_columns:
            self._n_columns = n_columns
            for number, pane in enumerate(self.panes):
                self._grid.addWidget(pane, number // n_columns, number % n_columns)


def best_columns(n: int, width: int, height: int, ratio: float) -> int:
    """How many columns of n pictures, each ``ratio`` times as high as wide, show them largest."""

    def size(n_columns: int) -> float:
        n_rows = math.ceil(max(n, 1) / n_columns)
        return min(width / n_columns, height / n_rows / ratio)

    return max(range(1, max(n, 1) + 1), key=size)


def _drawn(panel: Panel, colours: str) -> QImage | None:
    return None if panel.picture is None else draw(panel.picture, colours)
