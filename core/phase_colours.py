r"""Phase as colour: a cyclic table of one lightness, so that brightness is free for magnitude.

The hues run once around the CIELAB colour circle at one lightness, each as colourful as the screen
can show it; 0 and :math:`2\pi` have the same colour.
"""

from __future__ import annotations

from functools import cache

import numpy as np
from numpy.typing import NDArray

LIGHTNESS = 70.0
"""CIELAB L* of every hue."""

N_COLOURS = 256
_WHITE_D65 = np.array([0.95047, 1.0, 1.08883])
_XYZ_TO_RGB = np.array(
    [
        [3.2404542, -1.5371385, -0.4985314],
        [-0.9692660, 1.8760108, 0.0415560],
        [0.0556434, -0.2040259, 1.0572252],
    ]
)
_HALVINGS = 20
_SMOOTH = 24
"""Colours on both sides over which chroma is evened out."""

_ZERO_HUE = 40.0
"""Hue in degrees of phase 0: a warm red, as on the usual colour wheel."""


@cache
def phase_table() -> NDArray[np.uint8]:
    r"""Colours of phases from :math:`-\pi` to :math:`\pi` at full brightness. Shape `(256, 3)`."""
    hue = np.deg2rad(_ZERO_HUE) + 2 * np.pi * (np.arange(N_COLOURS) / N_COLOURS - 0.5)
    low, high = np.zeros(N_COLOURS), np.full(N_COLOURS, 150.0)
    for _ in range(_HALVINGS):
        middle = (low + high) / 2
        linear = _linear_rgb(middle, hue)
        shown = ((linear >= 0) & (linear <= 1)).all(axis=-1)
        low, high = np.where(shown, middle, low), np.where(shown, high, middle)
    linear = _linear_rgb(_smooth_below(low), hue)
    table: NDArray[np.uint8] = np.rint(255 * _gamma(linear)).astype(np.uint8)
    return table


def phase_colours(phase: NDArray[np.float32], brightness: NDArray[np.float32]) -> NDArray[np.uint8]:
    """Phase as hue, dimmed to black where brightness is 0.

    Parameters
    ----------
    phase
        Radian, any shape; whole turns make no difference.
    brightness
        From 0 to 1, the same shape; 1 shows the table's own colour.

    Returns
    -------
    NDArray[np.uint8]
        Red, green and blue along a last axis.
    """
    index = np.floor(phase * (N_COLOURS / (2 * np.pi)) + N_COLOURS / 2).astype(np.intp)
    full = phase_table()[index % N_COLOURS]
    dimmed: NDArray[np.uint8] = (full * brightness[..., None]).astype(np.uint8)
    return dimmed


def _smooth_below(values: NDArray[np.float64]) -> NDArray[np.float64]:
    """A cyclic curve without corners that is nowhere above ``values``.

    The corners of what a screen can show would look like stripes.
    """
    near = np.stack([np.roll(values, i) for i in range(-_SMOOTH, _SMOOTH + 1)]).min(axis=0)
    smooth: NDArray[np.float64] = np.mean(
        [np.roll(near, i) for i in range(-_SMOOTH, _SMOOTH + 1)], axis=0
    )
    return smooth


def _linear_rgb(chroma: NDArray[np.float64], hue: NDArray[np.float64]) -> NDArray[np.float64]:
    """CIELAB of :data:`LIGHTNESS` to linear sRGB. Shape `(*, 3)`."""
    middle = (LIGHTNESS + 16) / 116
    f = np.stack(
        [
            middle + chroma * np.cos(hue) / 500,
            np.full_like(hue, middle),
            middle - chroma * np.sin(hue) / 200,
        ],
        axis=-1,
    )
    xyz = np.where(f > 6 / 29, f**3, (f - 4 / 29) * 3 * (6 / 29) ** 2) * _WHITE_D65
    linear: NDArray[np.float64] = xyz @ _XYZ_TO_RGB.T
    return linear


def _gamma(linear: NDArray[np.float64]) -> NDArray[np.float64]:
    """Linear light to sRGB values."""
    values = linear.clip(0, 1)
    encoded: NDArray[np.float64] = np.where(
        values > 0.0031308, 1.055 * values ** (1 / 2.4) - 0.055, 12.92 * values
    )
    return encoded
