"""Colours of curves as readers of any colour vision see them."""

from itertools import combinations

import numpy as np
import pytest
from matplotlib.colors import to_rgb
from skimage.color import deltaE_ciede2000, rgb2lab

from core.figure_style import STYLES, beside_a_baseline, method_stroke

VISIONS = {
    "trichromacy": np.eye(3),
    "protanopia": np.array(
        [
            [0.152286, 1.052583, -0.204868],
            [0.114503, 0.786281, 0.099216],
            [-0.003882, -0.048116, 1.051998],
        ]
    ),
    "deuteranopia": np.array(
        [
            [0.367322, 0.860646, -0.227968],
            [0.280085, 0.672501, 0.047413],
            [-0.011820, 0.042940, 0.968881],
        ]
    ),
    "tritanopia": np.array(
        [
            [1.255528, -0.076749, -0.178779],
            [-0.078411, 0.930809, 0.147602],
            [0.004733, 0.691367, 0.303900],
        ]
    ),
}
"""Machado, Oliveira and Fernandes (IEEE TVCG 15:1291, 2009), Table 1, severity 1, on linear RGB."""

DISTINCT = 10.0
"""Least CIEDE2000 distance; the closest pair of Okabe and Ito has 10.9."""


def linear(colour):
    rgb = np.array(to_rgb(colour))
    return np.where(rgb <= 0.04045, rgb / 12.92, ((rgb + 0.055) / 1.055) ** 2.4)


def seen(colour, vision):
    """CIELAB of a colour as this vision has it."""
    rgb = np.clip(VISIONS[vision] @ linear(colour), 0, 1)
    return rgb2lab(np.where(rgb <= 0.0031308, 12.92 * rgb, 1.055 * rgb ** (1 / 2.4) - 0.055))


def luminance(colour):
    return linear(colour) @ [0.2126, 0.7152, 0.0722]


def strokes(look, count):
    return [
        method_stroke(look, i, is_network) for is_network in (True, False) for i in range(count)
    ]


@pytest.mark.parametrize("vision", VISIONS)
@pytest.mark.parametrize("style", STYLES.names())
def test_the_reference_and_three_methods_of_each_kind_are_told_apart_by_colour(style, vision):
    look = STYLES[style].item
    colours = [look.text, *(stroke.colour for stroke in strokes(look, 3))]
    for one, other in combinations(colours, 2):
        distance = deltaE_ciede2000(seen(one, vision), seen(other, vision))
        assert distance > DISTINCT, (one, other)


@pytest.mark.parametrize("style", STYLES.names())
def test_twelve_methods_of_each_kind_differ_in_colour_or_dashes(style):
    found = strokes(STYLES[style].item, 12)
    assert len(set(found)) == 24
    assert not any(stroke.dashes for stroke in found[:6]), "the first networks are unbroken"
    assert all(stroke.dashes for stroke in found[12:]), "other methods never are"


@pytest.mark.parametrize("style", STYLES.names())
def test_networks_beside_a_baseline_leave_its_colour_out(style):
    look = STYLES[style].item
    found = [method_stroke(look, beside_a_baseline(look, i), True) for i in range(10)]
    assert len(set(found)) == 10
    assert method_stroke(look, 0, False).colour not in [stroke.colour for stroke in found]
    assert found[:3] == [method_stroke(look, i, True) for i in range(3)]


@pytest.mark.parametrize("style", STYLES.names())
def test_curves_stand_out_from_the_page(style):
    look = STYLES[style].item
    for colour in look.curves:
        dark, light = sorted([luminance(colour), luminance(look.background)])
        assert (light + 0.05) / (dark + 0.05) > 2, colour
