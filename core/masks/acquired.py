"""The mask of a scan that was itself acquired undersampled: not drawn but found."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from core.masks.patterns import ACQUIRED, centre
from core.types import Mask, Scan


def acquired_mask(scan: Scan) -> Mask:
    """The sampling of a scan as it was acquired.

    Its R is the number of k-space locations over that of samples, and its fully sampled centre is
    found by :func:`sampled_centre`.

    Raises
    ------
    ValueError
        If the scan is fully sampled, or its centre of k-space was not sampled.
    """
    if scan.sampled is None:
        raise ValueError(f"{scan.name}: must be acquired undersampled, got a fully sampled scan")
    samples = scan.sampled.copy()
    acs_shape = sampled_centre(samples)
    if 0 in acs_shape:
        raise ValueError(f"{scan.name}: the centre of k-space must be sampled, got no sample there")
    acceleration = samples.size / int(np.count_nonzero(samples))
    return Mask(samples, acs_shape, ACQUIRED, acceleration, seed=0)


def sampled_centre(samples: NDArray[np.bool_]) -> tuple[int, int]:
    """Size (y, x) of the largest fully sampled rectangle about the centre of k-space.

    Of all such rectangles, placed as :func:`core.masks.patterns.centre` does, the one whose
    shorter side is longest, and of those the largest: calibration needs room for a kernel both
    ways. (0, 0) if the centre is not sampled.
    """
    n_y, n_x = samples.shape
    best = (0, 0)
    width = n_x
    for height in range(1, n_y + 1):
        while width and not samples[centre((n_y, n_x), (height, width))].all():
            width -= 1
        if not width:
            break
        best = max(best, (height, width), key=lambda size: (min(size), size[0] * size[1]))
    return best
