"""Random training crops of a source domain, undersampled as they are drawn."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Protocol

import numpy as np
import torch

from core.acquisition import bright_level
from core.domains import ImageGroup
from core.fourier import keep_sampled, to_corner
from core.masks import training_masks
from core.networks.handling import COIL_BY_COIL, Given, Handling
from core.training.augment import AUGMENTATIONS, padded, random_square
from core.training.settings import TrainSettings

MIN_CROP_LEVEL = 0.1
"""A crop whose brightest pixel is below this share of its image's bright level is drawn again."""

N_DRAWS = 20
"""Draws before a dim crop is taken after all."""


@dataclass(frozen=True, eq=False)
class Batch:
    """What a network is called with, and what it should find.

    Attributes
    ----------
    given
        As the network's handling of coils has it (:mod:`core.networks.handling`).
    target
        Shape `(batch, y, x)`: real for images known to be real, else complex.
    """

    given: Given
    target: torch.Tensor

    @property
    def magnitude(self) -> torch.Tensor:
        """Magnitude of the target."""
        return self.target.abs() if self.target.is_complex() else self.target


class Sampler(Protocol):
    """Draws batches for ever."""

    random_state: Mapping[str, Any]
    """State of the generator, as JSON can hold it."""

    def draw(self) -> Batch:
        """The next batch."""
        ...


class CropSampler:
    """Draws batches for ever, from its own seeded generator.

    Images are divided by their bright level (the quantile of the one scale rule), which stands in
    for that of the zero-filled image; ``intensity_jitter`` covers the difference between the two.
    Augmentation: random crops, flips, quarter turns and intensity.

    All images lie on the device. What a draw decides by is looked up in a copy on the processor,
    so that nothing waits for a GPU.
    """

    def __init__(
        self,
        groups: Sequence[ImageGroup],
        settings: TrainSettings,
        device: torch.device,
        handling: Handling = COIL_BY_COIL,
    ) -> None:
        self._settings = settings
        self._handling = handling
        self._random = np.random.default_rng(np.random.SeedSequence(settings.seed))
        self._device = device
        images = [[torch.from_numpy(_normalised(i)) for i in g.images] for g in groups]
        size = settings.crop or max(max(i.shape) for group in images for i in group)
        self._size = size
        self._images = [[padded(i, size) for i in group] for group in images]
        self._resident = [[i.to(device) for i in group] for group in self._images]
        self._masks = corner_masks(settings, size).to(device)

    @property
    def random_state(self) -> Mapping[str, Any]:
        """State of the generator, as JSON can hold it."""
        return self._random.bit_generator.state

    @random_state.setter
    def random_state(self, state: Mapping[str, Any]) -> None:
        self._random.bit_generator.state = state

    def draw(self) -> Batch:
        """The next batch."""
        n = self._settings.batch
        crops, factors = zip(*(self._crop() for _ in range(n)), strict=True)
        brightness = self._sent(torch.tensor(factors, dtype=torch.float32))
        target = torch.stack(crops) * brightness[:, None, None]
        mask = self._masks[
            self._sent(torch.from_numpy(self._random.integers(len(self._masks), size=n)))
        ]
        return Batch(self._handling.given_real(keep_sampled(target, mask), mask), target)

    def _crop(self) -> tuple[torch.Tensor, float]:
        """A crop on the device, and what to multiply it by."""
        for _ in range(N_DRAWS):
            group = int(self._random.integers(len(self._images)))
            index = int(self._random.integers(len(self._images[group])))
            image = self._images[group][index]
            square = random_square(image.shape, self._size, self._random)
            if float(image[square].max()) >= MIN_CROP_LEVEL:
                break
        crop = self._resident[group][index][square]
        crop = AUGMENTATIONS[self._settings.augment](crop, self._random)
        jitter = self._settings.intensity_jitter
        return crop, self._random.uniform(1 - jitter, 1 + jitter)

    def _sent(self, values: torch.Tensor) -> torch.Tensor:
        """A few numbers on the device, without waiting for it."""
        if self._device.type == "cuda":
            values = values.pin_memory()
        return values.to(self._device, non_blocking=True)


def corner_masks(settings: TrainSettings, size: int) -> torch.Tensor:
    """Masks of the training pool with their origin at index 0. bool, shape `(mask, y, x)`."""
    masks = training_masks(settings.pattern, (size, size), settings.acceleration)
    return to_corner(torch.from_numpy(np.stack([m.samples for m in masks])))


def _normalised(image: np.ndarray) -> np.ndarray:
    return np.ascontiguousarray(image / bright_level(image), np.float32)
