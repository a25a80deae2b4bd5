"""Multi-coil training samples: a pool that is simulated once, undersampled as it is drawn from."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

import numpy as np
import torch
from numpy.typing import NDArray

from core.acquisition import bright_level
from core.domains import ImageGroup
from core.domains.simulated_coils import random_coils, random_support, simulated_coil_images
from core.masks import make_mask
from core.networks.handling import AllCoils
from core.progress import Progress, no_progress
from core.training.augment import AUGMENTATIONS, padded, random_square
from core.training.batches import MIN_CROP_LEVEL, N_DRAWS, Batch, corner_masks
from core.training.coil_samples import (
    CoilSample,
    calibrated_sample,
    fields_of,
    undersampled_batch,
)
from core.training.coil_settings import CoilSettings
from core.training.settings import TrainSettings

N_RINGS = 40
"""Coil arrays that the samples of a pool share: their fields take the most time."""

SLICE_SHAPE = (256, 256)
"""Crops are calibrated on a centre as large as a slice of this size has.

That of the crop itself would be so small that the kernels would be worse than any in use.
"""


class CoilSampler:
    """Draws batches of multi-coil samples for ever, from its own seeded generator.

    1. Once, a pool is simulated: crops of the images, divided by their bright level, each with its
       own phase, noise and coil array, calibrated from the fully sampled centre (ESPIRiT maps as
       in use, SPIRiT kernel).
    2. A draw takes samples of the pool, turns and mirrors them, changes their intensity, and
       undersamples them by a mask of the training pool.
    """

    def __init__(
        self,
        groups: Sequence[ImageGroup],
        settings: TrainSettings,
        coils: CoilSettings,
        handling: AllCoils,
        device: torch.device,
        progress: Progress = no_progress,
    ) -> None:
        self._settings = settings
        self._handling = handling
        seeds = np.random.SeedSequence(settings.seed).spawn(2)
        for_pool, self._random = (np.random.default_rng(seed) for seed in seeds)
        self._masks = corner_masks(settings, crop_size(groups, settings)).to(device)
        self._pool = simulate_pool(groups, settings, coils, handling, device, for_pool, progress)

    @property
    def random_state(self) -> Mapping[str, Any]:
        """State of the generator of the draws, as JSON can hold it."""
        return self._random.bit_generator.state

    @random_state.setter
    def random_state(self, state: Mapping[str, Any]) -> None:
        self._random.bit_generator.state = state

    def draw(self) -> Batch:
        """The next batch; the target is the complex combined image."""
        n = self._settings.batch
        augment = AUGMENTATIONS[self._settings.augment]
        drawn = []
        for _ in range(n):
            sample = self._pool[int(self._random.integers(len(self._pool)))]
            fields = fields_of(sample, self._handling).changed(augment, self._random)
            jitter = self._settings.intensity_jitter
            drawn.append(fields.brightened(self._random.uniform(1 - jitter, 1 + jitter)))
        indices = torch.from_numpy(self._random.integers(len(self._masks), size=n))
        return undersampled_batch(drawn, self._masks[indices.to(self._masks.device)])


def simulate_pool(
    groups: Sequence[ImageGroup],
    settings: TrainSettings,
    coils: CoilSettings,
    handling: AllCoils,
    device: torch.device,
    random: np.random.Generator,
    progress: Progress = no_progress,
) -> list[CoilSample]:
    """Crops of the images with coils, phase and noise, calibrated; on the device."""
    size = crop_size(groups, settings)
    acs_shape = [min(n, size) for n in _acs_shape(settings)]
    rings = [random_coils(coils.n_coils, (size, size), random) for _ in range(N_RINGS)]
    pool = []
    for i in range(coils.n_samples):
        progress(i / coils.n_samples, f"simulating coils, sample {i + 1} of {coils.n_samples}")
        shown = _random_crop(groups, size, random) * random_support((size, size), random)
        ring = rings[i % N_RINGS]
        seen = simulated_coil_images(shown, ring, coils.noise, random, coils.tissue_phase)
        pool.append(calibrated_sample(seen.to(device), acs_shape, handling))
    return pool


def crop_size(groups: Sequence[ImageGroup], settings: TrainSettings) -> int:
    """Side of the crops; that of the largest image where they are whole."""
    return settings.crop or max(max(i.shape) for group in groups for i in group.images)


def _acs_shape(settings: TrainSettings) -> tuple[int, int]:
    return make_mask(
        settings.pattern, SLICE_SHAPE, settings.acceleration, 0, split="train"
    ).acs_shape


def _random_crop(
    groups: Sequence[ImageGroup], size: int, random: np.random.Generator
) -> NDArray[np.float32]:
    """A crop that is not dim all over, of an image divided by its bright level."""
    for _ in range(N_DRAWS):
        group = groups[int(random.integers(len(groups)))]
        image = group.images[int(random.integers(len(group.images)))]
        whole = padded(torch.from_numpy(np.ascontiguousarray(image)), size)
        crop = whole[random_square(whole.shape, size, random)] / bright_level(image)
        if float(crop.max()) >= MIN_CROP_LEVEL:
            break
    return crop.numpy()
