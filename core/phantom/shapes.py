"""Solids as depth functions: distance to the surface in mm, positive inside."""

from __future__ import annotations

from collections.abc import Sequence
from itertools import pairwise

import numpy as np

from core.phantom.noise import Array

Point = tuple[float, float, float]


def coverage(depth: Array, blur_mm: float) -> Array:
    """Share of a voxel inside a surface at that depth: 0 to 1 over ``blur_mm``, smoothly."""
    t = np.clip(depth / np.float32(blur_mm) + np.float32(0.5), 0, 1)
    smooth: Array = t * t * (3 - 2 * t)
    return smooth


def step(x: Array, centre: float, width: float) -> Array:
    """Logistic step from 0 to 1 around ``centre``, about ``4 * width`` long."""
    rise: Array = 1 / (1 + np.exp(np.clip((centre - x) / np.float32(width), -40, 40)))
    return rise


def ellipsoid(
    x: Array, y: Array, z: Array, centre: Point, radii: Point, power: float = 2.0
) -> Array:
    """Depth in a (super)ellipsoid, to first order: ``(1 - r) / |grad r|``, r the scaled radius."""
    total = np.full_like(x, 1e-6)
    slope = np.full_like(x, 1e-12)
    for q, c, r in zip((x, y, z), centre, radii, strict=True):
        scaled = np.abs(q - np.float32(c))
        scaled /= np.float32(r)
        partial = scaled if power == 2 else scaled ** np.float32(power - 1)
        total += scaled * partial
        partial = partial / np.float32(r)
        slope += partial * partial
    radius = np.sqrt(total) if power == 2 else total ** np.float32(1 / power)
    gradient = np.sqrt(slope) * radius / total
    depth: Array = (1 - radius) / np.maximum(gradient, np.float32(1 / max(radii)))
    return depth


def tube(x: Array, y: Array, z: Array, knots: Sequence[tuple[float, float, float, float]]) -> Array:
    """Depth in a tube through knots ``(x, y, z, radius)``."""
    best: Array | None = None
    for start, end in pairwise(knots):
        part = _segment(x, y, z, start, end)
        best = part if best is None else join(best, part, 2.0)
    assert best is not None
    return best


def _segment(
    x: Array,
    y: Array,
    z: Array,
    start: tuple[float, float, float, float],
    end: tuple[float, float, float, float],
) -> Array:
    a = np.array(start, np.float32)
    d = np.array(end, np.float32) - a
    length2 = float(d[:3] @ d[:3])
    dx, dy, dz = x - a[0], y - a[1], z - a[2]
    t = np.clip((dx * d[0] + dy * d[1] + dz * d[2]) / np.float32(length2), 0, 1)
    distance2 = (dx - t * d[0]) ** 2 + (dy - t * d[1]) ** 2 + (dz - t * d[2]) ** 2
    depth: Array = a[3] + t * d[3] - np.sqrt(distance2)
    return depth


def join(a: Array, b: Array, round_mm: float) -> Array:
    """Union of two solids, its crease filled over ``round_mm``."""
    h = np.maximum(round_mm - np.abs(a - b), 0)
    union: Array = np.maximum(a, b) + h * h / np.float32(4 * round_mm)
    return union


def meet(a: Array, b: Array, round_mm: float) -> Array:
    """Intersection of two solids, its edge rounded over ``round_mm``."""
    return -join(-a, -b, round_mm)
