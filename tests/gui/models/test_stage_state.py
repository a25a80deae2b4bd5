"""The state of the comparison stage."""

import numpy as np
import pytest

from tlmri_gui.models.stage import EMPTY, Panel, StageState


def image(shape):
    return np.zeros(shape, np.float32)


def test_the_empty_stage_has_no_reference():
    assert EMPTY.reference is None
    assert EMPTY.image_shape is None


def test_shape_is_that_of_the_first_image_there_is():
    state = StageState(
        (Panel("reference", "Reference", None), Panel("zf", "ZF", image((4, 6)))), peak=1.0
    )
    assert state.reference is None
    assert state.image_shape == (4, 6)


def test_images_of_different_shapes_are_refused_and_named():
    panels = (Panel("reference", "R", image((4, 6))), Panel("cs", "CS", image((6, 4))))
    with pytest.raises(ValueError, match=r"one shape.*'cs': \(6, 4\)"):
        StageState(panels, peak=1.0)
