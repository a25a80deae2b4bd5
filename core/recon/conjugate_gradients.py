"""The method of conjugate gradients for normal equations."""

from __future__ import annotations

from collections.abc import Callable, Iterator

import torch


def conjugate_gradients(
    normal: Callable[[torch.Tensor], torch.Tensor], right_side: torch.Tensor
) -> Iterator[torch.Tensor]:
    """Iterates towards the solution of ``normal(x) = right_side``, from zero on, without end.

    Hestenes and Stiefel, J. Res. Nat. Bur. Stand. 49:409-436, 1952. Nothing is divided by zero
    once the solution is reached, and no number leaves the device.

    Parameters
    ----------
    normal
        Linear, hermitian and positive.
    right_side
        Real or complex.

    Yields
    ------
    torch.Tensor
        The next iterate, in one tensor that later iterations change.
    """
    solution = torch.zeros_like(right_side)
    residual = right_side.clone()
    direction = residual.clone()
    size = _inner(residual, residual)
    least = torch.finfo(size.dtype).tiny
    while True:
        image = normal(direction)
        step = size / _inner(direction, image).clamp_min(least)
        solution.addcmul_(direction, step)
        residual.addcmul_(image, step, value=-1)
        previous, size = size, _inner(residual, residual)
        direction.mul_(size / previous.clamp_min(least)).add_(residual)
        yield solution


def _inner(first: torch.Tensor, second: torch.Tensor) -> torch.Tensor:
    """Real part of the inner product."""
    return torch.vdot(first.flatten(), second.flatten()).real
