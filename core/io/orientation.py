"""How the slices of a NIfTI file are chosen and turned for display."""

from __future__ import annotations

from itertools import pairwise
from pathlib import Path
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from core.io.magnitude import MAX_SIZE, MIN_SIZE, check_slice_shape
from core.types import Grid

THICK = 1.5
"""The slice axis is the one whose voxels are at least this many times larger than the others'."""


class View(NamedTuple):
    """A usual display of slices across one world axis (0 right, 1 anterior, 2 superior).

    ``axes`` are the world axes of (slice, y, x), ``signs`` whether each runs with (+1) or against
    (-1) RAS+, ``edges`` the letters left, right, top, bottom.
    """

    name: str
    axes: tuple[int, int, int]
    signs: tuple[int, int, int]
    edges: tuple[str, str, str, str]


VIEWS = (
    View("sagittal", (0, 2, 1), (1, -1, -1), ("A", "P", "S", "I")),
    View("coronal", (1, 2, 0), (1, -1, -1), ("R", "L", "S", "I")),
    View("axial", (2, 1, 0), (1, -1, -1), ("R", "L", "A", "P")),
)
"""By the world axis of the stack. Radiological: the patient's right is on the left."""


def display_grid(
    path: Path, affine: NDArray[np.float64], shape: tuple[int, int, int]
) -> tuple[Grid, View, tuple[float, float, float]]:
    """Grid that brings a file's array to display, its view, and voxel sizes (slice, y, x) in mm.

    Slices are those along the file's own axis of acquisition, never reformatted: the only axis
    across which slices have a legal size; else the one with clearly the largest voxels
    (:data:`THICK`); else the one nearest to superior-inferior.

    Raises
    ------
    ScanFileError
        If such slices are too small or too large.
    """
    world, signs = _orientation(affine)
    sizes = np.sqrt(np.sum(affine[:3, :3] ** 2, axis=0))
    slice_axis = _slice_axis(shape, sizes, world)
    view = VIEWS[world[slice_axis]]
    axes = (world.index(view.axes[0]), world.index(view.axes[1]), world.index(view.axes[2]))
    check_slice_shape(path, (shape[axes[1]], shape[axes[2]]))
    flipped = [signs[axis] != sign for axis, sign in zip(axes, view.signs, strict=True)]
    grid = Grid(affine, shape, axes, (flipped[0], flipped[1], flipped[2]))
    return grid, view, (float(sizes[axes[0]]), float(sizes[axes[1]]), float(sizes[axes[2]]))


def _orientation(affine: NDArray[np.float64]) -> tuple[list[int], list[int]]:
    """World axis nearest to each file axis, each taken once, and +1 where both run alike."""
    from nibabel.orientations import io_orientation

    nearest = io_orientation(affine)
    return [int(w) for w in nearest[:, 0]], [int(s) for s in nearest[:, 1]]


def _slice_axis(shape: tuple[int, int, int], sizes: NDArray[np.float64], world: list[int]) -> int:
    legal = [MIN_SIZE <= n <= MAX_SIZE for n in shape]
    fitting = [axis for axis in range(3) if all(legal[:axis] + legal[axis + 1 :])]
    if len(fitting) == 1:
        return fitting[0]
    by_size = np.argsort(sizes)
    _, (middle, largest) = pairwise(by_size)
    if sizes[largest] >= THICK * sizes[middle]:
        return int(largest)
    return world.index(2)
