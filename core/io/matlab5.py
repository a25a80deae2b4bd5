"""Numeric arrays of MATLAB files of version 5, by scipy."""

from __future__ import annotations

import warnings
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from core.io.formats import MAX_INFLATION, check_size, refusal
from core.io.matlab_variables import MAX_DEPTH, NUMERIC, Variable

Loaded = dict[Variable, NDArray[Any]]


def arrays(path: Path, wanted: str) -> Loaded:
    """The numeric arrays that could be a scan, those in structures too; or the one wanted.

    Only variables that might hold one are read, after their size was checked against the file's.

    Raises
    ------
    ScanFileError
        If the file is damaged.
    """
    top = wanted.partition(".")[0]
    names = []
    room = path.stat().st_size * MAX_INFLATION
    for name, shape, kind in _listed(path):
        variable = Variable(name, shape, False)
        if kind in NUMERIC and (variable.could_be_scan or name == top):
            check_size(path, shape, 1, room)
            names.append(name)
        elif kind == "struct" and variable.size == 1:
            names.append(name)
    names = [name for name in names if name == top] or names
    found = _read(path, names) if names else {}
    return {
        Variable(label, values.shape, values.dtype.kind == "c"): values
        for name in names
        for label, values in _numbers(name, found.get(name), MAX_DEPTH)
    }


def _listed(path: Path) -> list[tuple[str, tuple[int, ...], str]]:
    from scipy.io import whosmat

    try:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")
            return whosmat(str(path), appendmat=False)
    except MemoryError:
        raise
    except Exception as error:  # on damaged files scipy raises nearly everything
        raise _damaged(path, error) from error


def _read(path: Path, names: list[str]) -> dict[str, Any]:
    from scipy.io import loadmat

    try:
        with warnings.catch_warnings():
            # A variable that cannot be read is else replaced by a text, with a warning.
            warnings.simplefilter("error")
            warnings.filterwarnings("ignore", "Duplicate variable name")
            return loadmat(str(path), appendmat=False, variable_names=names)
    except MemoryError:
        raise
    except Exception as error:  # on damaged files scipy raises nearly everything
        raise _damaged(path, error) from error


def _damaged(path: Path, error: Exception) -> Exception:
    return refusal(path, "must be an undamaged MATLAB file", error or type(error).__name__)


def _numbers(
    name: str,
    value: Any,  # noqa: ANN401 - scipy returns anything
    depth: int,
) -> Iterator[tuple[str, NDArray[Any]]]:
    """Numeric arrays and their names, in structures of one element down to a depth."""
    if type(value) is not np.ndarray or depth < 1:
        return
    if value.dtype.kind in "buifc":
        yield name, value
    elif value.dtype.names is not None and value.size == 1:
        record = value.reshape(-1)[0]
        for field in value.dtype.names:
            yield from _numbers(f"{name}.{field}", record[field], depth - 1)
