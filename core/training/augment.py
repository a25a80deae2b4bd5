"""Random changes of training images that keep them plausible."""

from __future__ import annotations

import math
from collections.abc import Callable, Sequence

import numpy as np
import torch
from torch.nn import functional

MAX_ROTATION = math.radians(10)
MAX_ZOOM = 0.1

Augmentation = Callable[[torch.Tensor, np.random.Generator], torch.Tensor]
"""Function of (image, generator) that returns another image of shape `(*other, y, x)`.

All images of the leading axes are changed alike.
"""


def padded(image: torch.Tensor, size: int) -> torch.Tensor:
    """An image with zeros around it where it is smaller than ``size``."""
    short = [max(0, size - n) for n in image.shape]
    if not any(short):
        return image
    low = [s // 2 for s in short]
    return functional.pad(image, (low[1], short[1] - low[1], low[0], short[0] - low[0]))


def random_square(
    shape: Sequence[int], size: int, random: np.random.Generator
) -> tuple[slice, slice]:
    """Where a random square of an image lies that is no smaller than it."""
    y, x = (int(random.integers(n - size + 1)) for n in shape)
    return slice(y, y + size), slice(x, x + size)


def as_it_is(image: torch.Tensor, random: np.random.Generator) -> torch.Tensor:
    """The image itself."""
    del random
    return image


def mirrored(image: torch.Tensor, random: np.random.Generator) -> torch.Tensor:
    """Left and right exchanged every other time."""
    return image if random.integers(2) else image.flip(-1)


def turned(image: torch.Tensor, random: np.random.Generator) -> torch.Tensor:
    """Any quarter turn, mirrored or not."""
    image = torch.rot90(image, int(random.integers(4)), dims=(-2, -1))
    return image.flip(-2) if random.integers(2) else image


def rotated(image: torch.Tensor, random: np.random.Generator) -> torch.Tensor:
    """Rotated and zoomed a little, with cubic interpolation; mirrored or not."""
    angle = random.uniform(-MAX_ROTATION, MAX_ROTATION)
    zoom = random.uniform(1 - MAX_ZOOM, 1 + MAX_ZOOM)
    (y, x), (c, s) = image.shape[-2:], (zoom * math.cos(angle), zoom * math.sin(angle))
    # the grid runs from -1 to 1 along both axes, whatever their lengths
    matrix = torch.tensor([[[c, -s * y / x, 0.0], [s * x / y, c, 0.0]]], device=image.device)
    grid = functional.affine_grid(matrix, [1, 2, y, x], align_corners=False)
    stack = image.to(torch.complex64).reshape(-1, y, x)
    channels = torch.view_as_real(stack).permute(0, 3, 1, 2)
    moved = functional.grid_sample(
        channels, grid.expand(len(stack), -1, -1, -1), mode="bicubic", align_corners=False
    )
    moved = torch.view_as_complex(moved.permute(0, 2, 3, 1).contiguous()).reshape(image.shape)
    return mirrored(moved if image.is_complex() else moved.real, random)


AUGMENTATIONS: dict[str, Augmentation] = {
    "none": as_it_is,
    "flips": mirrored,
    "turns": turned,
    "rotations": rotated,
}
"""Name in the settings to what it does."""
