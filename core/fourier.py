r"""The Fourier transform of this project: centred and orthonormal, on the last two axes.

.. math:: X(k) = \frac{1}{\sqrt{N}} \sum_x x(x)\, e^{-2\pi i k x / N}

with both origins at index ``n // 2``. Being orthonormal, the adjoint is the inverse.
"""

from __future__ import annotations

import torch

_AXES = (-2, -1)


def fft2c(image: torch.Tensor) -> torch.Tensor:
    """Image to k-space. Shape `(*other, y, x)`, real or complex; complex returned."""
    shifted = torch.fft.ifftshift(image, dim=_AXES)
    return torch.fft.fftshift(torch.fft.fft2(shifted, norm="ortho"), dim=_AXES)


def ifft2c(kspace: torch.Tensor) -> torch.Tensor:
    """k-space to image; inverse and adjoint of :func:`fft2c`. Shape `(*other, y, x)`."""
    shifted = torch.fft.ifftshift(kspace, dim=_AXES)
    return torch.fft.fftshift(torch.fft.ifft2(shifted, norm="ortho"), dim=_AXES)
