"""From a scan to what an accelerated one would have measured, or has."""

from __future__ import annotations

from weakref import WeakKeyDictionary

import numpy as np
import torch
from numpy.typing import NDArray

from core.calibration import calibration_region
from core.coils import root_sum_of_squares
from core.combination import centre_shape, combined_full
from core.fourier import fft2c, ifft2c
from core.parallel import default_workers, in_order
from core.progress import Progress, no_progress
from core.types import Mask, Scan, Undersampled

SCALE_QUANTILE = 0.995
"""The zero-filled magnitude at this quantile becomes 1: near the maximum, deaf to hot voxels."""


def full_kspace(scan: Scan, slice_index: int) -> torch.Tensor:
    """Fully sampled k-space of a slice in the scan's units. complex64, shape `(coil, y, x)`.

    Raises
    ------
    ValueError
        If the scan was acquired undersampled, or the slice does not exist.
    """
    check_has_reference(scan)
    return measured_kspace(scan, slice_index)


def measured_kspace(scan: Scan, slice_index: int) -> torch.Tensor:
    """All k-space there is of a slice in the scan's units. complex64, shape `(coil, y, x)`.

    0 where the scan was not sampled.

    Raises
    ------
    ValueError
        If the slice does not exist.
    """
    if not 0 <= slice_index < scan.n_slices:
        raise ValueError(
            f"slice of {scan.name} must be from 0 to {scan.n_slices - 1}, got {slice_index}"
        )
    if scan.kspace is not None:
        kspace = torch.from_numpy(np.ascontiguousarray(scan.kspace[slice_index]))
        return kspace if scan.sampled is None else kspace * torch.from_numpy(scan.sampled)
    assert scan.magnitude is not None
    return fft2c(torch.from_numpy(np.ascontiguousarray(scan.magnitude[slice_index])))[None]


def reference_image(scan: Scan, slice_index: int) -> NDArray[np.float32]:
    """The fully sampled magnitude image a reconstruction is compared with. Shape `(y, x)`.

    The coils of measured k-space combined (:mod:`core.combination`); the file's own image
    otherwise.

    Raises
    ------
    ValueError
        If the scan was acquired undersampled, or the slice does not exist.
    """
    check_has_reference(scan)
    return direct_image(scan, slice_index)


def direct_image(scan: Scan, slice_index: int) -> NDArray[np.float32]:
    """The magnitude image of all k-space there is, as by :func:`reference_image`.

    Of a scan that was acquired undersampled the zero-filled image, which is no reference.
    """
    if scan.magnitude is not None:
        return scan.magnitude[slice_index]
    known = _COMBINED.setdefault(scan, {})
    if slice_index not in known:
        known[slice_index] = _combined(scan, slice_index).numpy().astype(np.float32)
    return known[slice_index]


def rough_image(scan: Scan, slice_index: int) -> NDArray[np.float32]:
    """The root sum of squares of all k-space there is of a slice. Shape `(y, x)`.

    It shows where anatomy is, and nowhere is :func:`direct_image` brighter; it needs no
    sensitivities, which take far longer.
    """
    if scan.magnitude is not None:
        return scan.magnitude[slice_index]
    return root_sum_of_squares(ifft2c(measured_kspace(scan, slice_index))).numpy()


def _combined(scan: Scan, slice_index: int) -> torch.Tensor:
    """Without a fully sampled centre to rely on, coils are combined by root sum of squares."""
    kspace = measured_kspace(scan, slice_index)
    images = ifft2c(kspace)
    if scan.sampled is not None:
        sampled = torch.from_numpy(scan.sampled)[None]
        if not calibration_region(sampled, centre_shape(scan.slice_shape)).all():
            return root_sum_of_squares(images)
    return combined_full(kspace, images)


_COMBINED: WeakKeyDictionary[Scan, dict[int, NDArray[np.float32]]] = WeakKeyDictionary()
"""Known images of measured slices; weak, so that no scan is kept in memory for them."""


def check_has_reference(scan: Scan) -> None:
    """Refuse a scan that was acquired undersampled."""
    if not scan.has_reference:
        raise ValueError(f"{scan.name}: {NO_REFERENCE}, since it was acquired undersampled")


NO_REFERENCE = "no fully sampled reference"

_MAXIMA: WeakKeyDictionary[Scan, float] = WeakKeyDictionary()
"""Known maxima; weak, so that no scan is kept in memory for them."""


def volume_maximum(scan: Scan) -> float:
    """Largest value of all slices of a scan, the peak of fastMRI's PSNR.

    Of several coils the root sum of squares is taken, as fastMRI does: no combination is brighter,
    and it needs no sensitivities of every slice.

    Raises
    ------
    ValueError
        If the scan was acquired undersampled.
    """
    check_has_reference(scan)
    return direct_maximum(scan)


def direct_maximum(scan: Scan) -> float:
    """Largest value of all slices of a scan, of all k-space there is."""
    if scan not in _MAXIMA:
        _MAXIMA[scan] = _largest(scan)
    return _MAXIMA[scan]


def _largest(scan: Scan) -> float:
    def work(index: int, progress: Progress) -> float:
        progress(0.0, f"largest value of slice {index}")
        return float(rough_image(scan, index).max())

    return max(in_order(work, range(scan.n_slices), default_workers(), no_progress))


def bright_level(magnitude: NDArray[np.floating]) -> float:
    """The one scale rule: the intensity of a magnitude image that becomes 1.

    The :data:`SCALE_QUANTILE` of the image; its maximum where that is 0, and 1 for an empty image.
    """
    return float(np.quantile(magnitude, SCALE_QUANTILE)) or float(magnitude.max()) or 1.0


def intensity_scale(kspace: torch.Tensor) -> float:
    """Intensity that becomes 1, from undersampled k-space alone. Shape `(coil, y, x)`.

    The :func:`bright_level` of the zero-filled image.
    """
    return bright_level(root_sum_of_squares(ifft2c(kspace)).numpy())


def undersample(scan: Scan, slice_index: int, mask: Mask) -> Undersampled:
    """Keep the mask's samples of a slice and normalise them.

    Raises
    ------
    ValueError
        If the mask's shape is not the slice's, or it has samples that were never acquired.
    """
    if mask.samples.shape != scan.slice_shape:
        raise ValueError(
            f"mask must have the shape of a slice of {scan.name}, {scan.slice_shape}, "
            f"got {mask.samples.shape}"
        )
    if scan.sampled is not None and (mask.samples & ~scan.sampled).any():
        raise ValueError(
            f"mask of {scan.name} must keep to the samples acquired, since the scan is "
            f"undersampled itself, got pattern {mask.pattern!r}"
        )
    kspace = measured_kspace(scan, slice_index) * torch.from_numpy(mask.samples)
    scale = intensity_scale(kspace)
    return Undersampled(scan, slice_index, mask, kspace / scale, scale)
