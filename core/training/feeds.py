"""What a step of supervised tuning is given: crops of fully sampled slices, undersampled anew."""

from __future__ import annotations

from abc import ABC, abstractmethod
from collections.abc import Callable, Iterator, Sequence

import numpy as np
import torch

from core.acquisition import intensity_scale
from core.coils import combine
from core.fourier import fft2c, ifft2c, keep_sampled, to_corner
from core.networks.centre import acs_phase
from core.networks.handling import EVERYWHERE, AllCoils, CoilByCoil, Handling
from core.training.augment import AUGMENTATIONS, random_square
from core.training.batches import MIN_CROP_LEVEL, N_DRAWS, Batch
from core.training.coil_samples import (
    CoilSample,
    Fields,
    calibrated_sample,
    fields_of,
    undersampled_batch,
)
from core.training.settings import TuneSettings
from core.training.tuning_data import N_TRAINING_MASKS, FullImage, tuning_mask
from core.types import Mask


class Feed(ABC):
    """Draws images, crops, changes and masks for ever, as the settings say."""

    def __init__(
        self, settings: TuneSettings, n_images: int, smallest: int, random: np.random.Generator
    ) -> None:
        self._settings = settings
        self._random = random
        self._crop = min(settings.crop, smallest)
        self._augment = AUGMENTATIONS[settings.augment]
        self._order = self._endless_order(n_images)

    @abstractmethod
    def draw(self) -> Batch:
        """The next batch."""

    def _endless_order(self, n_images: int) -> Iterator[int]:
        while True:
            yield from map(int, self._random.permutation(n_images))

    def _brightness(self) -> float:
        jitter = self._settings.intensity_jitter
        return self._random.uniform(1 - jitter, 1 + jitter)

    def _mask(self, shape: Sequence[int]) -> Mask:
        return tuning_mask(self._settings, shape, int(self._random.integers(N_TRAINING_MASKS)))

    def _window(self, magnitude: torch.Tensor) -> tuple[slice, slice]:
        """Where a crop lies that is not dim all over; everywhere if images are whole."""
        if self._crop == 0:
            return EVERYWHERE
        for _ in range(N_DRAWS):
            window = random_square(magnitude.shape, self._crop, self._random)
            if float(magnitude[window].max()) >= MIN_CROP_LEVEL:
                break
        return window


class CoilFeed(Feed):
    """Single coils, each normalised by itself, with the phase of the crop's own centre."""

    def __init__(
        self,
        images: Sequence[FullImage],
        settings: TuneSettings,
        handling: CoilByCoil,
        random: np.random.Generator,
        device: torch.device,
    ) -> None:
        del handling
        self._images = [_normalised_coils(image, settings) for image in images]
        self._is_real = [image.is_real for image in images]
        self._device = device
        smallest = min(min(coils.shape[-2:]) for coils in self._images)
        super().__init__(settings, len(images), smallest, random)

    def draw(self) -> Batch:
        """The next batch; phases are None if all images are real."""
        drawn = [self._draw(next(self._order)) for _ in range(self._settings.batch)]
        images, masks, phases = (torch.stack(parts) for parts in zip(*drawn, strict=True))
        corner_mask = masks.to(self._device)
        full = images.to(self._device)
        phase = None if all(self._is_real) else phases.to(self._device)
        return Batch((keep_sampled(full, corner_mask), corner_mask, phase), full)

    def _draw(self, index: int) -> tuple[torch.Tensor, torch.Tensor, torch.Tensor]:
        """An image, its corner mask and its phase, all of one shape `(y, x)`."""
        coils = self._images[index]
        coil = coils[int(self._random.integers(len(coils)))]
        image = self._augment(coil[self._window(coil.abs())], self._random)
        image = image * self._brightness()
        mask = self._mask(image.shape)
        corner_mask = to_corner(torch.from_numpy(mask.samples))
        return image, corner_mask, self._phase(image, mask, self._is_real[index])

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


class SliceFeed(Feed):
    """All coils of a slice, calibrated once from the centre that its masks sample fully."""

    def __init__(
        self,
        images: Sequence[FullImage],
        settings: TuneSettings,
        handling: AllCoils,
        random: np.random.Generator,
        device: torch.device,
    ) -> None:
        self._handling = handling
        self._samples = [_calibrated(image, settings, handling, device) for image in images]
        smallest = min(min(sample.coil_images.shape[-2:]) for sample in self._samples)
        super().__init__(settings, len(images), smallest, random)

    def draw(self) -> Batch:
        """The next batch."""
        fields = [self._draw(self._samples[next(self._order)]) for _ in range(self._settings.batch)]
        shape = fields[0].coil_images.shape[-2:]
        masks = torch.stack([torch.from_numpy(self._mask(shape).samples) for _ in fields])
        return undersampled_batch(fields, to_corner(masks).to(fields[0].coil_images.device))

    def _draw(self, sample: CoilSample) -> Fields:
        window = self._window(combine(sample.coil_images, sample.sens_maps).abs())
        fields = fields_of(sample, self._handling, window)
        return fields.changed(self._augment, self._random).brightened(self._brightness())


def _calibrated(
    image: FullImage, settings: TuneSettings, handling: AllCoils, device: torch.device
) -> CoilSample:
    """A slice in units of what a mask's zero-filled image shows bright."""
    kspace = torch.from_numpy(image.kspace)
    mask = tuning_mask(settings, kspace.shape[-2:], 0)
    scale = intensity_scale(kspace * torch.from_numpy(mask.samples))
    coil_images = (ifft2c(kspace) / scale).to(device)
    return calibrated_sample(coil_images, mask.acs_shape, handling, image.is_real)


FEEDS: dict[type[Handling], Callable[..., Feed]] = {CoilByCoil: CoilFeed, AllCoils: SliceFeed}
"""How coils reach a network, to what makes its :class:`Feed`.

Arguments: (images, settings, handling, generator, device).
"""
