"""Intensities to coloured pictures."""

from __future__ import annotations

from functools import cache
from typing import TYPE_CHECKING

import numpy as np
import pyqtgraph as pg
from numpy.typing import NDArray
from PyQt6.QtGui import QImage, qRgb

from core.phase_colours import phase_colours, phase_table

if TYPE_CHECKING:
    from core.views import Picture

GREY = "gray"
INFERNO = "inferno"
PHASE = "phase"
"""As :mod:`core.views` calls them."""


@cache
def colours(name: str) -> tuple[int, ...]:
    """The 256 colours of :data:`GREY`, :data:`PHASE` or one of pyqtgraph's colour maps."""
    if name == GREY:
        return tuple(qRgb(i, i, i) for i in range(256))
    if name == PHASE:
        return tuple(qRgb(int(r), int(g), int(b)) for r, g, b in phase_table())
    table = pg.colormap.get(name).getLookupTable(nPts=256)
    return tuple(qRgb(int(r), int(g), int(b)) for r, g, b in table[:, :3])


def picture(image: NDArray[np.float32], low: float, high: float, name: str) -> QImage:
    """Image of shape `(y, x)` in a colour table, ``low`` and below darkest, ``high`` brightest.

    An empty window (``high`` not above ``low``) is a threshold.
    """
    if high > low:
        scaled = (image - np.float32(low)) * np.float32(255.0 / (high - low))
    else:
        scaled = np.where(image > low, np.float32(255.0), np.float32(0.0))
    levels = np.nan_to_num(scaled, nan=0.0).clip(0, 255).astype(np.uint8)
    height, width = levels.shape
    picture = QImage(levels.tobytes(), width, height, width, QImage.Format.Format_Indexed8)
    picture.setColorTable(colours(name))
    return picture.convertToFormat(QImage.Format.Format_RGB32)


def draw(view_picture: Picture, name: str) -> QImage:
    """A view's picture in its own limits; of a phase, brightness says its magnitude."""
    brightness = view_picture.brightness
    if brightness is None:
        return picture(view_picture.values, *view_picture.limits, name)
    pixels = phase_colours(view_picture.values, brightness)
    height, width, _ = pixels.shape
    image = QImage(pixels.tobytes(), width, height, 3 * width, QImage.Format.Format_RGB888)
    return image.convertToFormat(QImage.Format.Format_RGB32)
