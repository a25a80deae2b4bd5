"""What a sampling pattern is, and the table of them."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any, Protocol

import numpy as np
from numpy.typing import NDArray

from core.registry import Registry


@dataclass(frozen=True)
class Plan:
    """What every pattern must meet.

    Attributes
    ----------
    shape
        Size of k-space, (y, x), centre at index ``n // 2``.
    n_samples
        How many samples to take.
    acs_shape
        Size (y, x) of the fully sampled centre; holds at most ``n_samples``.
    pool
        0 for training, 1 for testing. Random patterns need it not, since their generators differ;
        a pattern with few possible masks deals them out by it.
    """

    shape: tuple[int, int]
    n_samples: int
    acs_shape: tuple[int, int]
    pool: int


class PatternParams(Protocol):
    """Settings of a pattern: a frozen dataclass that can size the fully sampled centre."""

    def acs_shape(self, shape: tuple[int, int], n_samples: int) -> tuple[int, int]:
        """Size (y, x) of the fully sampled centre for a k-space size and number of samples."""
        ...

    def __hash__(self) -> int:
        """Equal settings have equal hashes: drawn masks are remembered by them."""
        ...


class Pattern(Protocol):
    """Function that draws one mask: True where sampled, shape `plan.shape`.

    ``params`` is an instance of the registered params dataclass.
    """

    def __call__(self, plan: Plan, rng: np.random.Generator, params: Any) -> NDArray[np.bool_]:  # noqa: ANN401
        """Draw one mask."""
        ...


ACQUIRED = "acquired"
"""What the mask of a scan that was acquired undersampled has for a pattern: none that is drawn."""

PATTERNS: Registry[Pattern] = Registry("mask")
"""All sampling patterns, the default first."""


def centre(shape: tuple[int, int], acs_shape: tuple[int, int]) -> tuple[slice, slice]:
    """Slices (y, x) of the centre of k-space."""
    (y, x), (acs_y, acs_x) = shape, acs_shape
    top, left = y // 2 - acs_y // 2, x // 2 - acs_x // 2
    return slice(top, top + acs_y), slice(left, left + acs_x)


def radius(shape: tuple[int, int]) -> NDArray[np.float64]:
    """Distance from the centre of k-space, 1 at the middle of each edge. Shape `(y, x)`."""
    y, x = (np.abs(np.arange(n) - n // 2) / (n / 2) for n in shape)
    return np.hypot(y[:, None], x[None, :])
