"""Maps and their errors as pictures; what is not known stays black."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray
from PyQt6.QtGui import QImage

from tlmri_gui.widgets.lookup import colours

MAP_COLOURS = {"t1": "inferno", "t2": "viridis", "adc": "plasma", "pd": "gray"}
"""By the parameters' names, as :mod:`tlmri_gui.widgets.lookup` calls them."""

ERROR_COLOURS = "CET-D1"
"""Blue below the truth, white at it, red above."""


def coloured(image: NDArray[np.float32], low: float, high: float, name: str) -> QImage:
    """Image of shape `(y, x)` with the colours of ``name`` from low to high; NaN is black."""
    table = np.array(colours(name), dtype=np.uint32)
    scale = 255.0 / (high - low) if high > low else 0.0
    known = np.isfinite(image)
    levels = np.where(known, (image - low) * scale, 0.0).clip(0, 255).astype(np.uint8)
    pixels = np.where(known, table[levels], np.uint32(0xFF000000)).astype(np.uint32)
    height, width = pixels.shape
    drawn = QImage(pixels.tobytes(), width, height, 4 * width, QImage.Format.Format_RGB32)
    return drawn.copy()  # the bytes go with this function
