"""From a scanner's readouts to a scan: what all raw data formats share."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from core.io.formats import refusal, scan_name
from core.io.kspace import check_slice, check_values
from core.io.pose import Pose, gap_mm, shown, slice_order
from core.io.readouts import Block, Matrix, Readouts, needed, place
from core.io.slicing import SLICE, Slices, slices_of
from core.types import Scan


@dataclass(frozen=True, eq=False)
class RawScan:
    """What a file says of its readouts.

    Attributes
    ----------
    matrix
        The grid of the acquisition.
    readouts
        Where each belongs, those of calibration among them.
    volumes
        What tells volumes apart, by name: a number for each readout, the slowest first.
    n_coils
        Receive channels of every readout.
    pose
        Directions, and the centre of the slice of each readout, shape `(readout, 3)`.
    batches
        Gives the samples of these readouts, numbered as they are asked for.
    noise
        Gives the samples of the noise scan, shape `(coil, sample)`, None without one.
    person
        Whom it shows, if the file says so.
    notes
        What the reader decided.
    """

    matrix: Matrix
    readouts: Readouts
    volumes: Mapping[str, NDArray[np.int64]]
    n_coils: int
    pose: Pose
    batches: Callable[[NDArray[np.int64]], Iterator[Sequence[Block]]]
    noise: Callable[[], NDArray[np.complex64] | None]
    person: str | None
    notes: tuple[str, ...]


_UNKNOWN = "the file states no orientation: left and right, front and back are unknown"
_UNREAD = "the orientation is not read from such files: left and right, front and back are unknown"

_MIN_ID = 5


def identified(patient: str) -> str | None:
    """Whom a patient's identification names; None for fillers, which tell nobody apart.

    Fillers are short, of letters alone or of two different characters at most.
    """
    found = patient.strip()
    is_filler = len(found) < _MIN_ID or len(set(found.lower())) < 3 or found.isalpha()
    return None if is_filler else f"patient {found}"


def read_raw(path: Path, raw: RawScan, volume: int) -> Scan:
    """The scan of one volume.

    Raises
    ------
    ScanFileError
        If there is no such volume, or its readouts do not fit together.
    """
    in_volume, volume_notes = _choose_volume(path, raw, volume)
    within = in_volume[needed(raw.readouts.chosen(in_volume))]
    readouts = raw.readouts.chosen(within)
    _, first, numbers = np.unique(readouts.slice, return_index=True, return_inverse=True)
    readouts = replace(readouts, slice=numbers.reshape(-1).astype(np.int64))
    placed = place(path, readouts, raw.matrix, raw.n_coils, raw.batches(within))
    notes = [*volume_notes, *raw.notes]
    if placed.n_repeated:
        notes.append(f"{placed.n_repeated} lines were measured several times and averaged")
    pose = replace(raw.pose, centres=raw.pose.centres[within[first]])
    if raw.matrix.encoded[SLICE] == 1:
        order = slice_order(pose)
        pose = replace(pose, centres=pose.centres[order])
        placed = replace(placed, kspace=placed.kspace[order], lines=placed.lines[order])
    slices = slices_of(path, placed, raw.matrix)
    kspace, whitening = _whitened(slices.kspace, raw.noise())
    for index, one in enumerate(kspace):
        check_slice(path, one, index)
    check_values(path, kspace)
    spacing = _spacing(raw.matrix, pose, slices)
    turned = shown(kspace, slices.sampling.sampled, pose, slices.axes, spacing)
    if turned.edges is None:
        notes.append(_UNKNOWN if pose.signs_are_known else _UNREAD)
    return Scan(
        name=scan_name(path),
        kspace=turned.kspace,
        path=path,
        grid=turned.grid,
        spacing_mm=turned.spacing_mm,
        edges=turned.edges,
        notes=(*notes, *slices.notes, *whitening),
        person=raw.person,
        sampled=turned.sampled,
    )


def _choose_volume(
    path: Path, raw: RawScan, volume: int
) -> tuple[NDArray[np.int64], tuple[str, ...]]:
    """Numbers of the readouts of one volume, and what it is if there are several."""
    keys = np.stack(list(raw.volumes.values()), axis=1)
    imaging = ~raw.readouts.is_calibration
    found = np.unique(keys[imaging] if imaging.any() else keys, axis=0)
    if not 0 <= volume < len(found):
        raise refusal(path, f"volume must be from 0 to {len(found) - 1}", volume)
    numbers = np.flatnonzero((keys == found[volume]).all(axis=1))
    if len(found) == 1:
        return numbers, ()
    differing = [i for i in range(keys.shape[1]) if len(np.unique(found[:, i])) > 1]
    names = list(raw.volumes)
    which = ", ".join(f"{names[i]} {found[volume][i]}" for i in differing)
    return numbers, (f"volume {volume + 1} of {len(found)} ({which})",)


def _spacing(matrix: Matrix, pose: Pose, slices: Slices) -> tuple[float, float, float]:
    spacing = list(matrix.spacing_mm)
    if matrix.encoded[SLICE] == 1:
        spacing[SLICE] = gap_mm(pose, spacing[SLICE])
    return (spacing[slices.axes[0]], spacing[slices.axes[1]], spacing[slices.axes[2]])


def _whitened(
    kspace: NDArray[np.complex64], noise: NDArray[np.complex64] | None
) -> tuple[NDArray[np.complex64], tuple[str, ...]]:
    """Coils whitened by the noise scan, in place, and a note on it."""
    if noise is None:
        return kspace, ()
    import torch

    from core.calibration.whitening import noise_covariance, whiten, whitening_matrix

    try:
        matrix = whitening_matrix(noise_covariance(torch.from_numpy(noise)))
    except ValueError as error:
        return kspace, (f"not whitened by the noise scan: {error}",)
    for one in kspace:
        one[...] = whiten(torch.from_numpy(np.ascontiguousarray(one)), matrix).numpy()
    n = noise.shape[1]
    return kspace, (f"coils whitened by a noise scan of {n} samples",)
