"""What libraries raise and warn of on damaged files, told as this package tells it."""

from __future__ import annotations

import zlib
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from zipfile import BadZipFile

import numpy as np

from core.io import hdf5
from core.io.formats import ScanFileError, refusal

_DAMAGED = (*hdf5.DAMAGED, EOFError, BadZipFile, zlib.error)
"""What reading libraries raise on damaged files."""


@contextmanager
def refused_in_one_line(path: Path, label: str) -> Iterator[None]:
    """While a file of the format of this label is read.

    Raises
    ------
    ScanFileError
        Instead of whatever is raised within.
    """
    try:
        # Damaged numbers may be huge or no numbers; readers look at what comes of them.
        with np.errstate(over="ignore", invalid="ignore"):
            yield
    except ScanFileError:
        raise
    except MemoryError as error:
        raise refusal(path, "must fit into memory", "too little of it") from error
    except _DAMAGED as error:
        rule = f"must be an undamaged {label} file"
        raise refusal(path, rule, error or type(error).__name__) from error
