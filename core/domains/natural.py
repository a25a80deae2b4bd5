"""Natural images: the lightness channel, as in the paper."""

from __future__ import annotations

from pathlib import Path

import numpy as np

from core.domains.splits import read_split
from core.domains.table import DOMAINS, ImageGroup


@DOMAINS.register("natural", "Natural images")
def natural(folder: Path, split: str) -> tuple[ImageGroup, ...]:
    """L of CIELAB, 256 x 256, cropped or zero-padded; one group."""
    import h5py

    images: list[np.ndarray] = []
    for entry in read_split(folder, "natural", split):
        with h5py.File(entry.path, "r") as file:
            images.extend(file[entry.dataset or "images"][entry.start : entry.stop])
    group = ImageGroup("ImageNet samples and BSDS500", tuple(i.astype(np.float32) for i in images))
    return (group,)
