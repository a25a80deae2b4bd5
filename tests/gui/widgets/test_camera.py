"""The shared camera against geometry worked out by hand."""

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from PyQt6.QtCore import QPointF, QRectF

from tlmri_gui.widgets.camera import MAX_ZOOM, Camera


@pytest.fixture
def camera(qapp):
    camera = Camera()
    camera.set_extent(200.0, 100.0)
    return camera


def test_whole_image_fits_and_is_centred(camera):
    assert camera.target(400, 400) == QRectF(0, 100, 400, 200)
    assert camera.target(100, 50) == QRectF(0, 0, 100, 50)


def test_zoom_keeps_the_point_under_the_cursor(camera):
    at = QPointF(150, 220)
    point = camera.to_image(at, 400, 400)
    camera.zoom_about(point, 2.0)
    assert camera.zoom == 2.0
    assert (camera.to_pane(point, 400, 400) - at).manhattanLength() < 1e-9


def test_pan_moves_by_millimetres_and_stops_at_the_edge(camera):
    camera.zoom_about(QPointF(100, 50), 4.0)
    camera.move_by(10, -5)
    assert camera.centre == QPointF(110, 45)
    camera.move_by(1000, 0)
    assert camera.target(400, 200).right() == pytest.approx(400)


def test_reset_and_another_extent_show_the_whole_image(camera):
    camera.zoom_about(QPointF(10, 10), 5.0)
    camera.set_extent(200.0, 100.0)
    assert camera.zoom == 5.0, "the same extent must keep the view"
    camera.set_extent(300.0, 100.0)
    assert (camera.zoom, camera.centre) == (1.0, QPointF(150, 50))


@settings(deadline=None)
@given(
    st.lists(
        st.tuples(st.floats(0, 200), st.floats(0, 100), st.floats(0.05, 20), st.floats(-300, 300)),
        max_size=8,
    )
)
def test_the_image_is_never_lost(steps):
    camera = Camera()
    camera.set_extent(200.0, 100.0)
    for x, y, factor, shift in steps:
        camera.zoom_about(QPointF(x, y), factor)
        camera.move_by(shift, -shift)
        assert 1.0 <= camera.zoom <= MAX_ZOOM
        assert (
            camera.target(200, 100)
            .adjusted(-1e-6, -1e-6, 1e-6, 1e-6)
            .contains(QRectF(0, 0, 200, 100))
        )
