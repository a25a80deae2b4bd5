"""Learning from fully sampled images: undersampled anew each time, judged by their reference."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
import torch
from torch import nn

from core import metrics
from core.devices import mixed_precision
from core.networks.handling import COIL_BY_COIL, Handling
from core.networks.inference import reconstruct_magnitude
from core.networks.network import Network
from core.training.calibrations import Calibrations
from core.training.feeds import FEEDS
from core.training.losses import mse_plus_mae
from core.training.settings import TuneSettings
from core.training.tuning_data import (
    VALIDATION_SEED,
    FullImage,
    ImageRef,
    full_image,
    tuning_mask,
)

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
        handling: Handling = COIL_BY_COIL,
    ) -> None:
        self.images_per_step = settings.batch
        self._settings = settings
        self._device = device
        self._feed = FEEDS[type(handling)](tuning, settings, handling, random, device)
        self._validation = validation
        self._calibrations = Calibrations()

    def loss(self, model: nn.Module) -> torch.Tensor:
        """Loss of one step: images, crops, changes and masks drawn anew."""
        batch = self._feed.draw()
        with mixed_precision(self._device):
            image = model(*batch.given)
        return mse_plus_mae(image.abs(), batch.magnitude)

    def validate(self, model: Network) -> float:
        """Mean PSNR over the validation images, each under its own fixed mask."""
        scores = []
        for i, image in enumerate(self._validation):
            mask = tuning_mask(self._settings, image.reference.shape, VALIDATION_SEED + i)
            sampled = torch.from_numpy(image.kspace) * torch.from_numpy(mask.samples)
            result = reconstruct_magnitude(
                model,
                sampled,
                mask,
                image.is_real,
                self._device,
                calibration=self._calibrations.of(image.key, sampled, mask.acs_shape),
            )
            scores.append(
                metrics.psnr(metrics.DEFAULT, image.reference, result.numpy(), image.volume_max)
            )
        return float(np.mean(scores))
