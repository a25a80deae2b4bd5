"""The phase that the fully sampled centre of k-space shows."""

from __future__ import annotations

from collections.abc import Sequence

import torch

from core.fourier import ifft2c


def acs_phase(kspace: torch.Tensor, acs_shape: Sequence[int]) -> torch.Tensor:
    """Unit phasor of the image that the fully sampled centre shows.

    It is what makes a complex image nearly real for a network of magnitude images.

    Parameters
    ----------
    kspace
        Complex, shape `(coil, y, x)`.
    acs_shape
        Size (y, x) of the fully sampled centre.

    Returns
    -------
    torch.Tensor
        complex64, shape `(coil, y, x)`; 1 where the image is exactly 0.
    """
    return phasor(acs_image(kspace, acs_shape))


def acs_image(kspace: torch.Tensor, acs_shape: Sequence[int]) -> torch.Tensor:
    """Image of the fully sampled centre alone, on the whole grid.

    A Hann window over the centre keeps its ringing down. Arguments and shape as of
    :func:`acs_phase`.
    """
    window = torch.zeros(kspace.shape[-2:])
    extents = zip(kspace.shape[-2:], acs_shape, strict=True)
    rows, columns = (slice(n // 2 - a // 2, n // 2 - a // 2 + a) for n, a in extents)
    window[rows, columns] = torch.outer(
        *(torch.hann_window(a + 2, periodic=False)[1:-1] for a in acs_shape)
    )
    return ifft2c(kspace * window.to(kspace.device))


def phasor(image: torch.Tensor) -> torch.Tensor:
    """The image divided by its magnitude; 1 where it is exactly 0."""
    magnitude = image.abs()
    return torch.where(magnitude > 0, image / magnitude.clamp_min(1e-30), 1.0)
