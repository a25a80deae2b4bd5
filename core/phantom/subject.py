"""One digital person: the random numbers that make heads differ, and where its points lie."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from core.phantom.noise import Array, WaveField

_FOLD_STRETCH = (1.0, 1.0, 1.7)
"""Sulci run up and down rather than round the head."""


@dataclass(frozen=True, eq=False)
class Space:
    """Points of an axial plane in the subject's own coordinates, in mm.

    The origin lies between the hemispheres at the level of the commissures.

    Attributes
    ----------
    left, side, front, up
        Coordinates towards the left, away from the midline (never negative), anterior and superior.
        Shape `(y, x)`.
    columns, rows, height
        Scanner coordinates of the plane: left shape `(x,)`, anterior shape `(y,)`, superior.
    """

    left: Array
    side: Array
    front: Array
    up: Array
    columns: Array
    rows: Array
    height: float

    def noise(self, field: WaveField) -> Array:
        """A random field on this plane."""
        return field.on_plane(self.columns, self.rows, self.height)


@dataclass(frozen=True, eq=False)
class Subject:
    """What differs between people. Lengths in mm, angles in rad.

    Attributes
    ----------
    size
        Scale of the head along left, anterior, superior.
    rotation
        Orthogonal matrix of the head's tilt in the scanner.
    warp
        Three slow fields that bend the whole head, for shape beyond ellipsoids.
    midline
        Field that makes the interhemispheric fissure waver.
    folds, own_folds
        Fields whose zeros are the sulci: one shared by both hemispheres, one not.
    sulcal_depth, meander
        Fields of the depth of sulci, and three that bend them on their way in.
    ventricle
        Added to the radius of the ventricles.
    sulcal_width
        Half the width of a sulcus, before local variation.
    cortex
        Thickness of the cortex.
    lesions
        Rows ``(left, anterior, superior, radius, elongation)``. Shape `(lesion, 5)`.
    marrow, tissue, fine
        Fields of the skull's marrow, of slow and of fast biological texture.
    """

    size: tuple[float, float, float]
    rotation: Array
    warp: tuple[WaveField, WaveField, WaveField]
    midline: WaveField
    folds: WaveField
    own_folds: WaveField
    sulcal_depth: WaveField
    meander: tuple[WaveField, WaveField, WaveField]
    ventricle: float
    sulcal_width: float
    cortex: float
    lesions: Array
    marrow: WaveField
    tissue: WaveField
    fine: WaveField

    @classmethod
    def random(cls, seed: int) -> Subject:
        """The subject called ``seed``."""
        rng = np.random.default_rng([seed, 0x7B3A1])
        age = rng.uniform(0, 1)

        def fields(low: float, high: float, n: int = 24) -> tuple[WaveField, WaveField, WaveField]:
            a, b, c = (WaveField.random(rng, (low, high), n) for _ in range(3))
            return a, b, c

        return cls(
            size=tuple(rng.normal(1.0, (0.025, 0.025, 0.02)).clip(0.94, 1.06)),
            rotation=_rotation(*(np.deg2rad(rng.normal(0, (2.0, 1.2, 2.5))))),
            warp=fields(95, 180),
            midline=WaveField.random(rng, (25, 60), 16),
            folds=WaveField.random(rng, (20, 27), 48).stretched(_FOLD_STRETCH),
            own_folds=WaveField.random(rng, (18, 26), 48).stretched(_FOLD_STRETCH),
            sulcal_depth=WaveField.random(rng, (26, 60)),
            meander=fields(18, 40),
            ventricle=float(rng.normal(-0.3 + 0.9 * age, 0.5)),
            sulcal_width=float(0.30 + 0.30 * age + rng.normal(0, 0.05)),
            cortex=float(rng.normal(2.7, 0.1)),
            lesions=_lesions(rng),
            marrow=WaveField.random(rng, (5, 40)),
            tissue=WaveField.random(rng, (12, 60), 64),
            fine=WaveField.random(rng, (2.5, 9), 160),
        )

    def space(self, columns: Array, rows: Array, height: float) -> Space:
        """The plane at ``height`` of the scanner, in this subject's coordinates."""
        across, down = np.meshgrid(columns, rows)
        points = np.stack([across, down, np.full_like(across, height)])
        turned = np.tensordot(self.rotation, points, axes=1)
        bent = [
            turned[i] / np.float32(self.size[i])
            + 1.3 * self.warp[i].on_plane(columns, rows, height)
            for i in range(3)
        ]
        left = bent[0] + 0.7 * self.midline.on_plane(columns, rows, height)
        return Space(left, np.abs(left), bent[1], bent[2], columns, rows, height)


def _rotation(yaw: float, roll: float, pitch: float) -> Array:
    """Rotation of (left, anterior, superior) by small angles about S, A and L."""
    cy, sy, cr, sr, cp, sp = (f(a) for a in (yaw, roll, pitch) for f in (np.cos, np.sin))
    about_s = np.array([[cy, -sy, 0], [sy, cy, 0], [0, 0, 1]])
    about_a = np.array([[cr, 0, sr], [0, 1, 0], [-sr, 0, cr]])
    about_l = np.array([[1, 0, 0], [0, cp, -sp], [0, sp, cp]])
    return (about_s @ about_a @ about_l).astype(np.float32)


def _lesions(rng: np.random.Generator) -> Array:
    """Places of white matter lesions: mostly beside the ventricles, some under the cortex."""
    n_near, n_far = int(rng.integers(7, 14)), int(rng.integers(3, 7))
    near = np.stack(
        [
            rng.choice([-1, 1], n_near) * rng.uniform(19, 27, n_near),
            rng.choice([24.0, 4.0, -14.0, -34.0, -50.0], n_near) + rng.normal(0, 5, n_near),
            rng.uniform(14, 30, n_near),
            rng.gamma(6, 0.38, n_near) + 0.8,
            rng.uniform(1.2, 2.0, n_near),
        ],
        axis=1,
    )
    far = np.stack(
        [
            rng.choice([-1, 1], n_far) * rng.uniform(24, 42, n_far),
            rng.uniform(-60, 35, n_far),
            rng.uniform(22, 48, n_far),
            rng.uniform(1.3, 2.6, n_far),
            rng.uniform(1.0, 1.5, n_far),
        ],
        axis=1,
    )
    return np.concatenate([near, far]).astype(np.float32)
