"""The table of source domains and what a domain is."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from core.registry import Registry


@dataclass(frozen=True, eq=False)
class ImageGroup:
    """Images of one kind of origin; each group of a domain is drawn from equally often.

    Attributes
    ----------
    name
        What a model card calls it, with its licence.
    images
        Magnitude images, float32, each of shape `(y, x)`.
    """

    name: str
    images: tuple[NDArray[np.float32], ...]

    def __post_init__(self) -> None:
        if not self.images:
            raise ValueError(f"image group {self.name!r} must hold at least one image, got none")


Domain = Callable[[Path, str], tuple[ImageGroup, ...]]
"""Function of (data folder, split) that returns groups of training images.

It raises ValueError, naming the file, where data is missing.
"""

DOMAINS: Registry[Domain] = Registry("domain")
