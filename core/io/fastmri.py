"""The HDF5 layout of the fastMRI data set: single- or multi-coil k-space.

Knoll et al., "fastMRI: A Publicly Available Raw k-Space and DICOM Dataset of Knee Images", 2020.
"""

from __future__ import annotations

import xml.etree.ElementTree as ET
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from core.io.formats import (
    FORMATS,
    MAX_INFLATION,
    Format,
    ReadOptions,
    check_size,
    refusal,
    scan_name,
)
from core.io.hdf5 import check_chunks, holds
from core.io.kspace import check_slice, check_stack, cropped
from core.io.magnitude import check_slice_shape
from core.io.sampling import has_holes, non_zero
from core.types import Scan

_REFERENCES = ("reconstruction_rss", "reconstruction_esc")
_SHORTEST_HASH = 16
_NAMESPACE = "{http://www.ismrm.org/ISMRMRD}"


def _recognise(path: Path, head: bytes) -> bool:
    return holds(path, head, "kspace")


@dataclass(frozen=True)
class _ReconSpace:
    """Matrix (y, x) and voxel sizes (slice, y, x) of the reconstructed image."""

    matrix: tuple[int, int]
    spacing_mm: tuple[float, float, float]


def read(path: Path, options: ReadOptions) -> Scan:  # noqa: ARG001 - every reader takes options
    """Read `kspace` of shape `(slice, coil, y, x)` or `(slice, y, x)`.

    Images are cropped to the size of the reconstruction, which removes the readout oversampling,
    as fastMRI does; undersampled ones (which have a `mask` of shape `(x,)`, or zeros) only along
    the readout, since cropping else would mix measured samples with missing ones.

    Raises
    ------
    ScanFileError
        If the layout is another, or the k-space is damaged or of an illegal size.
    """
    import h5py

    with h5py.File(path, "r") as file:
        kspace = _kspace_dataset(path, file)
        space, notes = _recon_space(file)
        size = _image_size(file, space, kspace.shape[-2:])
        mask = _mask(path, file, kspace.shape[-1])
        size = _croppable(size, mask, _middle_pattern(kspace))
        check_slice_shape(path, size)
        values = _read_cropped(path, kspace, size)
        if size != kspace.shape[-2:]:
            notes += (f"images cropped from {_times(kspace.shape[-2:])} to {_times(size)}",)
        person = _person(file)
    stated = None if mask is None else np.tile(mask, (size[0], 1))
    sampling = check_stack(path, values, stated)
    return Scan(
        name=scan_name(path),
        kspace=values,
        path=path,
        spacing_mm=space.spacing_mm if space else (1.0, 1.0, 1.0),
        notes=(*notes, *sampling.notes),
        person=person,
        sampled=sampling.sampled,
    )


def _person(file: Any) -> str | None:  # noqa: ANN401 - h5py is untyped
    """The hash by which fastMRI names a patient; shorter texts are placeholders of other makers."""
    patient = file.attrs.get("patient_id")
    is_hash = isinstance(patient, str) and len(patient) >= _SHORTEST_HASH
    return f"fastMRI patient {patient}" if is_hash else None


def _kspace_dataset(path: Path, file: Any) -> Any:  # noqa: ANN401 - h5py is untyped
    import h5py

    dataset = file.get("kspace")
    if not isinstance(dataset, h5py.Dataset):
        raise refusal(path, "'kspace' must be a dataset", type(dataset).__name__.lower())
    if dataset.dtype.kind != "c":
        raise refusal(path, "'kspace' must be complex", f"type {dataset.dtype}")
    if dataset.ndim not in (3, 4):
        rule = "'kspace' must have axes (slice, coil, y, x) or (slice, y, x)"
        raise refusal(path, rule, f"shape {dataset.shape}")
    room = dataset.id.get_storage_size() * (MAX_INFLATION if dataset.compression else 1)
    check_size(path, dataset.shape, dataset.dtype.itemsize, room)
    check_chunks(path, dataset)
    return dataset


