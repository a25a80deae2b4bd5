"""Fingerprint series as folders: ``series.h5`` and, readable for people, ``sequence.toml``.

``series.h5`` holds the datasets ``signals`` (complex64, a slice of few read-outs a chunk), ``mask``
and, of a simulated series, ``truth/t1`` ... and ``truth/labels``; its attributes hold the rest.
Arrays of others are read by :mod:`core.fingerprinting.series_arrays`.
"""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import numpy as np

from core import atomic
from core.fingerprinting import series_arrays
from core.fingerprinting.sequence import FingerprintSequence
from core.fingerprinting.sequence_file import read_sequence, to_toml
from core.fingerprinting.series import Maps, Series, Truth
from core.io.formats import ScanFileError, check_size, refusal
from core.io.hdf5 import DAMAGED
from core.types import Grid

SERIES_NAME, SEQUENCE_NAME = "series.h5", "sequence.toml"

_FORMAT = "tlmri fingerprint series"
_VERSION = 1
_READOUTS_A_CHUNK = 16
_MAPS = ("t1", "t2", "adc", "pd")


def write_series(folder: Path, series: Series) -> tuple[Path, Path]:
    """Write a series and return the paths of its two files; each appears whole or not at all.

    Parameters
    ----------
    folder
        Made if it does not exist; files of these names in it are replaced.
    series
        What is written. Reading gives the same, bit by bit.

    Raises
    ------
    ValueError
        If a file cannot be written.
    """
    import h5py

    data, text = folder / SERIES_NAME, folder / SEQUENCE_NAME
    with atomic.replacing(data) as partial, h5py.File(partial, "w") as file:
        _write(file, series)
    atomic.write_bytes(text, to_toml(series.sequence).encode())
    return data, text


def _write(file: Any, series: Series) -> None:  # noqa: ANN401 - h5py is untyped
    _, n_readouts, ny, nx = series.signals.shape
    chunks = (1, min(n_readouts, _READOUTS_A_CHUNK), ny, nx)
    file.create_dataset("signals", data=series.signals, chunks=chunks)
    file.create_dataset("mask", data=series.mask)
    file.attrs["format"], file.attrs["version"] = _FORMAT, _VERSION
    file.attrs["name"], file.attrs["notes"] = series.name, json.dumps(series.notes)
    file.attrs["spacing_mm"] = series.spacing_mm
    file.attrs["sequence_key"] = series.sequence.key
    if series.grid is not None:
        for name in ("affine", "shape", "axes", "flips"):
            file.attrs[f"grid_{name}"] = getattr(series.grid, name)
    if series.truth is not None:
        for name in _MAPS:
            file[f"truth/{name}"] = series.truth.maps[name]
        file["truth/labels"] = series.truth.labels


def read_series(path: Path, sequence: FingerprintSequence | None = None) -> Series:
    """Read a series.

    Parameters
    ----------
    path
        A folder that :func:`write_series` wrote, or its ``series.h5``; or a bare array, see
        :func:`core.fingerprinting.series_arrays.read_array`.
    sequence
        What was played, where the file does not say it or is to be overruled; the default sequence
        for bare arrays.

    Raises
    ------
    ValueError
        In one line, if there is no such file, it is damaged or holds something else, its number of
        read-outs is not the sequence's, or no voxel of it can be mapped.
    """
    path = Path(path)
    data = path / SERIES_NAME if path.is_dir() else path
    if not data.is_file():
        rule = f"a folder must hold {SERIES_NAME}" if path.is_dir() else "must be a file or folder"
        raise refusal(path, rule, "none")
    if not _is_own(data):
        return series_arrays.read_array(data, sequence)
    return _read(path, data, sequence)


def _is_own(data: Path) -> bool:
    import h5py

    try:
        with h5py.File(data, "r") as file:
            return bool(file.attrs.get("format") == _FORMAT)
    except DAMAGED:
        return False


def _read(path: Path, data: Path, sequence: FingerprintSequence | None) -> Series:
    import h5py

    try:
        with h5py.File(data, "r") as file:
            if file.attrs["version"] != _VERSION:
                raise refusal(data, f"must be of version {_VERSION}", file.attrs["version"])
            played, notes = _sequence(data, str(file.attrs["sequence_key"]), sequence)
            return Series(
                name=str(file.attrs["name"]),
                signals=_dataset(data, file, "signals", np.complex64),
                sequence=played,
                mask=_dataset(data, file, "mask", np.bool_),
                spacing_mm=_triple(float, file.attrs["spacing_mm"]),
                grid=_grid(file),
                truth=_truth(data, file),
                path=path,
                notes=(*(str(note) for note in json.loads(file.attrs["notes"])), *notes),
            )
    except ScanFileError:
        raise
    except DAMAGED as error:
        # Those of the series' own checks among them
        raise refusal(data, "must be an undamaged fingerprint series", error) from error


def _sequence(
    data: Path, key: str, wished: FingerprintSequence | None
) -> tuple[FingerprintSequence, tuple[str, ...]]:
    """What was played, and a note where it is not what the series says."""
    if wished is not None:
        note = f"taken for a series of sequence {wished.name!r}, which is not the one it states"
        return wished, () if wished.key == key else (note,)
    beside = data.with_name(SEQUENCE_NAME)
    if not beside.is_file():
        raise refusal(data, f"{SEQUENCE_NAME} must lie beside it", "none")
    try:
        sequence = read_sequence(beside)
    except ValueError as error:
        raise ScanFileError(str(error)) from None
    if sequence.key != key:
        rule = f"must be of the sequence {key} that {data.name} was measured with"
        raise refusal(beside, rule, sequence.key)
    return sequence, ()


def _dataset(data: Path, file: Any, name: str, dtype: type[Any]) -> Any:  # noqa: ANN401
    """A dataset of an exact type, whose declared size is checked before it is read."""
    dataset = file[name]
    if dataset.dtype != dtype:
        raise refusal(data, f"{name} must be of type {np.dtype(dtype)}", dataset.dtype)
    check_size(data, dataset.shape, dataset.dtype.itemsize, data.stat().st_size)
    return dataset[()]


def _grid(file: Any) -> Grid | None:  # noqa: ANN401
    if "grid_affine" not in file.attrs:
        return None
    attributes = file.attrs
    return Grid(
        np.asarray(attributes["grid_affine"], np.float64).reshape(4, 4),
        _triple(int, attributes["grid_shape"]),
        _triple(int, attributes["grid_axes"]),
        _triple(bool, attributes["grid_flips"]),
    )


def _triple(kind: type[Any], values: Any) -> tuple[Any, Any, Any]:  # noqa: ANN401
    first, second, third = values
    return kind(first), kind(second), kind(third)


def _truth(data: Path, file: Any) -> Truth | None:  # noqa: ANN401
    if "truth" not in file:
        return None
    t1, t2, adc, pd = (_dataset(data, file, f"truth/{name}", np.float32) for name in _MAPS)
    labels = _dataset(data, file, "truth/labels", np.uint8)
    for values in (t1, t2, adc, pd, labels):
        if values.shape != file["mask"].shape:
            rule = f"the truth must have the shape {file['mask'].shape} of the mask"
            raise refusal(data, rule, values.shape)
    return Truth(Maps(t1, t2, adc, pd), labels)
