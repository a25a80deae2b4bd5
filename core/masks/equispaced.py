"""Equally spaced readout lines."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from core.masks.lines import LinesParams, lines_mask
from core.masks.patterns import PATTERNS, Plan


@PATTERNS.register("equispaced", "1D equispaced lines", LinesParams)
def equispaced(plan: Plan, rng: np.random.Generator, params: LinesParams) -> NDArray[np.bool_]:
    r"""Lines along y, equally spaced along x outside the fully sampled centre, at a random offset.

    Line :math:`k` of :math:`m` is :math:`\lfloor (k n + t) / m \rfloor` among the :math:`n` outside
    the centre: gaps differ by one at most. Only :math:`n / \gcd(n, m)` offsets :math:`t` differ, so
    masks repeat within a pool; every second offset belongs to training, the others to testing.
    """
    del params

    def choose(n: int, count: int) -> NDArray[np.intp]:
        if count == 0:
            return np.zeros(0, np.intp)
        step = int(np.gcd(n, count))
        ours = np.arange(n // step)[plan.pool :: 2]
        offset = step * int(rng.choice(ours)) if ours.size else 0
        return (np.arange(count) * n + offset) // count

    return lines_mask(plan, choose)
