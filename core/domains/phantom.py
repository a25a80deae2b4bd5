"""Digital brains: a domain that needs no data folder, for tests and demonstrations."""

from __future__ import annotations

from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from core.domains.table import DOMAINS, ImageGroup

N_SUBJECTS = {"train": 4, "tune": 2, "val": 1, "test": 1}
_FIRST_SEED = {"train": 1000, "tune": 2000, "val": 3000, "test": 4000}


@DOMAINS.register("phantom", "Digital brain phantom")
def phantom(folder: Path, split: str) -> tuple[ImageGroup, ...]:
    """T1-weighted slices of a few digital brains; ``folder`` is not read."""
    from core.phantom import magnitude_scan, make_brain

    del folder
    first = _FIRST_SEED[split]
    images: list[NDArray[np.float32]] = []
    for seed in range(first, first + N_SUBJECTS[split]):
        scan = magnitude_scan(make_brain(seed), contrast="t1", seed=seed)
        assert scan.magnitude is not None
        images.extend(scan.magnitude)
    return (ImageGroup("digital brain phantom", tuple(images)),)
