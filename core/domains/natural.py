"""Natural images: the lightness channel, as in the paper."""

from __future__ import annotations

from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from core.domains.hdf5 import dataset, opened
from core.domains.splits import SplitEntry, read_split
from core.domains.table import DOMAINS, ImageGroup


@DOMAINS.register("natural", "Natural images")
def natural(folder: Path, split: str) -> tuple[ImageGroup, ...]:
    """L of CIELAB, 256 x 256, cropped or zero-padded; one group."""
    entries = read_split(folder, "natural", split)
    images = tuple(image for entry in entries for image in stored_images(entry))
    return (ImageGroup("ImageNet samples and BSDS500", images),)


def stored_images(entry: SplitEntry) -> NDArray[np.float32]:
    """The images of an entry's range. Shape `(image, y, x)`."""
    name = entry.dataset or "images"
    with opened(entry.path) as file:
        stack = dataset(file, entry.path, name)
        if stack.ndim != 3:
            raise ValueError(
                f"{entry.path}: {name!r} must have axes (image, y, x), got shape {stack.shape}"
            )
        start = 0 if entry.start is None else entry.start
        stop = len(stack) if entry.stop is None else entry.stop
        if not start < stop <= len(stack):
            raise ValueError(
                f"{entry.path}: the range of {name!r} must hold an image and end by "
                f"{len(stack)}, got [{start}:{stop}]"
            )
        images: NDArray[np.float32] = stack[start:stop].astype(np.float32)
    return images
