"""What lies inside the hemispheres: ventricles, corpus callosum, deep nuclei, lesions."""

from __future__ import annotations

import numpy as np

from core.phantom.cortex import callosal_arch
from core.phantom.noise import Array
from core.phantom.shapes import ellipsoid, join, meet, tube
from core.phantom.subject import Space, Subject

_BODY = (
    (11.5, 29.0, 4.0, 2.6),
    (9.0, 21.0, 9.0, 5.0),
    (7.5, 8.0, 16.5, 5.0),
    (9.5, -10.0, 21.0, 4.6),
    (14.5, -26.0, 19.5, 5.2),
    (22.5, -39.0, 11.5, 7.0),
    (25.5, -50.0, 5.5, 6.2),
    (24.0, -60.0, 3.5, 3.6),
    (22.0, -70.0, 2.5, 1.6),
)
_TEMPORAL_HORN = (
    (25.5, -42.0, 5.0, 5.0),
    (31.0, -31.0, -7.0, 2.4),
    (33.0, -18.0, -15.0, 1.8),
    (31.0, -6.0, -19.0, 1.8),
)


def lateral_ventricles(space: Space, subject: Subject) -> Array:
    """Depth in the lateral ventricles, shaped by the caudate, the thalamus and the septum."""
    side, front, up = space.side, space.front, space.up
    horns = tube(side, front, up, _BODY) + np.float32(subject.ventricle)
    temporal = tube(side, front, up, _TEMPORAL_HORN) + np.float32(0.4 * subject.ventricle)
    septum = side - 0.9 - 0.03 * np.maximum(-front, 0)
    carved = meet(meet(horns, -caudate(space), 1.5), -thalamus(space), 1.5)
    return meet(join(carved, temporal, 3.0), septum, 1.0)


def third_ventricle(space: Space, subject: Subject) -> Array:
    """Depth in the third ventricle: a slit between the thalami."""
    width = 2.1 + 0.6 * subject.ventricle
    return ellipsoid(space.side, space.front, space.up, (0, -9, -1), (width, 17, 11), 3.0)


def corpus_callosum(space: Space) -> Array:
    """Depth in the corpus callosum: a band under the arch that spreads into the hemispheres."""
    arch = callosal_arch(space.front, space.up)
    ends = np.clip(np.abs(space.front + 3) / 36, 0, 1) ** 4
    band = np.minimum(arch + 0.5, 6.0 + 5.0 * ends - arch)
    spread = 15 - space.side
    above = space.up - (-2)
    return meet(meet(band, spread, 4.0), above, 3.0)


def caudate(space: Space) -> Array:
    """Depth in the caudate nuclei: a head and a tail that follows the ventricle."""
    side, front, up = space.side, space.front, space.up
    head = ellipsoid(side - 0.22 * (16 - front), front, up, (13.2, 16, 6), (5.4, 11, 10.5))
    tail = tube(
        side,
        front,
        up,
        ((14.5, 12, 13, 4.6), (16.5, 0, 19.5, 3.2), (19, -14, 21, 2.3), (23.5, -27, 18, 1.5)),
    )
    return join(head, tail, 3.0)


def putamen(space: Space) -> Array:
    """Depth in the putamina: lens-shaped, bent round the pallidum."""
    side = space.side + 0.012 * (space.front - 0) ** 2 + 0.10 * (space.front + 2)
    return ellipsoid(side, space.front, space.up, (27.8, 1, 3), (5.2, 17.5, 11.5), 2.2)


def pallidum(space: Space) -> Array:
    """Depth in the globus pallidus: a wedge medial to the putamen."""
    side = space.side + 0.02 * (space.front + 2) ** 2 + 0.20 * (space.front + 2)
    return ellipsoid(side, space.front, space.up, (20.6, -2, 0.5), (4.6, 11, 7.5))


def thalamus(space: Space) -> Array:
    """Depth in the thalami, diverging backwards."""
    side = space.side + 0.28 * (space.front + 16)
    return ellipsoid(side, space.front, space.up, (11, -17, 6.5), (8.6, 15, 9), 2.3)


def hypothalamus(space: Space) -> Array:
    """Depth in the grey matter round the lower third ventricle."""
    return ellipsoid(space.side, space.front, space.up, (3, 0, -8), (5, 11, 7))


def hippocampus(space: Space) -> Array:
    """Depth in the hippocampi, medial to the temporal horns."""
    up = space.up - 0.35 * (space.front + 20)
    return ellipsoid(space.side, space.front, up, (26.5, -20, -14), (5, 16, 4))


def claustrum(space: Space) -> Array:
    """Depth in the claustrum: a thin sheet between putamen and insula."""
    sheet = 0.55 - np.abs(space.side - 34.3 + 0.008 * (space.front - 0) ** 2)
    extent = ellipsoid(np.zeros_like(sheet), space.front, space.up, (0, 0, 3), (50, 18, 12))
    return np.minimum(sheet, extent)


def lesions(space: Space, subject: Subject) -> Array:
    """Depth in white matter lesions, drawn out sideways from the ventricles."""
    deepest = np.full_like(space.left, -1e3)
    for left, front, up, radius, elongation in subject.lesions:
        near = ellipsoid(
            space.left,
            space.front,
            space.up,
            (left, front, up),
            (radius * elongation, radius, radius * 1.1),
        )
        deepest = np.maximum(deepest, near)
    return deepest + 0.35 * space.noise(subject.fine)
