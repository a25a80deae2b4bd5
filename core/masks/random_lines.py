"""Readout lines at random positions."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from core.masks.lines import LinesParams, lines_mask
from core.masks.patterns import PATTERNS, Plan


@PATTERNS.register("random", "1D random lines", LinesParams)
def random_lines(plan: Plan, rng: np.random.Generator, params: LinesParams) -> NDArray[np.bool_]:
    """Lines along y, uniformly random along x outside the fully sampled centre."""
    del params
    return lines_mask(plan, lambda n, count: rng.choice(n, count, replace=False))
