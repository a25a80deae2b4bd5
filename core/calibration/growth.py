r"""SPIRiT kernels that many projections in a row cannot make grow.

A kernel learnt from a small centre may have eigenvalues above 1 at some pixels. Each projection
multiplies what lies along their eigenvectors, so that dozens of them, which samples in between do
not hold back, end in numbers without meaning.
"""

from __future__ import annotations

from collections.abc import Sequence

import torch
from torch.nn.functional import interpolate, max_pool2d

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
    logarithm = torch.zeros_like(matrices[0, 0].real)
    before = logarithm
    for _ in range(_SQUARINGS + 1):
        size = torch.linalg.vector_norm(matrices.flatten(0, 1), dim=0).clamp_min(1e-30)
        before, logarithm = logarithm, 2 * logarithm + size.log()
        matrices = power(matrices / size, 2)
    return ((logarithm - before) / 2 ** (_SQUARINGS - 1)).exp()


def bounded_kernel(kernel: torch.Tensor, shape: Sequence[int]) -> torch.Tensor:
    """:func:`~core.calibration.spirit.image_kernel`, held to a growth of :data:`ALLOWED`.

    Where matrices grow more (:func:`growth`), they are divided by what is too much; elsewhere they
    are left as they are. Growth is looked up on a grid of :data:`GRID` and taken to be the largest
    of a point's neighbours.

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
    coarse = on_grid(kernel.detach(), [min(n, GRID) for n in shape])
    largest = max_pool2d(growth(coarse)[None, None], 3, stride=1, padding=1)
    excess = (largest / ALLOWED).clamp_min(1)
    limits = interpolate(excess, size=tuple(shape), mode="bilinear")[0, 0]
    return matrices / limits
