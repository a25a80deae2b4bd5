"""Readouts as scanners write them, put into k-space where they belong, whatever the format."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from core.io.formats import MAX_INFLATION, check_size, refusal
from core.io.kspace import cropped

Ints = NDArray[np.int64]
Block = tuple[int, NDArray[np.complex64]]
"""A readout's number and its samples, shape `(coil, sample)`."""


@dataclass(frozen=True)
class Matrix:
    """Sizes along (readout, first phase direction, second phase direction).

    Attributes
    ----------
    encoded
        The grid that the readouts are counted on, oversampling included.
    kept
        What is left of it when the oversampling is cropped off the image.
    centres
        Number of the line through the centre of k-space, for both phase directions.
    spacing_mm
        Size of a voxel.
    """

    encoded: tuple[int, int, int]
    kept: tuple[int, int, int]
    centres: tuple[int, int]
    spacing_mm: tuple[float, float, float]


@dataclass(frozen=True, eq=False)
class Readouts:
    """Where each readout belongs; every array has one element a readout.

    Attributes
    ----------
    step1, step2
        Numbers of its lines along the two phase directions.
    slice
        Its slice.
    n_samples
        Number of its samples.
    centre
        Which of its samples lies at the centre of k-space.
    first, last
        The samples that count are ``first <= i < last``.
    is_reversed
        Whether its samples run backwards.
    is_calibration
        Whether it serves the calibration of parallel imaging only.
    volume
        Which volume (echo, repetition and the like) it belongs to.
    """

    step1: Ints
    step2: Ints
    slice: Ints
    n_samples: Ints
    centre: Ints
    first: Ints
    last: Ints
    is_reversed: NDArray[np.bool_]
    is_calibration: NDArray[np.bool_]
    volume: Ints

    def chosen(self, which: NDArray[np.bool_] | Ints) -> Readouts:
        """Some of the readouts."""
        return Readouts(**{name: values[which] for name, values in vars(self).items()})


@dataclass(frozen=True, eq=False)
class Placed:
    """k-space on the grid.

    Attributes
    ----------
    kspace
        complex64, shape `(slice, second phase, coil, readout, first phase)`, its readout
        oversampling removed; 0 where nothing was acquired.
    lines
        Which lines were acquired, shape `(slice, second phase, first phase)`.
    samples
        Which samples of a readout every line has, shape `(readout,)`.
    n_repeated
        How many lines are averages of several readouts.
    """

    kspace: NDArray[np.complex64]
    lines: NDArray[np.bool_]
    samples: NDArray[np.bool_]
    n_repeated: int


def needed(readouts: Readouts) -> NDArray[np.bool_]:
    """The readouts to use: lines for calibration only where no other readout fills their place."""
    place = np.stack([readouts.slice, readouts.step2, readouts.step1], axis=1)
    _, number = np.unique(place, axis=0, return_inverse=True)
    number = number.reshape(-1)
    is_imaged = np.zeros(int(number.max()) + 1, bool)
    is_imaged[number[~readouts.is_calibration]] = True
    return np.asarray(~readouts.is_calibration | ~is_imaged[number], np.bool_)


def place(
    path: Path,
    readouts: Readouts,
    matrix: Matrix,
    n_coils: int,
    batches: Iterable[Sequence[Block]],
) -> Placed:
    """Put readouts into k-space and average those of one place.

    Asymmetric echoes and partial Fourier leave zeros where nothing was measured; the centre of
    k-space is at index ``n // 2`` all the same.

    Parameters
    ----------
    path
        The file, for messages.
    readouts
        Where each belongs; their slices are numbered from 0.
    matrix
        The grid.
    n_coils
        Number of receive channels, the same in all readouts.
    batches
        All readouts, some at a time and in any order.

    Raises
    ------
    ScanFileError
        If readouts lie outside the grid, or the grid is too large.
    """
    n_x, n_1, n_2 = matrix.encoded
    p1 = _index(path, readouts.step1, matrix.centres[0], n_1)
    p2 = _index(path, readouts.step2, matrix.centres[1], n_2)
    start = _starts(path, readouts, n_x)
    shape = (int(readouts.slice.max()) + 1, n_2, n_coils, matrix.kept[0], n_1)
    check_size(path, shape, 8, MAX_INFLATION * path.stat().st_size)
    kspace = np.zeros(shape, np.complex64)
    counts = np.zeros((shape[0], n_2, n_1), np.int64)
    np.add.at(counts, (readouts.slice, p2, p1), 1)
    for batch in batches:
        lines = np.zeros((len(batch), n_coils, n_x), np.complex64)
        for line, (i, data) in zip(lines, batch, strict=True):
            used = data[:, readouts.first[i] : readouts.last[i]]
            step = -1 if readouts.is_reversed[i] else 1
            line[:, start[i] : start[i] + used.shape[1]] = used[:, ::step]
        lines = cropped(lines, (matrix.kept[0],), axes=(-1,))
        for line, (i, _) in zip(lines, batch, strict=True):
            kspace[readouts.slice[i], p2[i], :, :, p1[i]] += line
    repeated = np.argwhere(counts > 1)
    for s, k2, k1 in repeated:
        kspace[s, k2, :, :, k1] /= counts[s, k2, k1]
    covered = _covered(start, start + readouts.last - readouts.first, n_x)
    return Placed(kspace, counts > 0, _resampled(covered, matrix.kept[0]), len(repeated))


def _index(path: Path, steps: Ints, centre: int, n: int) -> Ints:
    """Index on the grid of each line."""
    index = steps - centre + n // 2
    if index.min() < 0 or index.max() >= n:
        rule = f"phase-encoding lines must lie within the encoded matrix of {n}"
        got = f"lines {int(steps.min())} to {int(steps.max())} with the centre at {centre}"
        raise refusal(path, rule, got)
    return index


def _starts(path: Path, readouts: Readouts, n: int) -> Ints:
    """Where on the grid the first used sample of each readout comes to lie.

    A whole readout fills the grid, whatever it says of its centre. Of a reversed one sample ``c``
    is taken for the mirror image of the one at index ``n // 2``, as converters number them.
    """
    used = readouts.last - readouts.first
    longest = int(readouts.n_samples.max())
    if longest > n:
        rule = f"readouts must have at most the {n} samples of the encoded matrix"
        raise refusal(path, rule, longest)
    forward = n // 2 - readouts.centre + readouts.first
    backward = n // 2 - (readouts.n_samples - readouts.centre) + readouts.n_samples - readouts.last
    whole = np.where(readouts.is_reversed, n - readouts.last, readouts.first)
    start = np.where(readouts.is_reversed, backward, forward)
    start = np.where(readouts.n_samples == n, whole, start)
    bad = (start < 0) | (start + used > n) | (used < 1)
    if bad.any():
        i = int(np.argmax(bad))
        rule = f"the samples of a readout must lie within the encoded matrix of {n}"
        got = f"{int(used[i])} samples with the centre at {int(readouts.centre[i])}"
        raise refusal(path, rule, got)
    return np.asarray(start, np.int64)


def _covered(start: Ints, stop: Ints, n: int) -> NDArray[np.bool_]:
    """Which samples of the grid every readout has."""
    index = np.arange(n)
    return np.asarray((index >= start.max()) & (index < stop.min()), np.bool_)


def _resampled(covered: NDArray[np.bool_], n: int) -> NDArray[np.bool_]:
    """The same once the image is cropped to ``n`` pixels, which coarsens k-space."""
    full = covered.size
    index = np.rint((np.arange(n) - n // 2) * full / n).astype(np.int64) + full // 2
    return covered[np.clip(index, 0, full - 1)]
