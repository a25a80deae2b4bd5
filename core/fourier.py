r"""The Fourier transform of this project: centred and orthonormal, on one or two axes.

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


def fft1c(image: torch.Tensor, axis: int) -> torch.Tensor:
    """:func:`fft2c` along one axis only."""
    shifted = torch.fft.ifftshift(image, dim=axis)
    return torch.fft.fftshift(torch.fft.fft(shifted, dim=axis, norm="ortho"), dim=axis)


def ifft1c(kspace: torch.Tensor, axis: int) -> torch.Tensor:
    """:func:`ifft2c` along one axis only."""
    shifted = torch.fft.ifftshift(kspace, dim=axis)
    return torch.fft.fftshift(torch.fft.ifft(shifted, dim=axis, norm="ortho"), dim=axis)


def keep_sampled(image: torch.Tensor, corner_mask: torch.Tensor) -> torch.Tensor:
    r"""The part of an image that the samples hold, :math:`F^{-1} M F x`.

    Parameters
    ----------
    image
        Real or complex, shape `(*other, y, x)`.
    corner_mask
        The mask with the k-space origin at index 0 (see :func:`to_corner`), broadcastable to
        ``image``. A circular shift of the image commutes with the projection, so no other shift
        is needed.
    """
    return torch.fft.ifft2(torch.fft.fft2(image) * corner_mask)


def to_corner(mask: torch.Tensor) -> torch.Tensor:
    """Move the k-space origin of a mask from index ``n // 2`` to index 0. `(*other, y, x)`."""
    return torch.fft.ifftshift(mask, dim=_AXES)
