"""Adam and its schedule, as settings name them."""

from __future__ import annotations

import math
from collections.abc import Callable, Iterable

import torch
from torch.optim.lr_scheduler import LambdaLR, LRScheduler, OneCycleLR


def adam(
    parameters: Iterable[torch.nn.Parameter], learning_rate: float, l2: float
) -> torch.optim.Adam:
    """Adam with the paper's betas; ``l2`` is the factor of the squared norm in Eq. 5."""
    tensors = list(parameters)
    on_gpu = all(tensor.device.type == "cuda" for tensor in tensors)
    # torch adds weight_decay * theta to the gradient, and the gradient of l2 |theta|^2 is twice it
    return torch.optim.Adam(
        tensors, learning_rate, betas=(0.9, 0.999), weight_decay=2 * l2, fused=on_gpu or None
    )


def _onecycle(optimiser: torch.optim.Adam, peak: float, n_steps: int) -> LRScheduler:
    return OneCycleLR(optimiser, max_lr=peak, total_steps=n_steps, cycle_momentum=False)


def _cosine(optimiser: torch.optim.Adam, peak: float, n_steps: int) -> LRScheduler:
    del peak
    return LambdaLR(optimiser, lambda step: (1 + math.cos(math.pi * step / n_steps)) / 2)


def _constant(optimiser: torch.optim.Adam, peak: float, n_steps: int) -> LRScheduler:
    del peak, n_steps
    return LambdaLR(optimiser, lambda _: 1.0)


SCHEDULES: dict[str, Callable[[torch.optim.Adam, float, int], LRScheduler]] = {
    "onecycle": _onecycle,
    "cosine": _cosine,
    "constant": _constant,
}
"""Learning-rate schedules: function of (optimiser, peak rate, number of steps)."""
