"""NumPy arrays, ``.npy`` and ``.npz``: magnitude images, complex images or k-space.

An ``.npz`` says by the name of its array (``magnitude``, ``image``, ``kspace``) what it holds. A
complex array without such a name is judged by :attr:`core.io.formats.ReadOptions.content`.
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

from core.io.formats import (
    FORMATS,
    MAX_INFLATION,
    Format,
    ReadOptions,
    check_size,
    refusal,
    scan_name,
)
from core.io.kspace import (
    FROM_COMPLEX_IMAGE,
    centre_energy,
    check_slice,
    check_stack,
    kspace_of_images,
    transformed,
)
from core.io.magnitude import clean_magnitude
from core.types import Scan

_NPY = b"\x93NUMPY"
_ZIP = b"PK\x03\x04"
_NAMES = ("magnitude", "image", "kspace")
_MIN_CLARITY = 1.5
"""Ratio of concentrations in k-space and image space below which nobody could tell them apart."""


def read_npy(path: Path, options: ReadOptions) -> Scan:
    """Read one array: real `(y, x)` or `(slice, y, x)`, complex also `(slice, coil, y, x)`.

    Raises
    ------
    ScanFileError
        If the file is damaged or holds something else; see the checks of this package.
    """
    with path.open("rb") as stream:
        array = _read_array(path, stream, path.stat().st_size)
    return _scan(path, array, options.content)


def read_npz(path: Path, options: ReadOptions) -> Scan:
    """Read the array named ``magnitude``, ``image`` or ``kspace``, or the only one there is.

    Raises
    ------
    ScanFileError
        If there is no such array or more than one, or as :func:`read_npy`.
    """
    with zipfile.ZipFile(path) as archive:
        members = {m.filename.removesuffix(".npy"): m for m in archive.infolist()}
        named = [name for name in members if name in _NAMES]
        chosen = named or list(members)
        if len(chosen) != 1:
            raise refusal(
                path,
                f"must hold exactly one array named {', '.join(_NAMES)}",
                ", ".join(sorted(members)[:8]) or "no array",
            )
        member = members[chosen[0]]
        room = min(member.file_size, member.compress_size * MAX_INFLATION)
        with archive.open(member) as stream:
            array = _read_array(path, stream, room)
    return _scan(path, array, named[0] if named else options.content)


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
    if not 2 <= len(shape) <= 4:
        raise refusal(path, "must have 2 to 4 axes", f"{len(shape)} (shape {shape})")
    check_size(path, shape, dtype.itemsize, room)
    n_bytes = int(np.prod(shape, dtype=np.int64)) * dtype.itemsize
    data = stream.read(n_bytes)
    if len(data) < n_bytes:
        raise refusal(path, f"must hold {n_bytes} bytes", f"{len(data)} (truncated)")
    return np.frombuffer(data, dtype).reshape(shape, order="F" if fortran else "C")


def _scan(path: Path, array: NDArray[Any], said: str) -> Scan:
    """Scan of an array that is said to be a magnitude, an image, k-space, or 'auto'."""
    is_complex = array.dtype.kind == "c"
    if said == "kspace" and not is_complex:
        raise refusal(path, "k-space must be complex", f"type {array.dtype}")
    if said == "magnitude" and is_complex:
        raise refusal(path, "a magnitude must be real", f"type {array.dtype}")
    if not is_complex:
        return _from_real(path, array)
    with np.errstate(over="ignore", invalid="ignore"):
        values = array.astype(np.complex64, order="C")
    slices = values[(None,) * (3 - values.ndim)] if values.ndim < 4 else values
    coils = slices if slices.ndim == 4 else slices[:, None]
    notes: tuple[str, ...] = ()
    if said == "auto":
        said, note = _judge(path, coils)
        notes = (note,)
    if said == "image":
        kspace, mended = kspace_of_images(path, coils)
        return Scan(
            name=scan_name(path),
            kspace=kspace,
            path=path,
            notes=(*notes, *mended),
            kspace_origin=FROM_COMPLEX_IMAGE,
        )
    for index, one in enumerate(coils):
        check_slice(path, one, index)
    sampling = check_stack(path, coils)
    return Scan(
        name=scan_name(path),
        kspace=coils,
        path=path,
        notes=(*notes, *sampling.notes),
        sampled=sampling.sampled,
    )


def _from_real(path: Path, array: NDArray[Any]) -> Scan:
    if array.ndim == 4:
        rule = "real values must have axes (y, x) or (slice, y, x)"
        raise refusal(path, rule, f"shape {array.shape}")
    with np.errstate(over="ignore", invalid="ignore"):
        values = array.astype(np.float32, order="C")
    slices = values if values.ndim == 3 else values[None]
    magnitude, notes = clean_magnitude(path, slices)
    return Scan(name=scan_name(path), magnitude=magnitude, path=path, notes=notes)


def _judge(path: Path, values: NDArray[np.complex64]) -> tuple[str, str]:
    """Whether values are an image or k-space, and the note that says so.

    Energy is concentrated at the centre of k-space and spread out in an image: whichever of the
    array and its transform is the more concentrated is the k-space.
    """
    middle = np.nan_to_num(values[len(values) // 2, None], posinf=0, neginf=0)
    peak = float(np.abs(middle).max())
    middle = middle / (peak or 1.0)
    itself, transform = centre_energy(middle), centre_energy(transformed(middle))
    if max(itself, transform) < _MIN_CLARITY * min(itself, transform):
        raise refusal(
            path,
            "content must be said to be 'image' or 'kspace' where the energy does not tell",
            f"{itself:.0%} of the energy at the centre, {transform:.0%} after the transform",
        )
    content, other = ("kspace", "image") if itself > transform else ("image", "kspace")
    word = {"kspace": "k-space", "image": "a complex image"}[content]
    return content, f"taken for {word}, by where its energy lies; if not, say content '{other}'"


FORMATS.register("npy", "NumPy array", ReadOptions)(
    Format((".npy",), lambda _path, head: head.startswith(_NPY), read_npy)
)
FORMATS.register("npz", "NumPy archive", ReadOptions)(
    Format((".npz",), lambda _path, head: head.startswith(_ZIP), read_npz)
)
