"""Fingerprint series from arrays that say nothing of themselves: NumPy, HDF5, NIfTI."""

from __future__ import annotations

import zlib
from collections.abc import Callable
from pathlib import Path
from typing import Any, NamedTuple

import numpy as np
from numpy.typing import NDArray

from core.fingerprinting.foreground import mask_of
from core.fingerprinting.sequence import FingerprintSequence
from core.fingerprinting.sequence_file import find
from core.fingerprinting.series import Series
from core.io.formats import MAX_INFLATION, ScanFileError, check_size, refusal, scan_name
from core.io.hdf5 import DAMAGED, check_chunks
from core.io.nifti import affine_of
from core.io.numpy_files import read_npy
from core.io.orientation import display_grid
from core.reading import ReadOptions
from core.types import Grid

_DATASET = "signals"
_MAX_DATASETS = 1000


class _Found(NamedTuple):
    """An array `([slice,] readout, y, x)` and what its file says of its place."""

    values: NDArray[Any]
    spacing_mm: tuple[float, float, float] = (1.0, 1.0, 1.0)
    grid: Grid | None = None
    edges: tuple[str, str, str, str] | None = None
    notes: tuple[str, ...] = (
        "the file states no voxel sizes and no orientation: voxels taken as 1 mm, left and right, "
        "front and back are unknown",
    )
    stored: tuple[int, ...] | None = None
    """Shape in the file, the read-outs last, where it was turned."""


def read_array(path: Path, sequence: FingerprintSequence | None = None) -> Series:
    """A series from a bare array.

    Parameters
    ----------
    path
        An ``.npy``, or an HDF5 file (``.h5``, ``.hdf5``) with a dataset ``signals`` or only one of
        so many axes: shape `(readout, y, x)` or `(slice, readout, y, x)`. Or a NIfTI whose fourth
        axis is that of the read-outs. Complex; or real with its sign, which magnitudes have lost.
    sequence
        What was played; the default sequence if None.

    Raises
    ------
    ScanFileError
        In one line, if the file is damaged or holds something else, its number of read-outs is not
        the sequence's, or no voxel of it can be mapped.
    """
    readers = [reader for suffixes, reader in _READERS if path.name.lower().endswith(suffixes)]
    if not readers:
        known = ", ".join(suffix for suffixes, _ in _READERS for suffix in suffixes)
        raise refusal(path, f"a fingerprint series must be a folder or end in {known}", path.suffix)
    found = readers[0](path)
    played = sequence or find()
    _check(path, found, played)
    signals = _signals(found.values)
    try:
        mask, notes = mask_of(signals)
    except ValueError as error:
        raise ScanFileError(f"{path.name}: {error}") from None
    if sequence is None:
        notes = (f"taken for a series of the default sequence, {played.name!r}", *notes)
    return Series(
        name=scan_name(path),
        signals=signals,
        sequence=played,
        mask=mask,
        spacing_mm=found.spacing_mm,
        grid=found.grid,
        path=path,
        edges=found.edges,
        notes=(*notes, *found.notes),
    )


def _check(path: Path, found: _Found, sequence: FingerprintSequence) -> None:
    values = found.values
    if values.ndim not in (3, 4):
        rule = "must have the axes (readout, y, x) or (slice, readout, y, x)"
        raise refusal(path, rule, f"shape {values.shape}")
    if values.dtype.kind not in "fc":
        raise refusal(path, "signals must be complex or real numbers", values.dtype)
    if values.shape[-3] != sequence.n_readouts:
        rule = f"must have the {sequence.n_readouts} read-outs of sequence {sequence.name!r}"
        shape, axis = (values.shape, -3) if found.stored is None else (found.stored, -1)
        raise refusal(path, rule, f"{shape[axis]} (axis {len(shape) + axis} of {shape})")
    if values.dtype.kind == "f" and not (values < 0).any():
        # Signals after an inversion are negative at first.
        rule = "signals must be complex or have a sign, which magnitudes have lost"
        raise refusal(path, rule, "no value below 0")


def _signals(values: NDArray[Any]) -> NDArray[np.complex64]:
    with np.errstate(over="ignore", invalid="ignore"):
        signals: NDArray[np.complex64] = values.astype(np.complex64)
    return signals.reshape(-1, *signals.shape[-3:])


def _read_npy(path: Path) -> _Found:
    return _Found(read_npy(path, ReadOptions()).values)


def _read_hdf5(path: Path) -> _Found:
    import h5py

    try:
        with h5py.File(path, "r") as file:
            dataset = _chosen(path, file)
            check_size(path, dataset.shape, dataset.dtype.itemsize, _room(path, dataset))
            check_chunks(path, dataset)
            return _Found(dataset[()])
    except ScanFileError:
        raise
    except DAMAGED as error:
        raise refusal(path, "must be an undamaged HDF5 file", error) from error


def _room(path: Path, dataset: Any) -> int:  # noqa: ANN401 - h5py is untyped
    return path.stat().st_size * (MAX_INFLATION if dataset.compression else 1)


def _chosen(path: Path, file: Any) -> Any:  # noqa: ANN401
    import h5py

    at_root = [file[name] for name in list(file)[:_MAX_DATASETS]]
    datasets = [item for item in at_root if isinstance(item, h5py.Dataset)]
    named = [item for item in datasets if item.name == f"/{_DATASET}"]
    fitting = named or [item for item in datasets if item.ndim in (3, 4)]
    if len(fitting) != 1:
        rule = f"must hold a dataset {_DATASET!r}, or only one of 3 or 4 axes"
        raise refusal(path, rule, ", ".join(item.name for item in fitting) or "none")
    return fitting[0]


def _read_nifti(path: Path) -> _Found:
    import nibabel
    from nibabel.filebasedimages import ImageFileError
    from nibabel.spatialimages import HeaderDataError

    try:
        image = nibabel.load(path)
        shape = tuple(int(n) for n in image.shape)
        if len(shape) != 4:
            raise refusal(path, "must have four axes, the last that of the read-outs", shape)
        inflation = MAX_INFLATION if path.name.lower().endswith(".gz") else 1
        itemsize = image.header.get_data_dtype().itemsize
        check_size(path, shape, itemsize, path.stat().st_size * inflation)
        affine, is_oriented, notes = affine_of(image.header)
        grid, view, spacing = display_grid(path, affine, shape[:3])
        volumes = np.moveaxis(np.asarray(image.dataobj), -1, 0)
    except ScanFileError:
        raise
    except (ImageFileError, HeaderDataError, ValueError, OSError, EOFError, zlib.error) as error:
        raise refusal(path, "must be an undamaged NIfTI", error) from error
    turned = np.stack([grid.to_scan(volume) for volume in volumes], axis=1)
    if not is_oriented:
        notes += ("the file states no orientation: left and right, front and back are unknown",)
    return _Found(turned, spacing, grid, view.edges if is_oriented else None, notes, shape)


_READERS: tuple[tuple[tuple[str, ...], Callable[[Path], _Found]], ...] = (
    ((".npy",), _read_npy),
    ((".h5", ".hdf5"), _read_hdf5),
    ((".nii", ".nii.gz"), _read_nifti),
)
