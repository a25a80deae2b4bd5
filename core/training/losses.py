"""Losses: the paper's on images, and that of self-supervision on samples of k-space."""

from __future__ import annotations

import torch


def mse_plus_mae(image: torch.Tensor, target: torch.Tensor) -> torch.Tensor:
    """Mean squared error plus mean absolute error of images of equal shape (Eq. 5). A scalar.

    The real and the imaginary part of complex images count as two images.

    The L2 term on the weights is the optimiser's (see :func:`core.training.optimiser.adam`).
    """
    difference = image - target
    if difference.is_complex():
        difference = torch.view_as_real(difference)
    return difference.square().mean() + difference.abs().mean()


def normalised_l1_l2(samples: torch.Tensor, measured: torch.Tensor) -> torch.Tensor:
    r"""Relative error of complex samples in both norms. A scalar.

    .. math:: \frac{\|y - u\|_2}{\|y\|_2} + \frac{\|y - u\|_1}{\|y\|_1}

    The loss of Yaman et al. 2020, https://doi.org/10.1002/mrm.28378.
    """
    difference = samples - measured
    squared = torch.linalg.vector_norm(difference) / torch.linalg.vector_norm(measured)
    return squared + difference.abs().sum() / measured.abs().sum()
