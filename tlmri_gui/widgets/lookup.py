"""Intensities to coloured pictures."""

from __future__ import annotations

from functools import cache

import numpy as np
import pyqtgraph as pg
from numpy.typing import NDArray
from PyQt6.QtGui import QImage, qRgb

GREY = "grey"
INFERNO = "inferno"


@cache
def colours(name: str) -> tuple[int, ...]:
    """The 256 colours of :data:`GREY` or of one of pyqtgraph's colour maps, dark to bright."""
    if name == GREY:
        return tuple(qRgb(i, i, i) for i in range(256))
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
