from hypothesis import given, settings
from hypothesis import strategies as st
from PyQt6.QtCore import QRectF

from tlmri_gui.widgets.flow import flow


def test_what_fits_stands_side_by_side_and_the_rest_below():
    assert flow([40, 50, 30], room=100, gap=10, line=15) == [
        QRectF(0, 0, 40, 15),
        QRectF(50, 0, 50, 15),
        QRectF(0, 15, 30, 15),
    ]
    assert flow([], 100, 10, 15) == []


@settings(deadline=None)
@given(st.lists(st.floats(1, 200), max_size=12), st.floats(50, 300))
def test_places_never_overlap_and_stay_in_the_room_if_they_can(widths, room):
    places = flow(widths, room, 5, 10)
    assert [place.width() for place in places] == widths
    for i, place in enumerate(places):
        assert place.right() <= room or place.left() == 0
        assert not any(place.intersects(other) for other in places[:i])
