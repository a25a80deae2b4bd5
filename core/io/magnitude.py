"""What every magnitude image and every image size must fulfil, whatever the format."""

from __future__ import annotations

from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from core.io.formats import refusal

MIN_SIZE, MAX_SIZE = 32, 1024
"""Smallest and largest number of pixels of a slice along y and x."""

MAX_NEGATIVE_SHARE = 0.01
"""Interpolation leaves small negative values; more than this share of the summed absolute
intensity means that the image is signed (CT, standardised or phase-corrected data). Its zero, and
so its magnitude, is then unknown, and shifting it would invent a contrast: it is refused."""

SMALLEST_PEAK, LARGEST_PEAK = 1e-12, 1e15
"""Range of a scan's largest value: squares of a million of them still sum to a float32."""


def check_slice_shape(path: Path, shape: tuple[int, int]) -> None:
    """Refuse slices with a side below :data:`MIN_SIZE` or above :data:`MAX_SIZE` pixels."""
    if not all(MIN_SIZE <= n <= MAX_SIZE for n in shape):
        raise refusal(
            path,
            f"slices must have {MIN_SIZE} to {MAX_SIZE} pixels along each side",
            " x ".join(map(str, shape)),
        )


def check_peak(path: Path, peak: float) -> None:
    """Refuse data whose largest magnitude would leave the range of float32 when squared."""
    if not SMALLEST_PEAK <= peak <= LARGEST_PEAK:
        raise refusal(
            path,
            f"the largest value must lie from {SMALLEST_PEAK:g} to {LARGEST_PEAK:g}",
            f"{peak:g}",
        )


def clean_magnitude(
    path: Path, values: NDArray[np.float32]
) -> tuple[NDArray[np.float32], tuple[str, ...]]:
    """Make values fit for magnitude images, in place, and say what was changed.

    Values that are not finite and small negative values become 0.

    Parameters
    ----------
    path
        The file, for messages.
    values
        Shape `(slice, y, x)`; changed in place.

    Returns
    -------
    NDArray, tuple of str
        The same array, and one note for each kind of change.

    Raises
    ------
    ScanFileError
        If the slices are too small or too large, the values are constant, substantially negative
        (:data:`MAX_NEGATIVE_SHARE`) or out of float32's useful range.
    """
    check_slice_shape(path, (values.shape[-2], values.shape[-1]))
    notes = [*zero_non_finite(values), *_clip_negative(path, values)]
    peak = float(values.max())
    if float(values.min()) == peak:
        raise refusal(path, "must not be constant", f"the value {peak:g} everywhere")
    check_peak(path, peak)
    return values, tuple(notes)


def zero_non_finite(values: NDArray[np.float32] | NDArray[np.complex64]) -> list[str]:
    """Replace NaN and infinity by 0, in place; a note with their number if there are any."""
    finite = np.isfinite(values)
    if finite.all():
        return []
    np.logical_not(finite, out=finite)
    values[finite] = 0
    return [f"{np.count_nonzero(finite)} values were NaN or infinite and are 0 now"]


def _clip_negative(path: Path, values: NDArray[np.float32]) -> list[str]:
    minimum = float(values.min())
    if minimum >= 0:
        return []
    negative = values < 0
    share = -np.sum(values[negative], dtype=np.float64) / np.sum(np.abs(values), dtype=np.float64)
    if share > MAX_NEGATIVE_SHARE:
        raise refusal(
            path,
            f"must hold magnitudes: at most {MAX_NEGATIVE_SHARE:.0%} of the summed absolute "
            "intensity may be negative",
            f"{share:.0%} (minimum {minimum:g})",
        )
    values[negative] = 0
    count = np.count_nonzero(negative)
    return [f"{count} small negative values (down to {minimum:g}) are 0 now"]
