"""The grey window's slider, dragged with the mouse."""

import numpy as np
import pytest
from PyQt6.QtCore import QPoint, Qt

from tlmri_gui.widgets.level_slider import LevelSlider, automatic

LEFT = Qt.MouseButton.LeftButton


@pytest.fixture
def slider(qtbot):
    """From 0 to 100 over exactly 200 pixels between margins of 7."""
    slider = LevelSlider()
    qtbot.addWidget(slider)
    slider.resize(214, 34)
    slider.set_data(np.linspace(0, 100, 64, dtype=np.float32).reshape(8, 8), 100.0)
    slider.set_levels(20.0, 60.0)
    slider.show()
    return slider


def drag(qtbot, slider, start, stop):
    def at(level):
        return QPoint(round(7 + 2 * level), 10)

    qtbot.mousePress(slider, LEFT, pos=at(start))
    qtbot.mouseMove(slider, pos=at(stop))
    qtbot.mouseRelease(slider, LEFT, pos=at(stop))


@pytest.mark.parametrize(
    ("start", "stop", "expected"),
    [
        (20, 40, (40, 60)),
        (60, 90, (20, 90)),
        (40, 50, (30, 70)),
        (40, 100, (60, 100)),
        (20, 95, (59.5, 60)),
        (60, 5, (20, 20.5)),
    ],
    ids=["low", "high", "both", "both to the end", "low past high", "high past low"],
)
def test_drag_moves_what_was_caught(qtbot, slider, start, stop, expected):
    with qtbot.waitSignal(slider.levels_changed) as caught:
        drag(qtbot, slider, start, stop)
    assert caught.args == pytest.approx(expected)
    assert slider.levels == pytest.approx(expected)


def test_double_click_asks_for_the_automatic_window(qtbot, slider):
    with qtbot.waitSignal(slider.auto_requested):
        qtbot.mouseDClick(slider, LEFT)


def test_setting_emits_nothing(qtbot, slider):
    with qtbot.assertNotEmitted(slider.levels_changed):
        slider.set_levels(1.0, 2.0)
        slider.set_data(None, 50.0)


def test_automatic_window_ignores_background_and_the_brightest():
    image = np.zeros((100, 100), np.float32)
    image[:10] = 50.0
    image[0, :5] = 100.0
    assert automatic(image, 100.0) == (0.0, 50.0)
    assert automatic(np.zeros((4, 4), np.float32), 100.0) == (0.0, 100.0)


def test_fit_keeps_the_width_inside_the_range(slider):
    assert slider.fit(90, 120) == pytest.approx((70, 100))
    assert slider.fit(-500, 500) == pytest.approx((0, 100))
    assert slider.fit(50, 50)[1] > slider.fit(50, 50)[0]
