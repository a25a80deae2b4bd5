"""NumPy arrays, ``.npy`` and ``.npz``: magnitude images, complex images or k-space.

An ``.npz`` says by the name of its array (``magnitude``, ``image``, ``kspace``) what it holds. All
else the scan doctor concludes (:mod:`core.io.scan_doctor`).
"""

from __future__ import annotations

import warnings
import zipfile
from collections.abc import Callable
from pathlib import Path
from tokenize import TokenError
from typing import IO, Any

import numpy as np
from numpy.typing import NDArray

from core.io.arrays import RawArray
from core.io.examination import RAW_READERS, read_by_doctor
from core.io.formats import (
    FORMATS,
    MAX_INFLATION,
    Format,
    ReadOptions,
    check_size,
    question,
    refusal,
)

_NPY = b"\x93NUMPY"
_ZIP = b"PK\x03\x04"
_NAMES = ("magnitude", "image", "kspace")
_MAX_AXES = 16


@RAW_READERS.register("npy", "NumPy array")
def read_npy(path: Path, options: ReadOptions) -> RawArray:  # noqa: ARG001 - as every reader
    """The one array of an ``.npy``.

    Raises
    ------
    ScanFileError
        If the file is damaged or holds something else than numbers.
    """
    with path.open("rb") as stream:
        return RawArray(_read_array(path, stream, path.stat().st_size))


@RAW_READERS.register("npz", "NumPy archive")
def read_npz(path: Path, options: ReadOptions) -> RawArray:
    """The array asked for, or named ``magnitude``, ``image`` or ``kspace``, or the only one.

    Raises
    ------
    ScanFileError
        If there is no such array or more than one, or as :func:`read_npy`.
    """
    with zipfile.ZipFile(path) as archive:
        members = {m.filename.removesuffix(".npy"): m for m in archive.infolist()}
        name = _chosen(path, tuple(members), options.variable)
        room = min(members[name].file_size, members[name].compress_size * MAX_INFLATION)
        with archive.open(members[name]) as stream:
            array = _read_array(path, stream, room)
    stated = {"content": name} if name in _NAMES else {}
    return RawArray(array, stated, variable=name if len(members) > 1 else "")


def _chosen(path: Path, names: tuple[str, ...], wanted: str) -> str:
    found = ", ".join(sorted(names)[:8]) or "no array"
    if wanted:
        if wanted not in names:
            raise refusal(path, f"must hold the variable {wanted!r}", found)
        return wanted
    chosen = [name for name in names if name in _NAMES] or list(names)
    if len(chosen) != 1:
        rule = f"it must be said which array is the scan, unless one is named {' or '.join(_NAMES)}"
        raise question(path, "variable", rule, found)
    return chosen[0]


def _read_array(path: Path, stream: IO[bytes], room: int) -> NDArray[Any]:
    """The array, after its header was checked. Nothing is unpickled."""
    if stream.read(6) != _NPY:
        raise refusal(path, "must hold NumPy arrays", "something else")
    version = tuple(stream.read(2))
    readers: dict[tuple[int, ...], Callable[..., Any]] = {
        (1, 0): np.lib.format.read_array_header_1_0,
        (2, 0): np.lib.format.read_array_header_2_0,
    }
    if version not in readers:
        raise refusal(path, "must be of NumPy's format 1.0 or 2.0", version)
    try:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")
            shape, fortran, dtype = readers[version](stream)
    except (ValueError, SyntaxError, TokenError, RecursionError) as error:
        raise refusal(path, "must have a valid NumPy header", error) from None
    if dtype.kind not in "buifc":
        raise refusal(path, "values must be plain numbers", f"type {dtype.str!r}")
    if not 2 <= len(shape) <= _MAX_AXES:
        rule = f"must have 2 to {_MAX_AXES} axes"
        raise refusal(path, rule, f"{len(shape)} (shape {shape})")
    check_size(path, shape, dtype.itemsize, room)
    n_bytes = int(np.prod(shape, dtype=np.int64)) * dtype.itemsize
    data = stream.read(n_bytes)
    if len(data) < n_bytes:
        raise refusal(path, f"must hold {n_bytes} bytes", f"{len(data)} (truncated)")
    return np.frombuffer(data, dtype).reshape(shape, order="F" if fortran else "C")


FORMATS.register("npy", "NumPy array", ReadOptions)(
    Format(
        (".npy",),
        lambda _path, head: head.startswith(_NPY),
        lambda path, options: read_by_doctor("npy", path, options),
        media_type="application/x-numpy-data",
        marks=(((0, _NPY),),),
    )
)
FORMATS.register("npz", "NumPy archive", ReadOptions)(
    Format(
        (".npz",),
        lambda _path, head: head.startswith(_ZIP),
        lambda path, options: read_by_doctor("npz", path, options),
        media_type="application/x-npz",
    )
)
