"""Random training crops of a source domain, undersampled as they are drawn."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
import torch

from core.acquisition import bright_level
from core.domains import ImageGroup
from core.fourier import keep_sampled, to_corner
from core.masks import training_masks
from core.training.augment import AUGMENTATIONS, random_window
from core.training.settings import TrainSettings

MIN_CROP_LEVEL = 0.1
"""A crop whose brightest pixel is below this share of its image's bright level is drawn again."""

N_DRAWS = 20
"""Draws before a dim crop is taken after all."""


@dataclass(frozen=True, eq=False)
class Batch:
    """Undersampled crops and what they should become.

    ``zero_filled`` complex64 and ``target`` float32 of shape `(batch, y, x)`; ``corner_mask`` bool
    likewise, origin at index 0.
    """

    zero_filled: torch.Tensor
    corner_mask: torch.Tensor
    target: torch.Tensor


class CropSampler:
    """Draws batches for ever, from its own seeded generator.

    Images are divided by their bright level (the quantile of the one scale rule), which stands in
    for that of the zero-filled image; ``intensity_jitter`` covers the difference between the two.
    Augmentation: random crops, flips, quarter turns and intensity.
    """

    def __init__(
        self, groups: Sequence[ImageGroup], settings: TrainSettings, device: torch.device
    ) -> None:
        self._settings = settings
        self._random = np.random.default_rng(np.random.SeedSequence(settings.seed))
        self._device = device
        self._groups = [
            [torch.from_numpy(np.ascontiguousarray(_normalised(i))).to(device) for i in g.images]
            for g in groups
        ]
        size = settings.crop or max(max(i.shape) for g in self._groups for i in g)
        self._size = size
        masks = training_masks(settings.pattern, (size, size), settings.acceleration)
        stacked = torch.from_numpy(np.stack([m.samples for m in masks]))
        self._masks = to_corner(stacked).to(device)

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
        target = torch.stack([self._crop() for _ in range(n)])
        chosen = torch.from_numpy(self._random.integers(len(self._masks), size=n))
        mask = self._masks[chosen.to(self._device)]
        return Batch(keep_sampled(target, mask), mask, target)

    def _crop(self) -> torch.Tensor:
        for _ in range(N_DRAWS):
            group = self._groups[self._random.integers(len(self._groups))]
            image = group[self._random.integers(len(group))]
            crop = random_window(image, self._size, self._random)
            if float(crop.max()) >= MIN_CROP_LEVEL:
                break
        jitter = self._settings.intensity_jitter
        augmented = AUGMENTATIONS[self._settings.augment](crop, self._random)
        return augmented * self._random.uniform(1 - jitter, 1 + jitter)


def _normalised(image: np.ndarray) -> np.ndarray:
    return (image / bright_level(image)).astype(np.float32)
