"""Combination of coil images. The coil axis is -3."""

from __future__ import annotations

import torch


def root_sum_of_squares(coil_images: torch.Tensor) -> torch.Tensor:
    r"""Magnitude image :math:`\sqrt{\sum_c |x_c|^2}`.

    Parameters
    ----------
    coil_images
        Shape `(*other, coil, y, x)`, real or complex.

    Returns
    -------
    torch.Tensor
        Real, shape `(*other, y, x)`.
    """
    return torch.linalg.vector_norm(coil_images, dim=-3)
