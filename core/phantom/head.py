"""What surrounds the brain: skull, scalp, orbits, airways, vessels."""

from __future__ import annotations

import numpy as np

from core.phantom.cortex import cerebrum
from core.phantom.hindbrain import cerebellum
from core.phantom.noise import Array
from core.phantom.shapes import ellipsoid, join, meet, tube
from core.phantom.subject import Space


def cavity(space: Space) -> Array:
    """Depth below the inner table of the skull."""
    side, front, up = space.side, space.front, space.up
    upper = cerebrum(space.left, front, up) + 2.6
    lower = join(cerebellum(space) + 2.8, _basal(space), 10.0)
    stem = tube(side, front, up, ((0, -30, -30, 14), (0, -34, -52, 13), (0, -42, -90, 10)))
    middle = ellipsoid(side, front, up, (0, -52, -5), (45, 30, 22))
    return join(join(join(upper, lower, 8.0), middle, 8.0), stem, 8.0)


def _basal(space: Space) -> Array:
    return ellipsoid(space.side, space.front, space.up, (0, -14, -17), (26, 24, 17))


def head(space: Space) -> Array:
    """Depth below the skin: the calvaria, and below it face and neck."""
    side, front, up = space.side, space.front, space.up
    width = side / (1 - 0.07 * np.tanh((front + 12) / 45))
    stretched = np.where(up < 0, up * np.float32(0.30), up)
    crown = ellipsoid(width, front, stretched, (0, -17, 2), (81, 102.5, 84), 2.12)
    face = ellipsoid(side, front, up, (0, 40, -55), (56, 50, 55), 2.4)
    nose = tube(side, front, up, ((0, 80, -30, 10), (0, 98, -62, 12)))
    return join(join(crown, face, 14.0), nose, 10.0)


def globe(space: Space) -> Array:
    """Depth in the eyeballs."""
    return ellipsoid(space.side, space.front, space.up, (32, 66, -33), (12, 12, 12))


def lens(space: Space) -> Array:
    """Depth in the lenses of the eyes."""
    return ellipsoid(space.side, space.front, space.up, (32.5, 74.5, -33), (4.6, 2.2, 4.6))


def orbit(space: Space) -> Array:
    """Depth in the fat-filled orbits: cones that narrow backwards."""
    side = space.side - 0.42 * (space.front - 66)
    return ellipsoid(side, space.front, space.up, (32, 55, -33), (15, 27, 14), 2.2)


def orbital_muscles(space: Space) -> Array:
    """Depth in the optic nerves and the straight muscles of the eyes."""
    side, front, up = space.side, space.front, space.up
    nerve = tube(side, front, up, ((30, 54, -33, 2.0), (16, 26, -27, 2.0), (4, 8, -19, 2.0)))
    medial = tube(side, front, up, ((19.5, 62, -33, 1.7), (14, 34, -31, 2.2)))
    lateral = tube(side, front, up, ((42, 62, -33, 1.7), (22, 32, -32, 2.2)))
    return np.maximum(nerve, np.maximum(medial, lateral))


def airways(space: Space) -> Array:
    """Depth in the nasal cavity, the sinuses and the mastoid cells."""
    side, front, up = space.side, space.front, space.up
    ethmoid = ellipsoid(side, front, up, (5.5, 50, -36), (5.5, 22, 12), 3.0)
    sphenoid = ellipsoid(side, front, up, (6.5, 15, -33), (6, 11, 8), 2.5)
    frontal = ellipsoid(side, front, up, (10, 78, -16), (10, 4.5, 10))
    maxillary = ellipsoid(side, front, up, (29, 48, -62), (14, 16, 15), 2.5)
    mastoid = ellipsoid(side, front, up, (57, -36, -44), (8, 12, 14))
    canal = tube(side, front, up, ((50, -22, -38, 3), (78, -24, -44, 3.5)))
    cells = np.maximum(np.maximum(ethmoid, sphenoid), np.maximum(frontal, maxillary))
    return np.maximum(cells, np.maximum(mastoid, canal))


def petrous(space: Space) -> Array:
    """Depth in the bone of the skull's base: petrous ridges, clivus and sphenoid wings."""
    side, front, up = space.side, space.front, space.up
    ridge = tube(side, front, up, ((14, -6, -40, 6), (34, -22, -41, 9), (56, -34, -42, 13)))
    clivus = tube(side, front, up, ((0, -3, -28, 6), (0, -14, -52, 6)))
    wing = tube(side, front, up, ((8, 24, -26, 4), (30, 26, -22, 4), (50, 24, -14, 4)))
    return np.maximum(ridge, np.maximum(clivus, wing))


def vessels(space: Space, inner: Array) -> Array:
    """Depth in the large arteries and venous sinuses; ``inner`` is :func:`cavity`."""
    side, front, up = space.side, space.front, space.up
    basilar = tube(side, front, up, ((0, -10, -14, 1.6), (0, -10.5, -40, 1.8)))
    vertebral = tube(side, front, up, ((0, -11, -40, 1.5), (9, -24, -62, 1.7)))
    carotid = tube(side, front, up, ((12, 4, -16, 2.0), (12, 0, -26, 2.4), (22, -4, -60, 2.6)))
    middle = tube(
        side, front, up, ((11, 4, -15, 1.5), (28, 7, -12, 1.3), (38, 5, -7, 1.1), (41, -6, 1, 0.9))
    )
    posterior = tube(side, front, up, ((2, -12, -12, 1.1), (13, -20, -11, 1.0), (18, -34, -8, 0.9)))
    anterior = tube(side, front, up, ((10, 5, -15, 1.1), (1.2, 16, -12, 1.0), (1.2, 38, 6, 0.9)))
    cerebral_vein = tube(side, front, up, ((0, -38, 9, 1.3), (0, -52, 14, 1.8)))
    arteries = np.maximum(np.maximum(basilar, vertebral), np.maximum(carotid, middle))
    small = np.maximum(np.maximum(posterior, anterior), cerebral_vein)
    return np.maximum(np.maximum(arteries, small), _sinuses(space, inner))


def _sinuses(space: Space, below: Array) -> Array:
    """Depth in the sagittal sinus, a triangle under the vault, and the transverse sinuses."""
    wedge = meet(5.0 - below, 3.0 - 0.5 * below - space.side, 1.0)
    sagittal = meet(wedge, below + 0.5, 1.0)
    upper = np.maximum(space.up - 24, -space.front - 70)
    sagittal = meet(sagittal, np.minimum(upper, space.up + 14), 3.0)
    transverse = tube(
        space.side,
        space.front,
        space.up,
        ((2, -100, -12, 3.2), (34, -88, -17, 3.2), (52, -58, -22, 3.4), (46, -44, -42, 3.4)),
    )
    return np.maximum(sagittal, transverse)
