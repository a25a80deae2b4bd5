"""Fingerprint series as folders: ``series.h5`` and, readable for people, ``sequence.toml``.

``series.h5`` holds the datasets ``signals`` (complex64, a slice of few read-outs a chunk), ``mask``
and, of a simulated series, ``truth/t1`` ... and ``truth/labels``; its attributes hold the rest.
Arrays of others are read by :mod:`core.fingerprinting.series_arrays`.
"""

from __future__ import annotations

import json
from dataclasses import replace
from pathlib import Path
from typing import Any

import numpy as np

from core import atomic
from core.fingerprinting import series_arrays
from core.fingerprinting import series_fields as fields
from core.fingerprinting.foreground import signal_of
from core.fingerprinting.sequence import FingerprintSequence
from core.fingerprinting.sequence_file import read_sequence, to_toml
from core.fingerprinting.series import Series
from core.io.formats import ScanFileError, refusal
from core.io.hdf5 import DAMAGED

SERIES_NAME, SEQUENCE_NAME = "series.h5", "sequence.toml"

_FORMAT = "tlmri fingerprint series"
_VERSION = 1
_READOUTS_A_CHUNK = 16


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
    if series.edges is not None:
        file.attrs["edges"] = "".join(series.edges)
    if series.grid is not None:
        for name in ("affine", "shape", "axes", "flips"):
            file.attrs[f"grid_{name}"] = getattr(series.grid, name)
    if series.truth is not None:
        for name in fields.MAPS:
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
        In one line, if there is no such file, it is damaged or holds something else, a field is
        none that it could be, its number of read-outs is not the sequence's, or no voxel of it can
        be mapped.
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
            signals = fields.dataset(data, file, "signals", np.complex64)
            if sequence is not None and signals.shape[1:2] not in ((), (sequence.n_readouts,)):
                raise _of_another(data, str(file.attrs["sequence_key"]), sequence)
            mask = fields.dataset(data, file, "mask", np.bool_)
            series = Series(
                name=fields.name_of(data, file),
                signals=signals,
                sequence=played,
                mask=mask,
                spacing_mm=fields.spacing_of(data, file),
                grid=fields.grid_of(data, file, mask.shape),
                truth=fields.truth_of(data, file, mask.shape),
                path=path,
                edges=fields.edges_of(data, file),
                notes=(*fields.notes_of(data, file), *notes),
            )
    except ScanFileError:
        raise
    except DAMAGED as error:
        # Those of the series' own checks among them
        raise refusal(data, "must be an undamaged fingerprint series", error) from error
    return _with_signals_only(data, series)


def _with_signals_only(data: Path, series: Series) -> Series:
    """The series without voxels that its mask holds but that have no signal."""
    try:
        mask, notes = signal_of(series.signals, series.mask)
    except ValueError as error:
        raise ScanFileError(f"{data.name}: {error}") from None
    return replace(series, mask=mask, notes=(*series.notes, *notes))


def _of_another(data: Path, key: str, wished: FingerprintSequence) -> ScanFileError:
    """The error that sequences differ in length, by name if the series' own can be read."""
    try:
        own = read_sequence(data.with_name(SEQUENCE_NAME))
    except ValueError:
        stated = key
    else:
        stated = f"{own.name!r} ({key})" if own.key == key else key
    rule = f"the sequence must be the {stated} that the series was measured with"
    return refusal(data, rule, f"{wished.name!r} ({wished.key}), which is of another length")


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
