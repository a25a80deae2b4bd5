"""Numeric arrays of MATLAB files of version 7.3: HDF5 with MATLAB's attributes, axes reversed."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from core.io.formats import MAX_INFLATION, check_size, refusal
from core.io.hdf5 import check_chunks
from core.io.matlab_variables import MAX_DEPTH, NUMERIC, Variable

_MAX_VARIABLES = 1000
_CLASS, _EMPTY = "MATLAB_class", "MATLAB_empty"
_PARTS = ("real", "imag")


def variables(path: Path) -> list[Variable]:
    """The numeric arrays of a file, those in structures too.

    Raises
    ------
    Those of core.io.hdf5.DAMAGED
        On a damaged file.
    """
    import h5py

    found = []
    with h5py.File(path, "r") as file:
        for name, dataset in _datasets("", file, MAX_DEPTH):
            found.append(Variable(name, dataset.shape[::-1], dataset.dtype.names is not None))
            if len(found) > _MAX_VARIABLES:
                raise refusal(path, f"must hold at most {_MAX_VARIABLES} variables", "more")
    return found


def values(path: Path, variable: Variable) -> NDArray[Any]:
    """The values of a variable, with MATLAB's order of axes.

    Raises
    ------
    ScanFileError
        If the file cannot hold as many as it declares, or keeps them in another file.
    """
    import h5py

    with h5py.File(path, "r") as file:
        dataset = file[variable.name.replace(".", "/")]
        if dataset.external or dataset.is_virtual:
            raise refusal(path, "must hold its values itself", "values in other files")
        room = dataset.id.get_storage_size() * (MAX_INFLATION if dataset.compression else 1)
        check_size(path, dataset.shape, dataset.dtype.itemsize, room)
        check_chunks(path, dataset)
        return _plain(dataset[()]).T


def _datasets(prefix: str, group: Any, depth: int) -> Iterator[tuple[str, Any]]:  # noqa: ANN401
    """Numeric datasets below a group, by hard links only: no link leads to another file."""
    import h5py

    for name in group:
        if name.startswith("#") or not isinstance(group.get(name, getlink=True), h5py.HardLink):
            continue
        item = group[name]
        if isinstance(item, h5py.Dataset):
            if _is_numeric(item):
                yield prefix + name, item
        elif isinstance(item, h5py.Group) and depth > 1:
            yield from _datasets(f"{prefix}{name}.", item, depth - 1)


def _is_numeric(dataset: Any) -> bool:  # noqa: ANN401
    kind = dataset.attrs.get(_CLASS, b"")
    named = kind.decode("latin-1") if isinstance(kind, bytes) else str(kind)
    if named not in NUMERIC or _EMPTY in dataset.attrs or dataset.shape is None:
        return False
    parts = dataset.dtype.names
    types = [dataset.dtype] if parts is None else [dataset.dtype[part] for part in parts]
    return (parts is None or parts == _PARTS) and all(t.kind in "buif" for t in types)


def _plain(stored: NDArray[Any]) -> NDArray[Any]:
    """Complex numbers of MATLAB's pairs of real and imag; other numbers as they are."""
    if stored.dtype.names is None:
        return stored
    part = stored.dtype["real"]
    if part in (np.float32, np.float64) and stored.dtype.itemsize == 2 * part.itemsize:
        return stored.view(np.complex64 if part == np.float32 else np.complex128)
    return np.asarray(stored["real"] + 1j * stored["imag"])
