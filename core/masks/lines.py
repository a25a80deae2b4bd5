"""What the one-dimensional patterns share: whole readout lines along y, chosen along x."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from core.masks.patterns import Plan, centre
from core.params import check, setting

WHOLE_LINES_TOLERANCE = 0.003
"""Whole lines alone are taken where they meet the number of samples within this fraction."""


@dataclass(frozen=True)
class LinesParams:
    """Settings of the one-dimensional patterns."""

    centre_share: float = setting(
        0.32,
        "Share of the fully sampled centre",
        low=0.0,
        high=0.9,
        help="Share of all lines that the fully sampled centre takes; 0.32 gives fastMRI's 8 % "
        "of k-space at R = 4 and 4 % at R = 8.",
    )

    def __post_init__(self) -> None:
        check(self)

    def acs_shape(self, shape: tuple[int, int], n_samples: int) -> tuple[int, int]:
        """Size (y, x) of the fully sampled centre: whole lines."""
        return (shape[0], max(1, int(self.centre_share * n_samples / shape[0])))


def lines_mask(plan: Plan, choose: Callable[[int, int], NDArray[np.intp]]) -> NDArray[np.bool_]:
    """Fully sampled central lines and others, with the number of samples wanted.

    Where no number of whole lines comes near it, the outermost line has a shortened readout,
    symmetric about the centre of k-space, as a scanner can acquire it.

    Parameters
    ----------
    plan
        What to meet.
    choose
        ``choose(n, count)`` gives ``count`` different positions among the ``n`` lines outside the
        centre, counted from left to right.

    Returns
    -------
    NDArray
        True where sampled, shape `plan.shape`.
    """
    n_y, n_x = plan.shape
    whole, rest = _split(plan.n_samples, n_y)
    samples = np.zeros(plan.shape, bool)
    samples[centre(plan.shape, plan.acs_shape)] = True
    outside = np.flatnonzero(~samples[0])
    chosen = outside[choose(outside.size, whole + (rest > 0) - plan.acs_shape[1])]
    samples[:, chosen] = True
    if rest:
        outermost = chosen[np.argmax(np.abs(chosen - n_x // 2))]
        samples[:, outermost] = False
        samples[centre((n_y, 1), (rest, 1))[0], outermost] = True
    return samples


def _split(n_samples: int, line: int) -> tuple[int, int]:
    """Number of whole lines, and the samples of one shortened line (0: none)."""
    nearest = round(n_samples / line)
    if abs(nearest * line - n_samples) <= WHOLE_LINES_TOLERANCE * n_samples:
        return nearest, 0
    return divmod(n_samples, line)
