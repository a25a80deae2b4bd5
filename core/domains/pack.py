"""Pack the training images of a data folder into a small one that needs no scan reader.

A machine that only trains then needs neither nibabel nor the original files.
"""

from __future__ import annotations

import io
import json
from collections.abc import Sequence
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from core.atomic import write_bytes
from core.domains.mri import axial_slices, group_name
from core.domains.natural import stored_images
from core.domains.splits import read_split
from core.progress import Progress, part

NOTE = "packed by 'tlmri train --pack' for training; the terms of the original data apply"
"""What the splits.json of a packed folder says of itself; it also tells such a folder apart."""

BRAINS = ("t1", "t2")

LEVELS = 4095
"""Levels of an image whose own steps are not found: 12 bits, as scanners have."""

EXACT_LEVELS = 65535
"""More are not kept, even if they are an image's own."""

N_DARKEST = 200
"""The step is sought among the darkest values, where float32 tells small gaps apart."""

STEP_TOLERANCE = 0.01
"""How far from a whole number of steps the values may be, by rounding in float32."""


def pack(data_folder: Path, target: Path, progress: Progress) -> tuple[Path, ...]:
    """Write the ``train`` images of natural, t1 and t2, and the ``val`` ones of natural.

    Slices of one group lie in one file each, as integers with a step an image. The domains read
    the folder back as they read any other.

    Returns
    -------
    tuple of Path
        The files written, ``splits.json`` last.

    Raises
    ------
    ValueError
        If the target holds other files, cannot be written, or the data is missing.
    """
    check_target(target)
    splits: dict[str, object] = {"note": NOTE}
    written: list[Path] = []
    natural: dict[str, list[str]] = {}
    for split in ("train", "val"):
        progress(0.0, f"natural images, {split}")
        images = np.concatenate(
            [stored_images(e) for e in read_split(data_folder, "natural", split)]
        )
        path = target / "natural" / f"natural-{split}.h5"
        _write(path, {"images": _whole(images)})
        natural[split] = [f"{path.relative_to(target).as_posix()}#images[0:{len(images)}]"]
        written.append(path)
    splits["natural"] = natural
    for i, domain in enumerate(BRAINS):
        hook = part(progress, 0.4 + 0.3 * i, 0.7 + 0.3 * i)
        files = _pack_slices(data_folder, domain, target, hook)
        splits[domain] = {"train": [file.relative_to(target).as_posix() for file in files]}
        written += files
    index = target / "splits.json"
    write_bytes(index, json.dumps(splits, indent=2).encode())
    progress(1.0, "packed")
    return (*written, index)


def check_target(target: Path) -> None:
    """Refuse a folder that holds anything but an earlier pack.

    Raises
    ------
    ValueError
        If it is a file, or such a folder.
    """
    if target.exists() and not target.is_dir():
        raise ValueError(f"--pack must be a folder, got the file {target}")
    if target.is_dir() and any(target.iterdir()) and not _is_pack(target):
        raise ValueError(f"--pack must be an empty folder or an earlier pack, got {target}")


def _is_pack(folder: Path) -> bool:
    try:
        table = json.loads((folder / "splits.json").read_text(encoding="utf-8"))
    except (OSError, ValueError):
        return False
    return isinstance(table, dict) and table.get("note") == NOTE


def _pack_slices(
    data_folder: Path, domain: str, target: Path, progress: Progress
) -> tuple[Path, ...]:
    """One file for each group and size of slices, in the order of the groups."""
    entries = read_split(data_folder, domain, "train")
    stacks: dict[tuple[str, tuple[int, ...]], list[NDArray[np.float32]]] = {}
    for i, entry in enumerate(entries):
        progress(i / len(entries), f"{domain}: {entry.path.name}")
        for image in axial_slices(entry.path):
            stacks.setdefault((group_name(entry.path), image.shape), []).append(image)
    files = []
    for (group, (y, x)), images in stacks.items():
        path = target / domain / f"{group}-{y}x{x}.h5"
        packed = [stepped(image) for image in images]
        _write(
            path,
            {
                "images": np.stack([levels for levels, _ in packed]),
                "step": np.asarray([step for _, step in packed], np.float32),
            },
        )
        kept = len(axial_slices(path))
        if kept != len(images):
            raise ValueError(f"{path}: must give back its {len(images)} slices, got {kept}")
        files.append(path)
    return tuple(files)


def stepped(image: NDArray[np.float32]) -> tuple[NDArray[np.uint16], float]:
    """An image of values from 0 as whole numbers and the step between them.

    The image's own step is used where it has one, so that nothing is lost; otherwise
    :data:`LEVELS` levels, whose error is 83 dB below the maximum.
    """
    brightest = float(image.max())
    values = np.unique(image[image > 0])[:N_DARKEST].astype(np.float64)
    if values.size == 0:
        return np.zeros(image.shape, np.uint16), 1.0
    own = min(values[0], np.diff(values).min(initial=np.inf))
    for reach in (values[-1], brightest):  # each value tells the step better than a darker one
        own = reach / round(reach / own)
    is_own = (
        brightest <= EXACT_LEVELS * own
        and np.abs(np.rint(image / own) - image / own).max() < STEP_TOLERANCE
    )
    step = own if is_own else brightest / LEVELS
    return np.rint(image / step).astype(np.uint16), step


def _whole(images: NDArray[np.float32]) -> NDArray[np.generic]:
    """The images as small integers where they are whole numbers, else as they are."""
    for kind in (np.uint8, np.uint16):
        if np.array_equal(images, images.astype(kind)):
            return images.astype(kind)
    return images


def _write(path: Path, datasets: dict[str, NDArray[np.generic]]) -> None:
    """An HDF5 file, compressed image by image, whole or not at all."""
    import h5py

    content = io.BytesIO()
    with h5py.File(content, "w") as file:
        for name, values in datasets.items():
            file.create_dataset(
                name,
                data=values,
                chunks=_chunks(values.shape),
                compression="gzip",
                compression_opts=9,
                shuffle=True,
            )
    write_bytes(path, content.getvalue())


def _chunks(shape: Sequence[int]) -> tuple[int, ...]:
    return (1, *shape[1:]) if len(shape) > 1 else tuple(shape)
