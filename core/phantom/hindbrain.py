"""Cerebellum, brainstem, fourth ventricle."""

from __future__ import annotations

import numpy as np

from core.phantom.noise import Array
from core.phantom.shapes import ellipsoid, join, meet, tube
from core.phantom.subject import Space, Subject


def cerebellum(space: Space) -> Array:
    """Depth in the hull of the cerebellum: two hemispheres and the vermis under the tentorium."""
    side, front, up = space.side, space.front, space.up
    lobe = ellipsoid(side, front, up, (25, -64, -31), (30, 31, 26), 2.4)
    vermis = ellipsoid(side, front, up, (0, -60, -24), (14, 25, 23))
    tent = 0.8 - 0.40 * side + 0.22 * np.minimum(front + 48, 0) - up
    return meet(join(lobe, vermis, 5.0), tent, 4.0)


def folia(space: Space, subject: Subject, depth: Array) -> tuple[Array, Array]:
    """Pial and white matter depth of the cerebellum: thin leaves round its peduncle.

    The leaves follow distance from the peduncle; every few share a branch of white matter.
    """
    waver = space.noise(subject.meander[0])
    radius = np.sqrt(
        (0.62 * space.side) ** 2 + (space.front + 36) ** 2 + (1.15 * (space.up + 26)) ** 2
    )
    phase = radius * np.float32(2 * np.pi / 4.6) + 0.9 * waver
    reach = 6 + 2.5 * space.noise(subject.meander[1])
    fissure = np.abs(np.sin(phase / 2)) * np.float32(2.1)
    wall = np.sqrt(fissure**2 + np.maximum(depth - reach, 0) ** 2) - 0.28
    pial = np.minimum(depth, wall)
    branch = 3.2 * np.cos(phase / 3 + 0.7 * waver) + 1.5 * np.cos(phase)
    white = depth - 8.0 + branch
    return pial, white


def brainstem(space: Space) -> Array:
    """Depth in midbrain, pons and medulla, with the cerebral and cerebellar peduncles."""
    side, front, up = space.side, space.front, space.up
    pons = ellipsoid(side, front, up, (0, -25, -27), (17, 13.5, 14), 2.3)
    midbrain = ellipsoid(side, front, up, (0, -28, -8), (15.5, 11, 13))
    crus = tube(side, front, up, ((8, -20, -18, 6), (13, -15, -6, 6), (17, -12, 2, 6)))
    medulla = tube(side, front, up, ((0, -29, -36, 9.5), (0, -35, -55, 7.5), (0, -42, -85, 6.5)))
    arm = tube(side, front, up, ((10, -30, -29, 8), (23, -50, -31, 8)))
    notch = ellipsoid(side, front, up, (0, -14, -10), (4.5, 6, 9))
    upper = meet(join(midbrain, crus, 4.0), -notch, 2.0)
    stem = join(join(pons, upper, 4.0), medulla, 4.0)
    return join(stem, arm, 4.0)


def fourth_ventricle(space: Space) -> Array:
    """Depth in the aqueduct, the fourth ventricle and its outlet."""
    side, front, up = space.side, space.front, space.up
    chamber = ellipsoid(side, front, up, (0, -41, -30), (8, 5.5, 10), 1.7)
    aqueduct = tube(side, front, up, ((0, -31, -3, 0.9), (0, -37, -18, 1.3)))
    return join(chamber, aqueduct, 2.0)


def cisterns(space: Space) -> Array:
    """Depth in the spaces of fluid round the brainstem and behind the third ventricle."""
    side, front, up = space.side, space.front, space.up
    quadrigeminal = ellipsoid(side, front, up, (0, -42, 2), (10, 4.5, 7))
    chiasmatic = ellipsoid(side, front, up, (0, 4, -17), (12, 8, 6))
    interpeduncular = ellipsoid(side, front, up, (0, -11, -14), (8, 6, 9))
    return join(join(quadrigeminal, chiasmatic, 1.0), interpeduncular, 3.0)
