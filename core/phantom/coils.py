r"""Receive coils of a head array, and the phase of the object.

The sensitivity of a loop is the field it would make if it carried a current (reciprocity, Hoult and
Richards, JMR 24:71, 1976), by the law of Biot and Savart, its transverse part taken as a complex
number:

.. math:: s(r) = B_x - i B_y, \quad B(r) \propto \sum_j \frac{dl_j \times (r - r_j)}{|r - r_j|^3}
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from core.phantom.noise import WaveField

_SEGMENTS = 48
"""Straight pieces a loop is made of."""


@dataclass(frozen=True)
class CoilRing:
    """Where the loops lie that surround the head. Lengths are shares of the field of view.

    Attributes
    ----------
    radius
        Distance of the loops' centres from the ring's axis.
    rotation
        Angle by which the ring is turned round its axis, in rad.
    height
        Distance of the slice from the plane of the loops' centres.
    middle
        Where the ring's axis meets the slice, (y, x) from the middle of the slice.
    """

    radius: float = 0.75
    rotation: float = 0.0
    height: float = 0.0
    middle: tuple[float, float] = (0.0, 0.0)

    def __post_init__(self) -> None:
        if not self.radius > 0:
            raise ValueError(f"radius of a coil ring must be positive, got {self.radius}")


_RING = CoilRing()


def coil_sensitivities(
    n_coils: int, shape: tuple[int, int], ring: CoilRing = _RING
) -> NDArray[np.complex64]:
    """Sensitivities of loops on a ring round the head, their root sum of squares 1 everywhere.

    Parameters
    ----------
    n_coils
        Number of loops; 1 gives a coil of uniform sensitivity.
    shape
        Size (y, x) of a slice.
    ring
        Where the loops lie; by default their centres are in the plane of the slice.

    Returns
    -------
    NDArray[np.complex64]
        Shape `(coil, y, x)`.

    Raises
    ------
    ValueError
        If there are no coils.
    """
    if n_coils < 1:
        raise ValueError(f"n_coils must be at least 1, got {n_coils}")
    if n_coils == 1:
        return np.ones((1, *shape), np.complex64)
    y, x = (np.linspace(-0.5, 0.5, n) for n in shape)
    middle_y, middle_x = ring.middle
    plane = np.broadcast_arrays(x[None, :] - middle_x, y[:, None] - middle_y, ring.height)
    points = np.stack(plane, axis=-1)
    angles = 2 * np.pi * (np.arange(n_coils) + 0.5) / n_coils + ring.rotation
    loop_radius = min(0.30, 1.25 * ring.radius * np.sin(np.pi / n_coils))
    fields = [_loop_field(points, angle, loop_radius, ring.radius) for angle in angles]
    maps = np.stack(fields)
    maps /= np.sqrt((np.abs(maps) ** 2).sum(axis=0))
    return maps.astype(np.complex64)


def _loop_field(
    points: NDArray[np.float64],
    angle: float,
    loop_radius: float,
    ring_radius: float = _RING.radius,
) -> NDArray[np.complex128]:
    """Transverse field of a loop that faces the axis from ``angle``. Shape `(y, x)`.

    ``points`` are relative to the middle of the ring, shape `(y, x, 3)`.
    """
    outward = np.array([np.sin(angle), -np.cos(angle), 0.0])
    tangent = np.array([np.cos(angle), np.sin(angle), 0.0])
    axis = np.array([0.0, 0.0, 1.0])
    turns = 2 * np.pi * np.arange(_SEGMENTS) / _SEGMENTS
    ring = np.outer(np.cos(turns), tangent) + np.outer(np.sin(turns), axis)
    along = np.outer(-np.sin(turns), tangent) + np.outer(np.cos(turns), axis)
    axes = tuple(np.ascontiguousarray(points[..., i]) for i in range(3))
    field = np.zeros(points.shape[:-1], np.complex128)
    for position, (dx, dy, dz) in zip(ring * loop_radius, along, strict=True):
        x, y, z = (a - b for a, b in zip(axes, position + ring_radius * outward, strict=True))
        cubed = np.sqrt(x * x + y * y + z * z) ** 3
        field.real += (dy * z - dz * y) / cubed
        field.imag -= (dz * x - dx * z) / cubed
    return field


def smooth_phase(shape: tuple[int, int], seed: int) -> NDArray[np.float32]:
    """Phase of the object in rad, shape `(y, x)`: slow, a few rad from edge to edge."""
    rng = np.random.default_rng([seed, 0x9A5E])
    y, x = (np.linspace(-0.5, 0.5, n, dtype=np.float32) for n in shape)
    field = WaveField.random(rng, (0.5, 1.6), 12)
    ramp = rng.normal(0, 1.0, 2)
    offset = rng.uniform(-np.pi, np.pi)
    phase = offset + ramp[0] * y[:, None] + ramp[1] * x + 0.6 * field.on_plane(x, y, 0.0)
    return phase.astype(np.float32)


def complex_noise(
    shape: tuple[int, ...], sd: float, rng: np.random.Generator
) -> NDArray[np.complex64]:
    """White Gaussian noise whose real and imaginary parts have standard deviation ``sd`` each."""
    parts = rng.standard_normal((2, *shape), dtype=np.float32) * np.float32(sd)
    noise: NDArray[np.complex64] = parts[0] + 1j * parts[1]
    return noise
