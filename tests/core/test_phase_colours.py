import numpy as np
from skimage.color import rgb2lab

from core.phase_colours import LIGHTNESS, phase_colours, phase_table


def shown(phase, brightness=1.0):
    values = np.asarray(phase, np.float32)
    return phase_colours(values, np.full_like(values, brightness))


def test_every_phase_has_the_same_lightness_and_no_two_quarters_look_alike():
    lab = rgb2lab(phase_table() / 255.0)
    np.testing.assert_allclose(lab[:, 0], LIGHTNESS, atol=0.5)
    opposite = np.linalg.norm(lab - np.roll(lab, 128, axis=0), axis=1)
    assert opposite.min() > 50, "CIELAB distance of opposite phases; 2 is a visible step"


def test_the_table_is_cyclic_and_without_steps():
    lab = rgb2lab(phase_table() / 255.0)
    steps = np.linalg.norm(lab - np.roll(lab, 1, axis=0), axis=1)
    assert steps.max() < 4
    np.testing.assert_array_equal(shown(-np.pi), shown(np.pi))
    np.testing.assert_array_equal(shown(0.5), shown(0.5 + 2 * np.pi))


def test_brightness_dims_to_black_and_keeps_the_hue():
    assert not shown(1.0, 0.0).any()
    np.testing.assert_allclose(shown(1.0, 0.5), shown(1.0) / 2, atol=1)
