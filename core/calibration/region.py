"""The fully sampled centre of k-space, and the windows a kernel slides over."""

from __future__ import annotations

from collections.abc import Sequence

import torch


def calibration_region(kspace: torch.Tensor, acs_shape: Sequence[int]) -> torch.Tensor:
    """The fully sampled centre of k-space.

    Parameters
    ----------
    kspace
        Complex, shape `(coil, y, x)`, centre at index ``n // 2``.
    acs_shape
        Size (y, x) of the fully sampled centre, as in :attr:`core.types.Mask.acs_shape`.

    Returns
    -------
    torch.Tensor
        View of shape `(coil, acs_y, acs_x)`.

    Raises
    ------
    ValueError
        If ``kspace`` has other axes or is smaller than the centre.
    """
    if kspace.ndim != 3:
        raise ValueError(f"kspace must have axes (coil, y, x), got shape {tuple(kspace.shape)}")
    shape = tuple(kspace.shape[-2:])
    sizes = tuple(int(size) for size in acs_shape)
    if len(sizes) != 2 or not all(0 < size <= n for size, n in zip(sizes, shape, strict=True)):
        raise ValueError(f"acs_shape must be within k-space of {shape}, got {sizes}")
    first = [n // 2 - size // 2 for n, size in zip(shape, sizes, strict=True)]
    return kspace[:, first[0] : first[0] + sizes[0], first[1] : first[1] + sizes[1]]


def central(region: torch.Tensor, largest: int) -> torch.Tensor:
    """The part of a region that is at most ``largest`` samples along y and x. A view."""
    shape = tuple(region.shape[-2:])
    return calibration_region(region, [min(size, largest) for size in shape])


def check_region(region: torch.Tensor, kernel_size: int) -> None:
    """Refuse a region that a kernel cannot be learnt from.

    Raises
    ------
    ValueError
        If the region has other axes than (coil, y, x), is smaller than the kernel, has values
        that are not finite, or is zero.
    """
    if region.ndim != 3 or not region.is_complex():
        raise ValueError(
            f"calibration region must be complex with axes (coil, y, x), got {region.dtype} of "
            f"shape {tuple(region.shape)}"
        )
    if min(region.shape[-2:]) < kernel_size:
        raise ValueError(
            f"calibration region must be at least as large as the kernel, {kernel_size} x "
            f"{kernel_size}, got {region.shape[-2]} x {region.shape[-1]}"
        )
    largest = float(torch.view_as_real(region.resolve_conj()).abs().max())
    if not largest < float("inf"):
        raise ValueError(f"calibration region must be finite, its largest value is {largest}")
    if largest == 0:
        raise ValueError("calibration region must not be zero everywhere")


def window_gram(region: torch.Tensor, kernel_size: int) -> torch.Tensor:
    r"""Gram matrix :math:`A^H A` of the windows of a region scaled to a maximum of 1.

    A row of :math:`A` holds one window of ``kernel_size`` x ``kernel_size`` samples of all coils,
    in the order (coil, y, x). The matrix is computed in double precision: kernels that predict a
    sample well are its smallest eigenvectors.

    Parameters
    ----------
    region
        Complex, shape `(coil, y, x)`.
    kernel_size
        Width of the window in samples.

    Returns
    -------
    torch.Tensor
        complex128, shape `(coil * kernel_size**2, coil * kernel_size**2)`, hermitian.

    Raises
    ------
    ValueError
        As :func:`check_region`.
    """
    check_region(region, kernel_size)
    scaled = (region / region.abs().max()).to(torch.complex128)
    windows = scaled.unfold(-2, kernel_size, 1).unfold(-2, kernel_size, 1)
    rows = windows.permute(1, 2, 0, 3, 4).reshape(-1, region.shape[0] * kernel_size**2)
    return rows.mH @ rows
