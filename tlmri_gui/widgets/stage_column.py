"""One column of the comparison: title, image, scores, error map."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np
from numpy.typing import NDArray
from PyQt6.QtCore import QPointF, Qt
from PyQt6.QtWidgets import QGridLayout, QSizePolicy, QVBoxLayout, QWidget

from core.line_profile import Line
from tlmri_gui.models.panels import short_label
from tlmri_gui.models.stage import Panel, StageState
from tlmri_gui.widgets.camera import Camera
from tlmri_gui.widgets.error_legend import factor_text
from tlmri_gui.widgets.fitting_label import FittingLabel
from tlmri_gui.widgets.image_pane import ImagePane
from tlmri_gui.widgets.labels import say, wrapped
from tlmri_gui.widgets.lookup import GREY, INFERNO, draw, picture
from tlmri_gui.widgets.readout import readout
from tlmri_gui.widgets.roles import set_role

if TYPE_CHECKING:
    from core.registry import Entry
    from core.views import View

_TITLE_LINES = 2
_SCORE_LINES = 3
"""Enough for a sentence on why an image has no scores."""
_DETAIL_LINES = 2
"""Enough for a measure on each, where the column is too narrow for all on one."""
TITLE_ROW, IMAGE_ROW, CAPTION_ROW, ERROR_ROW = range(4)


class StageColumn:
    """The widgets of one panel, placed in the rows of a shared grid so that all columns align.

    Attributes
    ----------
    title, score, details, remark
        The labels.
    image_pane, error_pane
        The pictures.
    """

    def __init__(self, camera: Camera) -> None:
        self.title = _fitting("title", _TITLE_LINES, keeps_end=True)
        self.title.setAlignment(Qt.AlignmentFlag.AlignHCenter | Qt.AlignmentFlag.AlignBottom)
        self.image_pane = ImagePane(camera)
        self.error_pane = ImagePane(camera)
        self.score = _fitting("score", _SCORE_LINES)
        self.details = _fitting("muted", _DETAIL_LINES)
        self.remark = wrapped("warning")
        self.remark.setAlignment(Qt.AlignmentFlag.AlignHCenter)
        self.remark.setSizePolicy(QSizePolicy.Policy.Ignored, QSizePolicy.Policy.Preferred)
        self._caption = QWidget()
        lines = QVBoxLayout(self._caption)
        lines.setContentsMargins(0, 2, 0, 6)
        lines.setSpacing(1)
        for label in (self.score, self.details, self.remark):
            lines.addWidget(label)
        lines.addStretch(1)
        self._is_reference = False
        self._panel = Panel("", "", None)
        self._view: Entry[View] | None = None
        self._image: NDArray[np.float32] | None = None
        self._error: NDArray[np.float32] | None = None

    def place(self, grid: QGridLayout, column: int) -> None:
        """Put the widgets into a column of the grid."""
        grid.addWidget(self.title, TITLE_ROW, column)
        grid.addWidget(self.image_pane, IMAGE_ROW, column)
        grid.addWidget(self._caption, CAPTION_ROW, column)
        grid.addWidget(self.error_pane, ERROR_ROW, column)

    def remove(self) -> None:
        """Take the widgets out of the window."""
        for widget in (self.title, self.image_pane, self._caption, self.error_pane):
            widget.hide()
            widget.deleteLater()

    def set_panel(self, panel: Panel, state: StageState, is_reference: bool) -> None:
        """Show a panel's words and remember its images for the two ``draw`` methods."""
        self.title.set_wordings(panel.title, short_label(panel.title))
        set_role(self.score, "best" if panel.best else "score")
        self.score.set_wordings(*_score_wordings(panel))
        measures = panel.caption[1:]
        self.details.set_wordings("  ·  ".join(measures), "\n".join(measures))
        say(self.remark, panel.remark)
        self.image_pane.set_status(panel.status, panel.status.startswith("failed"))
        self.image_pane.set_frame(state.spacing, state.edges, panel.best)
        self.error_pane.set_frame(state.spacing, None)
        has_error = state.has_errors and not is_reference
        self.error_pane.setVisible(has_error)
        self._is_reference = is_reference
        self._panel, self._view = panel, state.view
        self._image = panel.image
        self._error = _error(panel.image, state.reference) if has_error else None

    def draw_image(self, low: float, high: float) -> None:
        """Draw the image in the grey window; of another view its picture in its own limits."""
        image, seen = self._image, self._panel.picture
        if seen is not None and self._view is not None:
            self.image_pane.set_picture(draw(seen, self._view.item.colours))
        else:
            self.image_pane.set_picture(None if image is None else picture(image, low, high, GREY))

    def draw_error(self, end: float, factor: float) -> None:
        """Draw the error map on the scale from 0 to ``end``."""
        error = self._error
        self.error_pane.set_picture(None if error is None else picture(error, 0.0, end, INFERNO))
        self.error_pane.set_tag("" if error is None else f"|error| {factor_text(factor)}")

    def set_line(self, line: Line | None) -> None:
        """Draw the line of the profile on both pictures, or none."""
        self.image_pane.set_line(line)
        self.error_pane.set_line(line)

    def set_crosshair(self, point: QPointF | None, voxel: tuple[int, int] | None) -> None:
        """Mark a point (mm) and print the values of its voxel (y, x); none if None."""
        place = self._place(voxel) if voxel and self._is_reference else ""
        value = self._seen(voxel)
        self.image_pane.set_crosshair(point, place + value if value else "")
        self.error_pane.set_crosshair(point, _value(self._error, voxel))

    def _place(self, voxel: tuple[int, int]) -> str:
        """Where a voxel is: its index, or in k-space its distance from the centre."""
        y, x = voxel
        if self._view is not None and self._view.item.in_kspace and self._image is not None:
            ny, nx = self._image.shape
            return f"kx {x - nx // 2}, ky {y - ny // 2}:  "
        return f"x {x}, y {y}:  "

    def _seen(self, voxel: tuple[int, int] | None) -> str:
        """The value that the image shows."""
        seen = self._panel.picture
        if voxel is None or seen is None or self._view is None:
            return _value(self._image, voxel)
        return readout(self._view.item, seen, voxel)


def _error(
    image: NDArray[np.float32] | None, reference: NDArray[np.float32] | None
) -> NDArray[np.float32] | None:
    if image is None or reference is None:
        return None
    return np.asarray(np.abs(image - reference), dtype=np.float32)


def _value(image: NDArray[np.float32] | None, voxel: tuple[int, int] | None) -> str:
    return "" if image is None or voxel is None else f"{float(image[voxel]):.4g}"


def _score_wordings(panel: Panel) -> tuple[str, ...]:
    line = panel.caption[0] if panel.caption else ""
    return (f"{line}  ·  best", line) if panel.best and line else (line,)


def _fitting(role: str, lines: int, keeps_end: bool = False) -> FittingLabel:
    label = FittingLabel(lines, keeps_end=keeps_end)
    set_role(label, role)
    label.setAlignment(Qt.AlignmentFlag.AlignHCenter)
    return label
