r"""The folded cortex.

A hull without folds comes first. Sulci are sheets that run from it inwards, at right angles, where
a random field on the hull is zero: every point is projected onto the hull along the hull's normal
and the field is read there. For a field that is locally a sine of wave number :math:`k`, the
distance to its nearest zero is

.. math:: d = \frac{1}{k} \arctan \frac{k\,|f|}{|\nabla f|}

The pial surface is the hull less the sulci; grey matter is what lies within the cortex's thickness
of it.
"""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from core.phantom.noise import Array
from core.phantom.shapes import ellipsoid, join, meet, step
from core.phantom.subject import Space, Subject

_CURVATURE_MM = 85.0
"""Radius by which the pattern of sulci narrows on its way in."""


def cerebrum(left: Array, front: Array, up: Array) -> Array:
    """Depth in the hull of both hemispheres together."""
    side = np.abs(left)
    width = side / (1 - 0.09 * np.tanh((front + 12) / 45))
    main = ellipsoid(width, front, up, (0, -17, 5), (66, 87.5, 66.5), 2.15)
    frontal = step(front, 6, 5)
    occipital = 1 - step(front, -38, 5)
    orbital = -22 + 0.008 * side**2 + 0.08 * np.maximum(front - 25, 0)
    tentorium = 2.5 - 0.40 * side + 0.22 * np.minimum(front + 48, 0)
    floor = -13 + frontal * (orbital + 13) + occipital * (tentorium + 13)
    temporal = ellipsoid(
        side, front, up - 0.18 * (front + 14), (42, -16, -19), (23.5, 43, 22.5), 2.2
    )
    uncus = ellipsoid(side, front, up, (19, -6, -17), (10, 15, 10))
    return join(meet(main, up - floor, 8.0), join(temporal, uncus, 6.0), 7.0)


def callosal_arch(front: Array, up: Array) -> Array:
    """Depth in the midsagittal region the corpus callosum surrounds, where no fissure runs."""
    zero = np.zeros_like(front)
    return ellipsoid(zero, front, up, (0, -3, 2), (50, 37, 25), 2.3)


def core(space: Space, subject: Subject) -> Array:
    """Depth in the region of the deep nuclei and ventricles, which no sulcus enters."""
    front = space.front
    middle = ellipsoid(space.side, front, space.up, (0, -4, 9), (37.5, 38, 20), 2.3)
    back = ellipsoid(space.side, front, space.up, (24, -44, 6), (12, 30, 13))
    return join(middle, back, 6.0) + 2.2 * space.noise(subject.meander[2])


def _hemisphere(left: Array, front: Array, up: Array) -> Array:
    """Depth below the hull of the nearer hemisphere, its medial wall included."""
    medial = join(np.abs(left) - 0.8, callosal_arch(front, up), 3.0)
    return meet(cerebrum(left, front, up), medial, 5.0)


def _sylvian(space: Space, subject: Subject) -> Array:
    """Distance to the Sylvian fissure: a slanting cleft that ends on the insula."""
    waver = [space.noise(field) for field in subject.meander]
    side = space.side + 1.5 * waver[0] + 0.035 * (space.front + 2) ** 2 / 2
    front = space.front + 2 * waver[1]
    level = 1.5 - 0.6 * (front + 4) + 0.15 * (side - 40) + 2.5 * waver[2]
    cleft = np.abs(space.up - level) * np.float32(0.9)
    beyond = np.maximum(np.abs(front + 6) - 29, 0)
    cleft = np.sqrt(cleft**2 + beyond**2 + np.maximum(39.5 - side, 0) ** 2)
    ring = ellipsoid(np.zeros_like(side), front, space.up, (0, 0, 4), (60, 21, 15))
    wall = np.abs(side - 41.5)
    insula = np.sqrt(wall**2 + np.maximum(-ring, 0) ** 2)
    nearest: Array = np.minimum(cleft, insula)
    return nearest


def _to_hull(points: Array, depth: Array) -> tuple[Array, Array, Array]:
    """Unit inward normals of the hull, points projected onto it, and the depth's slope.

    Shapes `(3, point)` twice and `(point,)`. The slope is 1, less where two walls are equally near.
    """
    delta = np.float32(0.5)
    normal = np.empty_like(points)
    for axis in range(3):
        moved = points.copy()
        moved[axis] += delta
        normal[axis] = (_hemisphere(moved[0], moved[1], moved[2]) - depth) / delta
    slope = np.sqrt((normal**2).sum(axis=0))
    normal /= np.maximum(slope, np.float32(0.2))
    return normal, points - depth * normal, slope


def _sulci(
    space: Space, subject: Subject, hull: Array, inside: NDArray[np.bool_]
) -> tuple[Array, Array]:
    """Distance to the nearest sulcus and half its width, at the points inside. Shape `(point,)`."""
    depth = hull[inside]
    here = np.stack([q[inside] for q in (space.left, space.front, space.up)])
    normal, foot, slope_of_depth = _to_hull(here, depth)
    bend = 0.4 + 0.6 * np.clip(depth / 14, 0, 1)
    meander = np.stack([space.noise(field)[inside] for field in subject.meander], axis=1)
    points = foot.T + 3.2 * bend[:, None] * meander
    mirrored = points.copy()
    mirrored[:, 0] = np.abs(mirrored[:, 0])
    shared, shared_slope = subject.folds.with_gradient(mirrored)
    own, own_slope = subject.own_folds.with_gradient(points)
    shared_slope[:, 0] *= np.sign(points[:, 0])
    value = 0.70 * shared + 0.72 * own
    slope = 0.70 * shared_slope + 0.72 * own_slope
    along = (slope * normal.T).sum(axis=1, keepdims=True)
    steepness = np.linalg.norm(slope - along * normal.T, axis=1)
    k = np.float32(2 * np.pi / 25)
    narrowing = 1 - np.clip(depth, 0, 30) / np.float32(_CURVATURE_MM)
    across = np.arctan2(np.abs(value), steepness / k) / k * narrowing
    amplitude = np.sqrt(value**2 + (steepness / k) ** 2)
    across += 9 * np.maximum(0.42 - amplitude, 0)  # flat crossings would open into lakes
    variation = subject.sulcal_depth.at(points)
    medial = 1 - 0.6 * np.exp(-((space.side[inside] / 20) ** 2))
    reach = np.clip(17 + 5.5 * variation, 3, 25) * medial
    reach *= 0.65 + 0.35 * step(space.up[inside], 0, 6)
    distance = np.sqrt(across**2 + np.maximum(depth - reach, 0) ** 2)
    distance += 25 * np.maximum(0.85 - slope_of_depth, 0)  # a sulcus never crosses to another wall
    width = subject.sulcal_width * (1 + 0.6 * variation) + 1.1 * np.exp(-np.maximum(depth, 0) / 2.2)
    return distance, width


def pial_depth(space: Space, subject: Subject) -> Array:
    """Depth below the folded surface of the cerebrum; negative in sulci and outside."""
    hull = _hemisphere(space.left, space.front, space.up)
    inside = (hull > -2) & (hull < 32)
    deep = core(space, subject)
    depth = hull.copy()
    if inside.any():
        distance, width = _sulci(space, subject, hull, inside)
        wall = np.maximum(distance - width, deep[inside])
        depth[inside] = np.minimum(hull[inside], wall)
    sylvian = _sylvian(space, subject) - 0.4 - 0.8 * np.exp(-np.maximum(hull, 0) / 4)
    return np.minimum(depth, sylvian)
