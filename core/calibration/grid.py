r"""A k-space kernel evaluated on the pixels of an image, without Fourier transforms.

A shift by :math:`d` samples of k-space is the phase :math:`e^{-2\pi i d r / N}` in the image. A
kernel is small, so two matrix products with these phases are cheaper than zero-filled transforms.
"""

from __future__ import annotations

from collections.abc import Sequence

import torch

_BAND_ELEMENTS = 2**18
"""Elements of matrices worked on at a time: 2 MB, which a processor's cache holds."""


def phases(size: int, n: int, like: torch.Tensor) -> torch.Tensor:
    """Phase at each pixel of a shift by each of ``size`` taps round 0. Shape `(n, size)`.

    Of the type and on the device of ``like``, computed in double precision.
    """
    taps = torch.arange(size, dtype=torch.float64) - size // 2
    pixels = torch.arange(n, dtype=torch.float64) - n // 2
    return torch.polar(
        torch.ones(n, size, dtype=torch.float64), -2 * torch.pi / n * torch.outer(pixels, taps)
    ).to(like)


def on_grid(kernel: torch.Tensor, shape: Sequence[int]) -> torch.Tensor:
    """Kernel of odd size, shape `(*other, ky, kx)`, on an image of ``shape`` (y, x)."""
    along_y = phases(kernel.shape[-2], int(shape[0]), kernel)
    along_x = phases(kernel.shape[-1], int(shape[1]), kernel)
    return along_y @ (kernel @ along_x.mT)


def band_height(matrices: torch.Tensor) -> int:
    """Rows of an image whose matrices, shape `(*other, coil, coil, y, x)`, are a band of 2 MB."""
    return max(1, _BAND_ELEMENTS // (matrices[..., 0, :].numel() or 1))
