"""HDF5 files of a data folder, opened so that every refusal names the file."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    import h5py


@contextmanager
def opened(path: Path) -> Iterator[h5py.File]:
    """The file, for reading.

    Raises
    ------
    ValueError
        If it is damaged or no HDF5 file.
    """
    import h5py

    try:
        file = h5py.File(path, "r")
    except OSError as error:
        raise ValueError(f"{path}: must be a readable HDF5 file, got: {error}") from None
    with file:
        yield file


def dataset(file: h5py.File, path: Path, name: str) -> h5py.Dataset:
    """The data set of that name.

    Raises
    ------
    ValueError
        If the file has none.
    """
    import h5py

    found = file.get(name)
    if not isinstance(found, h5py.Dataset):
        names = ", ".join(sorted(file)) or "nothing"
        raise ValueError(f"{path}: must hold the data set {name!r}, found {names}")
    return found
