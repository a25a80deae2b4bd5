"""The fields of a ``series.h5``, each checked before it is believed.

All raise :class:`core.io.formats.ScanFileError`: one line with the file, the field, the rule and
the value.
"""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from core.fingerprinting.series import Maps, Truth
from core.io.formats import check_size, refusal
from core.io.nifti import is_invertible
from core.phantom import Label
from core.types import Grid

MAPS = ("t1", "t2", "adc", "pd")

_OPPOSITE = {"R": "L", "L": "R", "A": "P", "P": "A", "S": "I", "I": "S"}
_FAR_MM = 1e6


def dataset(data: Path, file: Any, name: str, dtype: type[Any]) -> Any:  # noqa: ANN401 - h5py is untyped
    """A dataset of an exact type, whose declared size is checked before it is read."""
    import h5py

    found = file[name]
    if not isinstance(found, h5py.Dataset):
        raise refusal(data, f"{name} must be a dataset", type(found).__name__)
    if found.dtype != dtype:
        raise refusal(data, f"{name} must be of type {np.dtype(dtype)}", found.dtype)
    check_size(data, found.shape, found.dtype.itemsize, data.stat().st_size)
    return found[()]


def name_of(data: Path, file: Any) -> str:  # noqa: ANN401
    """What the series is called: shown and printed as it stands, so it must be one plain line."""
    return _line(data, "name", file.attrs["name"])


def notes_of(data: Path, file: Any) -> tuple[str, ...]:  # noqa: ANN401
    """Its notes, one line each."""
    notes = json.loads(file.attrs["notes"])
    if not isinstance(notes, list):
        raise refusal(data, "notes must be a list", repr(notes))
    return tuple(_line(data, "notes", note) for note in notes)


def _line(data: Path, name: str, text: object) -> str:
    if not isinstance(text, str) or not text.isprintable() or not text.strip():
        raise refusal(data, f"{name} must be a line of printable text", ascii(text))
    return text


def spacing_of(data: Path, file: Any) -> tuple[float, float, float]:  # noqa: ANN401
    """Distance between voxels along (slice, y, x) in mm."""
    values = _numbers(data, file, "spacing_mm", (3,))
    if not ((values > 0) & (values < _FAR_MM)).all():
        raise refusal(data, "spacing_mm must be above 0", values.tolist())
    return float(values[0]), float(values[1]), float(values[2])


def edges_of(data: Path, file: Any) -> tuple[str, str, str, str] | None:  # noqa: ANN401
    """Letters at the edges of the displayed image, if known."""
    if "edges" not in file.attrs:
        return None
    text = str(file.attrs["edges"])
    pairs = (text[:2], text[2:])
    if any(_OPPOSITE.get(pair[:1]) != pair[1:] for pair in pairs) or set(pairs[0]) & set(pairs[1]):
        rule = "edges must be two pairs of opposites out of RLAPSI, such as RLAP"
        raise refusal(data, rule, ascii(text))
    return text[0], text[1], text[2], text[3]


def grid_of(data: Path, file: Any, shape: tuple[int, ...]) -> Grid | None:  # noqa: ANN401
    """How maps of a shape (slice, y, x) lie in a file, if known."""
    if "grid_affine" not in file.attrs:
        return None
    affine = _numbers(data, file, "grid_affine", (4, 4)).astype(np.float64)
    is_placed = is_invertible(affine) and (abs(affine[:3, 3]) < _FAR_MM).all()
    if not is_placed or affine[3].tolist() != [0, 0, 0, 1]:
        rule = "grid_affine must be finite, invertible and in mm"
        raise refusal(data, rule, affine.tolist())
    axes = _numbers(data, file, "grid_axes", (3,)).tolist()
    if sorted(axes) != [0, 1, 2]:
        raise refusal(data, "grid_axes must be 0, 1 and 2 in some order", axes)
    flips = _numbers(data, file, "grid_flips", (3,)).tolist()
    if not set(flips) <= {0, 1}:
        raise refusal(data, "grid_flips must be 0 or 1 each", flips)
    stored = _numbers(data, file, "grid_shape", (3,)).tolist()
    n0, n1, n2 = (shape[axes.index(axis)] for axis in range(3))
    if stored != [n0, n1, n2]:
        rule = f"grid_shape must be {[n0, n1, n2]}, as signals and grid_axes say"
        raise refusal(data, rule, stored)
    first, second, third = axes
    f0, f1, f2 = flips
    return Grid(
        affine, (n0, n1, n2), (int(first), int(second), int(third)), (bool(f0), bool(f1), bool(f2))
    )


def _numbers(
    data: Path,
    file: Any,  # noqa: ANN401
    name: str,
    shape: tuple[int, ...],
) -> NDArray[Any]:
    values = np.asarray(file.attrs[name])
    if values.dtype.kind not in "iufb" or values.shape != shape:
        rule = f"{name} must be numbers of shape {shape}"
        raise refusal(data, rule, f"{values.dtype} of shape {values.shape}")
    return values


def truth_of(data: Path, file: Any, shape: tuple[int, ...]) -> Truth | None:  # noqa: ANN401
    """What a simulated series was computed from."""
    if "truth" not in file:
        return None
    t1, t2, adc, pd = (_map(data, file, name, shape) for name in MAPS)
    labels = dataset(data, file, "truth/labels", np.uint8)
    _check_shape(data, "truth/labels", labels, shape)
    if labels.max() > max(Label):
        rule = f"truth/labels must be from 0 to {max(Label):d}"
        raise refusal(data, rule, int(labels.max()))
    return Truth(Maps(t1, t2, adc, pd), labels)


def _map(
    data: Path,
    file: Any,  # noqa: ANN401
    name: str,
    shape: tuple[int, ...],
) -> NDArray[np.float32]:
    values: NDArray[np.float32] = dataset(data, file, f"truth/{name}", np.float32)
    _check_shape(data, f"truth/{name}", values, shape)
    wrong = ~(np.isnan(values) | (np.isfinite(values) & (values > 0)))
    if wrong.any():
        rule = f"truth/{name} must be above 0, or NaN where it is not known"
        raise refusal(data, rule, f"{values[wrong][0]:g} in {int(wrong.sum())} voxels")
    return values


def _check_shape(data: Path, name: str, values: NDArray[Any], shape: tuple[int, ...]) -> None:
    if values.shape != shape:
        rule = f"{name} must have the shape {shape} of the mask"
        raise refusal(data, rule, values.shape)
