"""The loss of the paper: mean squared plus mean absolute error (Eq. 5)."""

from __future__ import annotations

import torch


def mse_plus_mae(image: torch.Tensor, target: torch.Tensor) -> torch.Tensor:
    """Mean squared error plus mean absolute error of real images of equal shape. A scalar.

    The L2 term on the weights is the optimiser's (see :func:`core.training.optimiser.adam`).
    """
    difference = image - target
    return difference.square().mean() + difference.abs().mean()
