"""Intensities to colours."""

import numpy as np
import pytest
from PyQt6.QtGui import QColor

from tlmri_gui.widgets.lookup import GREY, INFERNO, colours, picture


def greys(image, low, high):
    drawn = picture(np.asarray(image, np.float32), low, high, GREY)
    return [
        [drawn.pixelColor(x, y).red() for x in range(drawn.width())] for y in range(drawn.height())
    ]


def test_rows_stay_rows_and_values_map_linearly_between_low_and_high():
    assert greys([[0, 1, 2], [3, 4, 5]], 1, 4) == [[0, 0, 85], [170, 255, 255]]


def test_what_is_no_number_is_black():
    assert greys([[np.nan, 1.0]], 0, 1) == [[0, 255]]


def test_an_empty_window_is_a_threshold_not_an_error():
    assert greys([[0.0, 2.0]], 1, 1) == [[0, 255]]


def test_inferno_is_matplotlibs():
    matplotlib = pytest.importorskip("matplotlib")
    expected = matplotlib.colormaps["inferno"](np.arange(256), bytes=True)[:, :3].astype(int)
    ours = np.array([QColor.fromRgb(c).getRgb()[:3] for c in colours(INFERNO)])
    assert np.abs(ours - expected).max() <= 1
