"""Where slices lie in the patient, and how they are turned for display.

Acquisitions state directions and positions in the patient's coordinates of DICOM: left, posterior
and superior (LPS), mm.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TypeVar

import numpy as np
from numpy.typing import NDArray

from core.types import Grid

T = TypeVar("T", bound=np.generic)

_TO_RAS = np.array([-1.0, -1.0, 1.0])
_LETTERS = (("R", "L"), ("A", "P"), ("S", "I"))
"""Along right-left, anterior-posterior, superior-inferior: at the beginning and the end."""


@dataclass(frozen=True, eq=False)
class Pose:
    """Where an acquisition lies.

    Attributes
    ----------
    directions
        Unit vectors of readout, phase encoding and slice, LPS, shape `(3, 3)`.
    centres
        Middle of each slice, or of the slab of a 3D acquisition, LPS in mm, shape `(n, 3)`.
    signs_are_known
        Whether images run along the directions as stated. Where they may as well run against
        them, nothing is turned and no side is named.
    """

    directions: NDArray[np.float64]
    centres: NDArray[np.float64]
    signs_are_known: bool = True

    def is_stated(self) -> bool:
        """Whether this is a place at all, and not what writers put where they know of none."""
        if not (np.isfinite(self.directions).all() and np.isfinite(self.centres).all()):
            return False
        gram = self.directions @ self.directions.T
        is_default = np.array_equal(self.directions, np.eye(3)) and not self.centres.any()
        return bool(np.allclose(gram, np.eye(3), atol=1e-2)) and not is_default


@dataclass(frozen=True, eq=False)
class Shown:
    """Slices turned for display, and where they lie; what is unknown is None."""

    kspace: NDArray[np.complex64]
    sampled: NDArray[np.bool_] | None
    spacing_mm: tuple[float, float, float]
    grid: Grid | None = None
    edges: tuple[str, str, str, str] | None = None


def slice_order(pose: Pose) -> NDArray[np.int64]:
    """Order of 2D slices along the slice direction; as they are numbered if that is not known."""
    along = pose.centres @ pose.directions[2]
    n = len(along)
    if len(np.unique(np.round(along, 3))) < n or not pose.is_stated():
        return np.arange(n)
    return np.asarray(np.argsort(along), np.int64)


def gap_mm(pose: Pose, thickness: float) -> float:
    """Distance of neighbouring 2D slices; their thickness where there is one only."""
    along = np.sort(pose.centres @ pose.directions[2])
    steps = np.diff(along)
    regular = len(steps) > 0 and steps.min() > 0 and np.ptp(steps) < 0.1 * steps.mean()
    return float(steps.mean()) if regular and pose.is_stated() else thickness


def shown(
    kspace: NDArray[np.complex64],
    sampled: NDArray[np.bool_] | None,
    pose: Pose,
    axes: tuple[int, int, int],
    spacing_mm: tuple[float, float, float],
) -> Shown:
    """Slices mirrored so that right, front and top lie where they usually do.

    Axes stay as they are, so that lines along y stay lines along y. Where an image is mirrored,
    k-space is read backwards about its origin.

    Parameters
    ----------
    kspace
        Shape `(slice, coil, y, x)`.
    sampled
        Where it was measured, shape `(y, x)`.
    pose
        Of these slices in this order, or of the slab they are all of.
    axes
        Which direction of the acquisition (slice, y, x) are.
    spacing_mm
        Of voxels along (slice, y, x).
    """
    if not (pose.is_stated() and pose.signs_are_known):
        return Shown(kspace, sampled, spacing_mm)
    vectors = pose.directions[list(axes)] * _TO_RAS
    worlds = _worlds(vectors)
    signs = np.sign(vectors[np.arange(3), worlds]) * (1, -1, -1)
    middle = [n // 2 for n in kspace.shape[2:]]
    centre = np.array([_centre_of_slices(pose, kspace.shape[0]), *middle])
    if signs[0] < 0:
        kspace = kspace[::-1]
        centre[0] = kspace.shape[0] - 1 - centre[0]
    for axis, sign in ((-2, signs[1]), (-1, signs[2])):
        if sign < 0:
            kspace = mirrored(kspace, axis)
            sampled = None if sampled is None else mirrored(sampled, axis)
    affine = np.eye(4)
    affine[:3, :3] = (vectors * (signs * spacing_mm)[:, None]).T
    affine[:3, 3] = pose.centres[0] * _TO_RAS - affine[:3, :3] @ centre
    edges = (*_LETTERS[worlds[2]], *_LETTERS[worlds[1]])
    grid = Grid(affine, (kspace.shape[0], kspace.shape[2], kspace.shape[3]))
    return Shown(np.ascontiguousarray(kspace), sampled, spacing_mm, grid, edges)


def _centre_of_slices(pose: Pose, n: int) -> int:
    """Index of the slice that the pose's first centre is the middle of."""
    return 0 if len(pose.centres) == n else n // 2


def _worlds(vectors: NDArray[np.float64]) -> tuple[int, int, int]:
    """World axis nearest to each vector, each taken once."""
    from nibabel.orientations import io_orientation

    affine = np.eye(4)
    affine[:3, :3] = vectors.T
    nearest = io_orientation(affine)[:, 0]
    return int(nearest[0]), int(nearest[1]), int(nearest[2])


def mirrored(kspace: NDArray[T], axis: int) -> NDArray[T]:
    """k-space (or its mask) of the image mirrored about its middle pixel, ``n // 2``."""
    flipped = np.flip(kspace, axis)
    return flipped if kspace.shape[axis] % 2 else np.roll(flipped, 1, axis)
