"""BART's pairs of files: ``.hdr`` with the dimensions in text, ``.cfl`` with complex64 values.

Uecker et al., "Berkeley Advanced Reconstruction Toolbox", 2015; the order of the 16 dimensions is
that of its ``mri.h``. Either file of the pair may be opened.
"""

from __future__ import annotations

from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from core.io.arrays import RawArray
from core.io.evidence import gathered
from core.io.examination import RAW_READERS, read_by_doctor
from core.io.formats import FORMATS, Format, ReadOptions, check_size, refusal

_MARK = b"# Dimensions"
_MAX_HEADER = 65536
_N_DIMS = 16
_COIL, _SLICE = 3, 13
_SPATIAL = (0, 1, 2)
"""Readout and two phase encodings."""

_SHORTEST = 16
"""Fewest samples along an axis of 3D k-space; of fewer, the energy gathers by chance."""


def _pair(path: Path) -> tuple[Path, Path]:
    """Header and values, of whichever the path names."""
    lower = path.name.lower()
    stem = path.name[:-4] if lower.endswith((".cfl", ".hdr")) else path.name
    found = {suffix: path.with_name(stem + suffix) for suffix in (".hdr", ".cfl")}
    if lower.endswith(".hdr"):
        found[".hdr"] = path
    if lower.endswith(".cfl"):
        found[".cfl"] = path
    return found[".hdr"], found[".cfl"]


def _recognise(path: Path, head: bytes) -> bool:
    if head.startswith(_MARK):
        return path.name.lower().endswith(".hdr")
    if not path.name.lower().endswith(".cfl"):
        return False
    try:
        with _pair(path)[0].open("rb") as stream:
            return stream.read(len(_MARK)) == _MARK
    except OSError:
        return False


@RAW_READERS.register("bart", "BART")
def read_raw(path: Path, options: ReadOptions) -> RawArray:  # noqa: ARG001 - as every reader
    """The array of a pair, with the axes that BART's order of dimensions states.

    Raises
    ------
    ScanFileError
        If a file of the pair is missing, or the values are not as many as the header says.
    """
    header, data = _pair(path)
    shape = _dimensions(header)
    if not data.is_file():
        raise refusal(path, f"its values must lie beside it as {data.name}", "no such file")
    n_bytes = data.stat().st_size
    check_size(data, shape, 8, n_bytes)
    expected = 8 * int(np.prod(shape, dtype=np.int64))
    if n_bytes != expected:
        rule = f"must hold the {expected} bytes that {header.name} declares"
        raise refusal(data, rule, n_bytes)
    values = np.fromfile(data, "<c8").reshape(shape, order="F")
    kept = [axis for axis in range(len(shape)) if shape[axis] > 1]
    values = values.squeeze(tuple(axis for axis in range(len(shape)) if axis not in kept))
    if values.ndim < 2:
        raise refusal(path, "must have 2 or more dimensions above 1", f"shape {shape}")
    names, notes = _names(kept, values)
    return RawArray(values, {"axes": " ".join(names)}, plane="first", notes=notes)


def _dimensions(header: Path) -> tuple[int, ...]:
    try:
        with header.open("rb") as stream:
            text = stream.read(_MAX_HEADER)
    except OSError as error:
        raise refusal(header, "must be readable", error.strerror or error) from None
    lines = text.splitlines()
    if not lines or not lines[0].startswith(_MARK) or len(lines) < 2:
        raise refusal(header, "must begin as a BART header does", f"{text[:16]!r}")
    words = lines[1].split()
    if not words or len(words) > _N_DIMS or not all(w.isdigit() and len(w) < 10 for w in words):
        rule = f"must declare 1 to {_N_DIMS} dimensions, each a number"
        raise refusal(header, rule, lines[1].decode("latin-1"))
    return tuple(int(word) for word in words)


def _names(dims: list[int], values: NDArray[np.complex64]) -> tuple[list[str], tuple[str, ...]]:
    """Names of the dimensions above 1, and notes.

    Of three spatial ones the last two are (y, x) where the values are 3D k-space, whose readout
    becomes the slices; else the first two.
    """
    spatial = [dim for dim in dims if dim in _SPATIAL]
    names: dict[int, str] = {_COIL: "coil", _SLICE: "slice"}
    notes: tuple[str, ...] = ()
    if len(spatial) == len(_SPATIAL):
        if _is_3d(values):
            names |= {0: "kz", 1: "y", 2: "x"}
            notes = ("3D k-space: slices lie across the readout",)
        else:
            names |= {0: "y", 1: "x", 2: "slice", _SLICE: "other"}
    elif len(spatial) == 2:
        names |= dict(zip(spatial, ("y", "x"), strict=True))
    return [names.get(dim, "other") for dim in dims], notes


def _is_3d(values: NDArray[np.complex64]) -> bool:
    """Whether the energy gathers along all three first axes, as that of 3D k-space does."""
    energy = np.zeros(values.shape[:3])
    flat = values.reshape(*values.shape[:3], -1)
    with np.errstate(over="ignore", invalid="ignore"):
        for one in range(min(flat.shape[-1], 8)):
            energy += np.nan_to_num(np.square(np.abs(flat[..., one]), dtype=np.float64))
    sums = (energy.sum(axis=tuple({0, 1, 2} - {axis})) for axis in range(3))
    return min(energy.shape) >= _SHORTEST and all(gathered(profile) > 0.5 for profile in sums)


FORMATS.register("bart", "BART", ReadOptions)(
    Format(
        (".cfl", ".hdr"),
        _recognise,
        lambda path, options: read_by_doctor("bart", path, options),
        media_type="application/x-bart",
        marks=(((0, _MARK),),),
    )
)