def _mask(path: Path, file: Any, n_columns: int) -> NDArray[np.bool_] | None:  # noqa: ANN401
    """Columns that the file says were sampled, shape `(x,)`; None if it says nothing."""
    if "mask" not in file:
        return None
    dataset = file["mask"]
    shape = getattr(dataset, "shape", ())
    if shape != (n_columns,):
        raise refusal(path, f"'mask' must have the shape ({n_columns},) of a row", f"{shape}")
    mask = np.asarray(dataset[:]) != 0
    return None if mask.all() else mask


def _croppable(
    size: tuple[int, int], mask: NDArray[np.bool_] | None, pattern: NDArray[np.bool_]
) -> tuple[int, int]:
    """The size wanted, but whole along the axes along which a slice is undersampled."""
    if mask is None and not has_holes(pattern):
        return size
    lines = pattern.any(axis=0)
    are_whole = mask is not None or not has_holes(pattern[:, lines])
    return (size[0] if are_whole else pattern.shape[0], pattern.shape[1])


def _middle_pattern(dataset: Any) -> NDArray[np.bool_]:  # noqa: ANN401
    """Where the middle slice is not 0. Shape `(y, x)`."""
    middle = np.asarray(dataset[dataset.shape[0] // 2])
    return non_zero(middle.reshape(-1, *dataset.shape[-2:]))


def _recon_space(file: Any) -> tuple[_ReconSpace | None, tuple[str, ...]]:  # noqa: ANN401
    """What the ISMRMRD header says of the reconstructed image, if it can be read."""
    unknown = ("voxel sizes are unknown, taken as 1 mm",)
    if "ismrmrd_header" not in file:
        return None, unknown
    try:
        root = ET.fromstring(file["ismrmrd_header"][()])
        matrix = [_number(root, "matrixSize", axis) for axis in "zxy"]
        extent = [_number(root, "fieldOfView_mm", axis) for axis in "zxy"]
    except (ET.ParseError, TypeError, ValueError):
        return None, unknown
    spacing = [length / n if n > 0 else 0.0 for length, n in zip(extent, matrix, strict=True)]
    if not all(np.isfinite(s) and s > 0 for s in spacing):
        return None, unknown
    size = (int(matrix[1]), int(matrix[2]))
    return _ReconSpace(size, (spacing[0], spacing[1], spacing[2])), ()


def _number(root: ET.Element, name: str, axis: str) -> float:
    tags = ("encoding", "reconSpace", name, axis)
    return float(root.findtext("/".join(_NAMESPACE + tag for tag in tags)) or "")


def _image_size(
    file: Any,  # noqa: ANN401
    space: _ReconSpace | None,
    shape: tuple[int, int],
) -> tuple[int, int]:
    """Size (y, x) of the image: the stored reconstruction's, else the header's, else all of it."""
    wanted: tuple[int, ...] = space.matrix if space else shape
    for name in _REFERENCES:
        if name in file and getattr(file[name], "ndim", 0) == 3:
            wanted = file[name].shape[-2:]
            break
    return (min(int(wanted[0]), shape[0]), min(int(wanted[1]), shape[1]))


def _times(size: tuple[int, int]) -> str:
    return f"{size[0]} x {size[1]}"


def _read_cropped(
    path: Path,
    dataset: Any,  # noqa: ANN401
    size: tuple[int, int],
) -> NDArray[np.complex64]:
    """k-space of the centre of the image, slice by slice to spare memory."""
    n_slices, shape = dataset.shape[0], dataset.shape[-2:]
    n_coils = dataset.shape[1] if dataset.ndim == 4 else 1
    values = np.empty((n_slices, n_coils, *size), np.complex64)
    for index in range(n_slices):
        with np.errstate(over="ignore", invalid="ignore"):
            measured = dataset[index].astype(np.complex64).reshape(n_coils, *shape)
        check_slice(path, measured, index)
        values[index] = cropped(measured, size)
    return values


FORMATS.register("fastmri", "fastMRI HDF5", ReadOptions)(
    Format(
        (".h5", ".hdf5"),
        _recognise,
        read,
        layout="a dataset 'kspace'",
        media_type="application/x-hdf",
    )
)
