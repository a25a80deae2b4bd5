r"""SPIRiT kernels that many projections in a row cannot make grow.

A kernel learnt from a small centre may have eigenvalues above 1 at some pixels. Each projection
multiplies what lies along their eigenvectors, so that dozens of them, which samples in between do
not hold back, end in numbers without meaning.
"""

from __future__ import annotations

from collections.abc import Sequence

import torch
from torch.nn.functional import interpolate, max_pool2d, pad

from core.calibration.grid import on_grid
from core.calibration.spirit import image_kernel, power

GRID = 64
"""Largest number of pixels along an axis where growth is looked up: a kernel's matrices change
slowly from pixel to pixel, since it is a few samples wide."""

ALLOWED = 1.02
"""Growth that is left: that of kernels learnt from centres of 20 samples and more stays below."""

_SQUARINGS = 6


def growth(matrices: torch.Tensor) -> torch.Tensor:
    r"""Nearly the largest absolute eigenvalue of each pixel's matrix: what projections multiply by.

    .. math:: \rho \approx (\|G^{2n}\|_F / \|G^n\|_F)^{1/n}, \quad n = 32

    Parameters
    ----------
    matrices
        Complex, shape `(coil, coil, y, x)`.

    Returns
    -------
    torch.Tensor
        Real, shape `(y, x)`.
    """
    size = _size(matrices)
    before = logarithm = size.log()
    for _ in range(_SQUARINGS):
        matrices = power(matrices / size, 2)
        size = _size(matrices)
        before, logarithm = logarithm, 2 * logarithm + size.log()
    return ((logarithm - before) / 2 ** (_SQUARINGS - 1)).exp()


def _size(matrices: torch.Tensor) -> torch.Tensor:
    """Frobenius norm of each pixel's matrix, above 0."""
    return torch.linalg.vector_norm(matrices.flatten(0, 1), dim=0).clamp_min(1e-30)


def bounded_kernel(kernel: torch.Tensor, shape: Sequence[int]) -> torch.Tensor:
    """:func:`~core.calibration.spirit.image_kernel`, held to a growth of :data:`ALLOWED`.

    Where matrices grow more (:func:`growth`), they are divided by what is too much; elsewhere they
    are left as they are. The division shrinks what agrees with the kernel there (eigenvalue 1) as
    well as what grows: the price of staying finite where the kernel is ill-learnt. Growth is looked
    up on a grid of :data:`GRID` and taken to be the largest of a point's neighbours.

    Parameters
    ----------
    kernel
        Complex, shape `(coil_out, coil_in, size, size)`, size odd.
    shape
        Size (y, x) of the image, at least that of the kernel.

    Returns
    -------
    torch.Tensor
        As ``kernel``, shape `(coil_out, coil_in, y, x)`.

    Raises
    ------
    ValueError
        If the image is smaller than the kernel.
    """
    matrices = image_kernel(kernel, shape)
    coarse = growth(on_grid(kernel.detach(), [min(n, GRID) for n in shape]))
    around = pad(coarse[None, None], (1, 1, 1, 1), mode="circular")
    excess = (max_pool2d(around, 3, stride=1) / ALLOWED).clamp_min(1)
    return matrices / _between(excess, shape)


def _between(coarse: torch.Tensor, shape: Sequence[int]) -> torch.Tensor:
    """Values of a grid over the field of view, shape `(1, 1, y, x)`, at the pixels of an image.

    Both begin at the same edge and both go on periodically, as kernels do.
    """
    closed = pad(coarse, (0, 1, 0, 1), mode="circular")
    size = [n + 1 for n in shape]
    fine = interpolate(closed, size, mode="bilinear", align_corners=True)
    return fine[0, 0, :-1, :-1]
