"""From k-space as it was acquired, in 2D or 3D, to slices."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from core.io.formats import refusal
from core.io.kspace import cropped
from core.io.readouts import Matrix, Placed
from core.io.sampling import Sampling, common_sampling, has_holes

READOUT, PHASE, SLICE = 0, 1, 2
"""Directions of an acquisition: readout, first phase encoding, slice or second phase encoding."""

_HOW = "as its lines were acquired"


@dataclass(frozen=True, eq=False)
class Slices:
    """Slices of an acquisition.

    Attributes
    ----------
    kspace
        complex64, shape `(slice, coil, y, x)`.
    sampling
        Where it was measured.
    axes
        Which direction of the acquisition (slice, y, x) are.
    notes
        What was done.
    """

    kspace: NDArray[np.complex64]
    sampling: Sampling
    axes: tuple[int, int, int]
    notes: tuple[str, ...]


def slices_of(path: Path, placed: Placed, matrix: Matrix) -> Slices:
    """Slices with the readout along y and the (first) phase encoding along x.

    Of a 3D acquisition they are its own partitions, unless these were undersampled too: then they
    lie across the readout, with the first phase encoding along y and the second along x. The field
    of view is cropped to what is to be shown where all lines were measured.

    Raises
    ------
    ScanFileError
        If slices were sampled differently, or there is more than one 3D slab.
    """
    if matrix.encoded[2] == 1:
        return _own_slices(path, placed.kspace[:, 0], placed.lines[:, 0], placed.samples, matrix)
    if len(placed.kspace) > 1:
        raise refusal(path, "a 3D acquisition must have one slab", len(placed.kspace))
    lines = placed.lines[0]
    separable = np.outer(lines.any(axis=1), lines.any(axis=0))
    has_all_partitions = not has_holes(lines.any(axis=1)[None])
    if not has_holes(lines) or (has_all_partitions and np.array_equal(lines, separable)):
        return _partitions(path, placed, matrix)
    return _across_readout(path, placed, matrix)


def _own_slices(
    path: Path,
    kspace: NDArray[np.complex64],
    lines: NDArray[np.bool_],
    samples: NDArray[np.bool_],
    matrix: Matrix,
) -> Slices:
    """Slices `(slice, coil, readout, phase)` of which these lines `(slice, phase)` were measured.

    Every line has these samples `(readout,)`.
    """
    patterns = lines[:, None, :] & samples[None, :, None]
    sampling = common_sampling(path, patterns, how=_HOW)
    notes = list(sampling.notes)
    if not samples.all():
        notes.append(f"asymmetric echo: {samples.mean():.0%} of each readout, the rest is 0")
    measured = lines.any(axis=0)
    if sampling.sampled is None and not measured.all():
        notes.append(f"partial Fourier: {measured.mean():.0%} of the lines, the rest is 0")
    kept = matrix.kept[PHASE]
    if kept < kspace.shape[-1] and sampling.sampled is None:
        kspace = np.stack([cropped(one, (kept,), axes=(-1,)) for one in kspace])
    elif kept < kspace.shape[-1]:
        notes.append(f"the field of view along x is larger than the {kept} pixels asked for")
    return Slices(kspace, sampling, (SLICE, READOUT, PHASE), tuple(notes))


def _partitions(path: Path, placed: Placed, matrix: Matrix) -> Slices:
    lines = np.repeat(placed.lines[0].any(axis=0)[None], matrix.kept[SLICE], axis=0)
    kspace = _transformed(placed.kspace[0], axis=0, n=matrix.kept[SLICE])
    slices = _own_slices(path, kspace, lines, placed.samples, matrix)
    encoded = placed.lines[0].any(axis=1)
    notes = ["3D acquisition, shown in its own partitions"]
    if not encoded.all():
        notes.append(f"partial Fourier: {encoded.mean():.0%} of the partitions, the rest is 0")
    return Slices(slices.kspace, slices.sampling, slices.axes, (*notes, *slices.notes))


def _across_readout(path: Path, placed: Placed, matrix: Matrix) -> Slices:
    kspace = _transformed(placed.kspace[0], axis=2, n=matrix.kept[READOUT])
    kspace = np.ascontiguousarray(kspace.transpose(2, 1, 3, 0))
    sampling = common_sampling(path, placed.lines[0].T[None], how=_HOW)
    notes = ("3D acquisition, undersampled both ways: slices across the readout", *sampling.notes)
    return Slices(kspace, sampling, (READOUT, PHASE, SLICE), notes)


def _transformed(kspace: NDArray[np.complex64], axis: int, n: int) -> NDArray[np.complex64]:
    """To image space along one axis, cropped to ``n``, coil by coil to spare memory.

    Shape `(second phase, coil, readout, phase)`; the axis is 0 or 2.
    """
    import torch

    from core.fourier import ifft1c

    shape = list(kspace.shape)
    full, shape[axis] = shape[axis], n
    image = np.empty(shape, np.complex64)
    for coil in range(kspace.shape[1]):
        along = ifft1c(torch.from_numpy(np.ascontiguousarray(kspace[:, coil])), min(axis, 1))
        image[:, coil] = along.narrow(min(axis, 1), full // 2 - n // 2, n).numpy()
    return image
