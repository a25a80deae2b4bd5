"""T1- and T2-weighted brain images as axial magnitude slices."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from core.acquisition import bright_level
from core.domains.hdf5 import dataset, opened
from core.domains.splits import read_split
from core.domains.table import DOMAINS, ImageGroup
from core.types import Scan

Slices = tuple[NDArray[np.float32], ...]

MIN_FOREGROUND = 0.1
"""A slice is used if at least this share of its pixels is above a tenth of its bright level."""

ISOTROPIC_STEP = 3
"""Of volumes with slices of about 1 mm every third is used: neighbours are nearly alike."""


def foreground_share(image: NDArray[np.float32]) -> float:
    """Share of a slice's pixels above a tenth of its bright level."""
    return float(np.mean(image > 0.1 * bright_level(image)))


def has_enough_foreground(image: NDArray[np.float32]) -> bool:
    """Whether a slice shows enough anatomy to learn from or to judge by."""
    return foreground_share(image) >= MIN_FOREGROUND


def _nifti_slices(path: Path) -> Slices:
    from core.io import load

    scan = load(path)
    assert scan.magnitude is not None
    step = ISOTROPIC_STEP if scan.spacing_mm[0] < 2.0 else 1
    return tuple(scan.magnitude[::step])


def _stepped_slices(path: Path) -> Slices:
    """``images`` as integers, each with its own ``step``."""
    with opened(path) as file:
        steps = dataset(file, path, "step")[:].astype(np.float32)
        return tuple(i * s for i, s in zip(dataset(file, path, "images")[:], steps, strict=True))


def _complex_slices(path: Path) -> Slices:
    """``images`` as integer (re, im) pairs, each with its own ``scale``; their magnitude."""
    with opened(path) as file:
        scales = dataset(file, path, "scale")[:]
        pairs = dataset(file, path, "images")[:].astype(np.float32)
    return tuple(
        (np.hypot(*p.transpose(2, 0, 1)) * s).astype(np.float32)
        for p, s in zip(pairs, scales, strict=True)
    )


def _plain_slices(path: Path) -> Slices:
    with opened(path) as file:
        return tuple(dataset(file, path, "images")[:].astype(np.float32))


_STACKS: tuple[tuple[str, Callable[[Path], Slices]], ...] = (
    ("step", _stepped_slices),
    ("scale", _complex_slices),
)
"""The data set that marks a kind of stack; one without a mark is plain."""


def _stack_slices(path: Path) -> Slices:
    with opened(path) as file:
        names = set(file)
    return next((reader for mark, reader in _STACKS if mark in names), _plain_slices)(path)


def _is_stack(path: Path) -> bool:
    """Whether an HDF5 file holds magnitude slices, and is no raw data."""
    with opened(path) as file:
        return "images" in file


def axial_slices(path: Path) -> Slices:
    """Axial magnitude slices with enough anatomy of a NIfTI file or an HDF5 stack."""
    slices = _stack_slices(path) if path.suffix == ".h5" else _nifti_slices(path)
    return tuple(s for s in slices if has_enough_foreground(s))


def axial_scan(path: Path) -> Scan:
    """A person's scan: an HDF5 stack's slices with enough anatomy, or any other file as it is."""
    if path.suffix == ".h5" and _is_stack(path):
        return Scan(path.stem, magnitude=np.stack(axial_slices(path)), path=path)
    from core.io import load

    return load(path)


def group_name(path: Path) -> str:
    """What a file's images are grouped by: the first part of its name, such as 'openms'."""
    return path.name.split("-")[0].split("_")[0]


def _groups(folder: Path, domain: str, split: str) -> tuple[ImageGroup, ...]:
    gathered: dict[str, list[NDArray[np.float32]]] = {}
    for entry in read_split(folder, domain, split):
        if entry.dataset is not None:
            raise ValueError(
                f"{entry.path}: files of {domain!r} must be listed whole, got a range of "
                f"{entry.dataset!r}"
            )
        gathered.setdefault(group_name(entry.path), []).extend(axial_slices(entry.path))
    return tuple(ImageGroup(name, tuple(images)) for name, images in gathered.items())


@DOMAINS.register("t1", "T1-weighted brain")
def t1(folder: Path, split: str) -> tuple[ImageGroup, ...]:
    """T1-weighted brain slices; a group for each data set."""
    return _groups(folder, "t1", split)


@DOMAINS.register("t2", "T2-weighted brain")
def t2(folder: Path, split: str) -> tuple[ImageGroup, ...]:
    """T2-weighted brain slices (magnitude of the complex ones); a group for each data set."""
    return _groups(folder, "t2", split)
