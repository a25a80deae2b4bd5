"""Whether k-space is fully sampled, and if not, where it was measured."""

from __future__ import annotations

from pathlib import Path
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from core.io.formats import refusal

MAX_HOLES = 0.01
"""Share of samples inside the measured region that may be exactly 0 by chance."""


class Sampling(NamedTuple):
    """Where k-space was measured, shape `(y, x)`, and notes; None for fully sampled k-space."""

    sampled: NDArray[np.bool_] | None
    notes: tuple[str, ...] = ()


def non_zero(kspace: NDArray[np.complex64]) -> NDArray[np.bool_]:
    """Where any coil of a slice is not exactly 0. Shape `(coil, y, x)` to `(y, x)`."""
    return np.asarray(np.any(kspace != 0, axis=0), np.bool_)


def region(sampled: NDArray[np.bool_]) -> NDArray[np.bool_]:
    """The region that samples span: what lies between two of them along y or along x."""
    inside = np.zeros_like(sampled)
    for axis in (0, 1):
        before = np.logical_or.accumulate(sampled, axis=axis)
        after = np.flip(np.logical_or.accumulate(np.flip(sampled, axis), axis=axis), axis)
        inside |= before & after
    return inside


def has_holes(sampled: NDArray[np.bool_]) -> bool:
    """Whether more samples than by chance are missing inside the measured region.

    Lines missing at the edges only are zero filling: a reference exists all the same.
    """
    inside = int(np.count_nonzero(region(sampled)))
    return int(np.count_nonzero(sampled)) < (1 - MAX_HOLES) * inside


def common_sampling(
    path: Path,
    patterns: NDArray[np.bool_],
    stated: NDArray[np.bool_] | None = None,
    how: str = "",
) -> Sampling:
    """The sampling that all slices share.

    Parameters
    ----------
    path
        The file, for messages.
    patterns
        Where each slice was sampled, or is not 0, shape `(slice, y, x)`; slices without any sample
        do not count.
    stated
        The mask that the file states, if any, shape `(y, x)`. Its samples beyond the measured
        region are zero filling.
    how
        How it is known where slices were sampled, for the notes; found if empty.

    Raises
    ------
    ScanFileError
        If slices were sampled differently, or there are samples outside the stated mask.
    """
    found = np.any(patterns, axis=0)
    if stated is not None:
        outside = int(np.count_nonzero(found & ~stated))
        if outside:
            rule = "k-space must be 0 where the file's mask says that nothing was sampled"
            raise refusal(path, rule, f"{outside} other samples")
        sampled = stated & region(found)
    else:
        sampled = found
    if not any(has_holes(own) for own in (sampled, *patterns)):
        return Sampling(None)
    for index, own in enumerate(patterns):
        missing = np.count_nonzero(sampled & ~own) / np.count_nonzero(sampled)
        if own.any() and missing > MAX_HOLES:
            rule = "all slices must be sampled alike"
            raise refusal(path, rule, f"{missing:.0%} of the samples missing in slice {index}")
    rate = sampled.size / np.count_nonzero(sampled)
    how = how or ("by the file's mask" if stated is not None else "as the zeros in it show")
    return Sampling(sampled, (f"acquired undersampled, R = {rate:.2f}, {how}: no reference",))
