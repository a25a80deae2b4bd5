"""The HDF5 layout of the fastMRI data set: fully sampled single- or multi-coil k-space.

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
from core.io.hdf5 import holds
from core.io.kspace import FULLY_SAMPLED, check_slice, check_stack, transformed
from core.io.magnitude import check_slice_shape
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
    as fastMRI does.

    Raises
    ------
    ScanFileError
        If the layout is another, or the k-space is undersampled, damaged or of an illegal size.
    """
    import h5py

    with h5py.File(path, "r") as file:
        kspace = _kspace_dataset(path, file)
        space, notes = _recon_space(file)
        size = _image_size(file, space, kspace.shape[-2:])
        check_slice_shape(path, size)
        values = _read_cropped(path, kspace, size)
        if size != kspace.shape[-2:]:
            notes += (f"images cropped from {_times(kspace.shape[-2:])} to {_times(size)}",)
        person = _person(file)
    check_stack(path, values)
    return Scan(
        name=scan_name(path),
        kspace=values,
        path=path,
        spacing_mm=space.spacing_mm if space else (1.0, 1.0, 1.0),
        notes=notes,
        person=person,
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
    if "mask" in file:
        raise refusal(path, FULLY_SAMPLED, "a sampling mask in the file")
    room = dataset.id.get_storage_size() * (MAX_INFLATION if dataset.compression else 1)
    check_size(path, dataset.shape, dataset.dtype.itemsize, room)
    return dataset


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
        values[index] = measured if size == shape else _cropped(measured, size)
    return values


def _cropped(kspace: NDArray[np.complex64], size: tuple[int, int]) -> NDArray[np.complex64]:
    """k-space of the centre of each coil's image; the origin stays at index ``n // 2``."""
    import torch

    from core.fourier import ifft2c

    image = ifft2c(torch.from_numpy(kspace)).numpy()
    y, x = (
        slice(full // 2 - n // 2, full // 2 - n // 2 + n)
        for full, n in zip(kspace.shape[-2:], size, strict=True)
    )
    return transformed(image[:, y, x])


FORMATS.register("fastmri", "fastMRI HDF5", ReadOptions)(
    Format((".h5", ".hdf5"), _recognise, read, layout="a dataset 'kspace'")
)
