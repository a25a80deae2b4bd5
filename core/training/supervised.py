"""Learning from fully sampled images: undersampled anew each time, judged by their reference."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

import numpy as np
import torch
from torch import nn

from core import metrics
from core.acquisition import intensity_scale
from core.devices import mixed_precision
from core.fourier import fft2c, ifft2c, keep_sampled, to_corner
from core.networks.centre import acs_phase
from core.networks.inference import reconstruct_coils
from core.training.augment import AUGMENTATIONS, random_window
from core.training.batches import MIN_CROP_LEVEL, N_DRAWS
from core.training.losses import mse_plus_mae
from core.training.settings import TuneSettings
from core.training.tuning_data import (
    N_TRAINING_MASKS,
    VALIDATION_SEED,
    FullImage,
    ImageRef,
    full_image,
    tuning_mask,
)
from core.types import Mask

MEASURE = "PSNR"


def gather(ref: ImageRef, settings: TuneSettings, mask_seed: int) -> FullImage:
    """The data that this way of learning needs of a slice."""
    del settings, mask_seed
    return full_image(ref)


class Supervised:
    """Loss (Eq. 5) of the magnitude after the last data consistency; PSNR against the reference."""

    def __init__(
        self,
        tuning: Sequence[FullImage],
        validation: Sequence[FullImage],
        settings: TuneSettings,
        random: np.random.Generator,
        device: torch.device,
    ) -> None:
        self.images_per_step = settings.batch
        self._settings = settings
        self._random = random
        self._device = device
        self._images = [_normalised_coils(image, settings) for image in tuning]
        self._crop = min(settings.crop, *(min(coils.shape[-2:]) for coils in self._images))
        self._is_real = [image.is_real for image in tuning]
        self._validation = validation
        self._order = self._endless_order()

    def loss(self, model: nn.Module) -> torch.Tensor:
        """Loss of one step: images, coils, crops, changes and masks drawn anew."""
        drawn = [self._draw(next(self._order)) for _ in range(self._settings.batch)]
        images, masks, phases = (torch.stack(parts) for parts in zip(*drawn, strict=True))
        corner_mask = masks.to(self._device)
        full = images.to(self._device)
        phase = None if all(self._is_real) else phases.to(self._device)
        with mixed_precision(self._device):
            image = model(keep_sampled(full, corner_mask), corner_mask, phase)
        return mse_plus_mae(image.abs(), full.abs())

    def validate(self, model: nn.Module) -> float:
        """Mean PSNR over the validation images, each under its own fixed mask."""
        scores = []
        for i, image in enumerate(self._validation):
            mask = tuning_mask(self._settings, image.reference.shape, VALIDATION_SEED + i)
            sampled = torch.from_numpy(image.kspace) * torch.from_numpy(mask.samples)
            result = reconstruct_coils(model, sampled, mask, image.is_real, self._device)
            scores.append(
                metrics.psnr(metrics.DEFAULT, image.reference, result.numpy(), image.volume_max)
            )
        return float(np.mean(scores))

    def _endless_order(self) -> Iterator[int]:
        while True:
            yield from map(int, self._random.permutation(len(self._images)))

    def _draw(self, index: int) -> tuple[torch.Tensor, torch.Tensor, torch.Tensor]:
        """An image, its corner mask and its phase, all of one shape `(y, x)`."""
        random, jitter = self._random, self._settings.intensity_jitter
        coils = self._images[index]
        augment = AUGMENTATIONS[self._settings.augment]
        image = augment(self._window(coils[int(random.integers(len(coils)))]), random)
        image = image * random.uniform(1 - jitter, 1 + jitter)
        mask = self._mask(image.shape)
        corner_mask = to_corner(torch.from_numpy(mask.samples))
        return image, corner_mask, self._phase(image, mask, self._is_real[index])

    def _window(self, image: torch.Tensor) -> torch.Tensor:
        """A crop that is not dim all over, or the whole image."""
        if self._crop == 0:
            return image
        for _ in range(N_DRAWS):
            crop = random_window(image, self._crop, self._random)
            if float(crop.abs().max()) >= MIN_CROP_LEVEL:
                break
        return crop

    def _mask(self, shape: Sequence[int]) -> Mask:
        return tuning_mask(self._settings, shape, int(self._random.integers(N_TRAINING_MASKS)))

    @staticmethod
    def _phase(image: torch.Tensor, mask: Mask, is_real: bool) -> torch.Tensor:
        if is_real:
            return torch.ones_like(image)
        return acs_phase(fft2c(image)[None], mask.acs_shape)[0]


def _normalised_coils(image: FullImage, settings: TuneSettings) -> torch.Tensor:
    """Coil images in units of what a mask's zero-filled image shows bright. `(coil, y, x)`."""
    kspace = torch.from_numpy(image.kspace)
    samples = torch.from_numpy(tuning_mask(settings, kspace.shape[-2:], 0).samples)
    scales = torch.tensor([intensity_scale(coil[None] * samples) for coil in kspace])
    return ifft2c(kspace) / scales[:, None, None]
