"""The curves along one line of what the stage shows."""

from dataclasses import replace

import numpy as np
import pytest

from core.line_profile import COLUMN, PIXELS, Line, LineChoice
from core.views import VIEWS
from tlmri_gui.models.profile import OTHER_VIEW, profile_state
from tlmri_gui.models.stage import EMPTY, Panel, StageState
from tlmri_gui.profile_state import ProfileWish
from tlmri_gui.study_state import CurveKind

SHAPE = (40, 50)


def image(factor=1.0):
    y, x = np.indices(SHAPE, np.float32)
    return factor * (10 * y + x)


def stage(*panels, **changes):
    shown = (Panel("reference", "Reference", image()), *panels)
    return replace(StageState(shown, 500.0, (2.0, 0.5), edges=("R", "L", "A", "P")), **changes)


def wish(axis="row", index=None, shape=SHAPE):
    return ProfileWish(True, LineChoice(axis, index), shape)


def test_the_middle_row_in_mm_with_the_sides_it_joins():
    state = profile_state(stage(Panel("cs", "CS", image(0.5))), wish())
    assert state.line == Line(20)
    np.testing.assert_array_equal(state.curves[0].values, 200 + np.arange(50))
    np.testing.assert_array_equal(state.curves[1].values, 0.5 * state.curves[0].values)
    np.testing.assert_allclose(state.positions, 0.5 * np.arange(50))
    assert (state.x.low, state.x.high) == (0, 24.5)
    assert all(0 <= tick <= 24.5 for tick in state.x.ticks)
    assert state.y.low < 0 < 249 < state.y.high
    assert (state.label, state.place) == ("mm from the left", "40.0 mm from the top")
    assert (state.ends, state.n_lines) == (("R", "L"), 40)


def test_a_column_in_pixels_where_the_spacing_is_not_known():
    given = stage(spacing=(1.0, 1.0), unit=PIXELS, edges=None)
    state = profile_state(given, wish(COLUMN, 7))
    assert state.line == Line(7, COLUMN)
    np.testing.assert_array_equal(state.curves[0].values, 7 + 10 * np.arange(40))
    assert (state.label, state.place, state.ends) == ("pixels from the top", "", ("", ""))


def test_a_row_chosen_in_other_images_is_the_middle_of_these():
    assert profile_state(stage(), wish(index=39)).line == Line(39)
    assert profile_state(stage(), wish(index=200, shape=(256, 256))).line == Line(20)


def test_methods_that_are_shown_are_counted_by_kind():
    names = ("zf", "net:t1", "cs", "net:unet-t1", "net:natural")
    panels = [Panel(name, name, image()) for name in names]
    reference, *curves = profile_state(stage(*panels), wish()).curves
    assert (reference.kind, reference.colour) == (CurveKind.NATIVE, 0)
    found = {curve.label: (curve.kind, curve.colour) for curve in curves}
    assert found == {
        "zf": (CurveKind.BASELINE, 0),
        "cs": (CurveKind.BASELINE, 1),
        "net:t1": (CurveKind.SOURCE, 0),
        "net:unet-t1": (CurveKind.SOURCE, 1),
        "net:natural": (CurveKind.SOURCE, 2),
    }


def test_methods_without_an_image_are_named_with_why():
    panels = (
        Panel("zf", "ZF", None, status="computing…"),
        Panel("cs", "CS", None, status="failed: no memory for that"),
    )
    curves = profile_state(stage(*panels), wish()).curves
    assert [(c.values is None, c.status) for c in curves] == [
        (False, ""),
        (True, "computing…"),
        (True, "failed"),
    ]


def test_an_empty_image_and_a_single_pixel_have_axes():
    for shape in ((4, 4), (1, 1)):
        black = StageState((Panel("reference", "Reference", np.zeros(shape, np.float32)),), 1.0)
        state = profile_state(black, wish(shape=shape))
        assert state.y.low < state.y.high
        assert state.x.low < state.x.high


@pytest.mark.parametrize(
    ("given", "note"),
    [(EMPTY, "No image yet"), (stage(view=VIEWS["phase"]), OTHER_VIEW)],
)
def test_where_there_is_no_magnitude_image_it_says_so(given, note):
    state = profile_state(given, wish())
    assert (state.line, state.curves, state.note) == (None, (), note)
