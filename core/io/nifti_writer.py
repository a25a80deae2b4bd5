"""Volumes as NIfTI on the grid of what they were made of, in one scale."""

from __future__ import annotations

import gzip
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from core.atomic import write_bytes
from core.types import SIMULATED, Grid, Scan

_DESCRIPTION_BYTES = 79
_UNKNOWN, _SCANNER = 0, 1


def write_nifti(
    path: Path, images: Mapping[int, NDArray[np.float32]], scan: Scan, description: str
) -> None:
    """Write reconstructed slices as a float32 volume, 0 where no slice is given.

    Shape and affine are those of the scan's file. A scan without a grid gets one from its voxel
    sizes, with its origin in the middle and no orientation claimed. The header's ``descrip`` says
    :data:`core.types.SIMULATED` where that is so. The file appears complete or not at all.

    Parameters
    ----------
    path
        Target, ending in ``.nii`` or ``.nii.gz``; replaced if it exists.
    images
        Magnitude images of shape `(y, x)` by slice index, in the scan's intensity units.
    scan
        The scan they were reconstructed from.
    description
        Short text for the header; cut to fit its 79 bytes.

    Raises
    ------
    ValueError
        If there are no images, one has a wrong shape or index, the suffix is another, or the file
        cannot be written.
    """
    # Without a stated orientation the code is 0, and readers use the voxel sizes alone.
    placed = Placement(scan.spacing_mm, scan.grid, is_oriented=scan.edges is not None)
    write_volume(path, _volume(images, scan), placed, _description(description, scan))


@dataclass(frozen=True, eq=False)
class Placement:
    """Where a volume lies.

    Attributes
    ----------
    spacing_mm
        Distance between voxels along (slice, y, x).
    grid
        How it lies in a file's array, if known; else its origin is in its middle.
    is_oriented
        Whether the grid's affine is that of a patient, not of the voxel sizes alone.
    """

    spacing_mm: tuple[float, float, float]
    grid: Grid | None = None
    is_oriented: bool = True


def write_volume(
    path: Path, volume: NDArray[np.float32], placement: Placement, description: str
) -> None:
    """Write a volume of shape `(slice, y, x)`; the file appears complete or not at all.

    Parameters
    ----------
    path
        Target, ending in ``.nii`` or ``.nii.gz``; replaced if it exists.
    volume
        Its values, float32.
    placement
        Where it lies.
    description
        Short text for the header; cut to fit its 79 bytes.

    Raises
    ------
    ValueError
        If the suffix is another or the file cannot be written.
    """
    path = Path(path)
    if not path.name.lower().endswith((".nii", ".nii.gz")):
        raise ValueError(f"{path.name}: a NIfTI must end in .nii or .nii.gz, got {path.suffix!r}")
    data = _image(volume, placement, description).to_bytes()
    if path.name.lower().endswith(".gz"):
        # Level 1: noise hardly compresses further, and level 9 takes ten times as long.
        data = gzip.compress(data, compresslevel=1, mtime=0)
    write_bytes(path, data)


def _volume(images: Mapping[int, NDArray[np.float32]], scan: Scan) -> NDArray[np.float32]:
    if not images:
        raise ValueError(f"images of {scan.name} must hold at least one slice, got none")
    volume = np.zeros((scan.n_slices, *scan.slice_shape), np.float32)
    for index, image in images.items():
        if not 0 <= index < scan.n_slices:
            raise ValueError(
                f"slice of {scan.name} must be from 0 to {scan.n_slices - 1}, got {index}"
            )
        if image.shape != scan.slice_shape:
            raise ValueError(
                f"images of {scan.name} must have shape {scan.slice_shape}, got {image.shape}"
            )
        volume[index] = image
    return volume


def _image(
    volume: NDArray[np.float32],
    placement: Placement,
    description: str,
) -> Any:  # noqa: ANN401 - nibabel is untyped
    """The NIfTI-1 image, both transforms set to the affine and coded by what is known of it."""
    import nibabel

    grid = placement.grid or _plain_grid(volume.shape, placement.spacing_mm)
    image = nibabel.Nifti1Image(grid.to_file(volume), grid.affine)
    header = image.header
    header.set_xyzt_units("mm")
    text = " ".join(description.split())
    header["descrip"] = text.encode("ascii", "replace")[:_DESCRIPTION_BYTES]
    stated = placement.grid is not None and placement.is_oriented
    header.set_sform(grid.affine, code=_SCANNER if stated else _UNKNOWN)
    header.set_qform(grid.affine, code=_SCANNER if stated else _UNKNOWN)
    if stated and not np.allclose(header.get_qform(), grid.affine, atol=1e-3):
        # A sheared affine is no rotation with voxel sizes: only the sform can say it.
        header["qform_code"] = _UNKNOWN
    # An affine given beside a header that states none would be claimed as "aligned" when written.
    return image if stated else nibabel.Nifti1Image(image.dataobj, None, header)


def _plain_grid(shape: tuple[int, ...], spacing_mm: tuple[float, float, float]) -> Grid:
    """NIfTI's own default for a file of unknown orientation: x to the left, y to the front."""
    n_slices, ny, nx = shape
    dz, dy, dx = spacing_mm
    affine = np.diag([-dx, dy, dz, 1.0])
    affine[:3, 3] = -affine[:3, :3] @ ((np.array([nx, ny, n_slices]) - 1) / 2)
    return Grid(affine, (nx, ny, n_slices), (2, 1, 0), (False, True, False))


def _description(description: str, scan: Scan) -> str:
    text = " ".join(description.split())
    if SIMULATED in scan.provenance and SIMULATED not in text:
        tail = f"; {SIMULATED}"
        text = text[: _DESCRIPTION_BYTES - len(tail)] + tail
    return text
