"""Learning from undersampled acquisitions alone: some of their samples judge what the rest gives.

At each step the samples of one acquisition are split at random in two. The network is fed one
part, which also serves data consistency; the loss is on the other (SSDU, Yaman et al. 2020,
https://doi.org/10.1002/mrm.28378). The fully sampled centre always stays in the first part.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence

import numpy as np
import torch
from numpy.typing import NDArray
from torch import nn

from core.acquisition import intensity_scale
from core.devices import mixed_precision
from core.fourier import fft2c
from core.masks.patterns import centre
from core.networks.handling import COIL_BY_COIL, Handling, Samples
from core.training.calibrations import Calibrations
from core.training.losses import normalised_l1_l2
from core.training.settings import TuneSettings
from core.training.tuning_data import AcquiredImage, ImageRef, acquired_image, acquisition_mask
from core.types import Mask

MEASURE = "PSNR of held-out samples"


def gather(ref: ImageRef, settings: TuneSettings, mask_seed: int) -> AcquiredImage:
    """The data that this way of learning needs of a slice: one acquisition of it."""
    return acquired_image(ref, acquisition_mask(settings, ref.scan, mask_seed))


def split_samples(
    mask: Mask, held_out: float, random: np.random.Generator
) -> tuple[NDArray[np.bool_], NDArray[np.bool_]]:
    """Deal the samples of a mask out to the network and to the loss.

    Parameters
    ----------
    mask
        What was acquired.
    held_out
        Share of the samples outside the fully sampled centre that goes to the loss.
    random
        Generator.

    Returns
    -------
    tuple
        Two masks without a common sample whose union is the given one: the network's, which holds
        the whole centre, and the loss's, which holds at least one sample.
    """
    outside = mask.samples.copy()
    outside[centre((mask.samples.shape[0], mask.samples.shape[1]), mask.acs_shape)] = False
    places = np.flatnonzero(outside)
    if places.size == 0:
        raise ValueError(
            f"self-supervision needs samples outside the fully sampled centre, R = "
            f"{mask.acceleration:g} leaves none"
        )
    count = max(1, round(held_out * places.size))
    for_loss = np.zeros_like(mask.samples)
    for_loss.flat[random.choice(places, count, replace=False)] = True
    return mask.samples & ~for_loss, for_loss


class SelfSupervised:
    """Loss and validation on samples that the network was not given; no fully sampled data."""

    def __init__(
        self,
        tuning: Sequence[AcquiredImage],
        validation: Sequence[AcquiredImage],
        settings: TuneSettings,
        random: np.random.Generator,
        device: torch.device,
        handling: Handling = COIL_BY_COIL,
    ) -> None:
        self.images_per_step = 1
        self._settings = settings
        self._random = random
        self._device = device
        self._handling = handling
        self._tuning = tuning
        self._calibrations = Calibrations()
        self._order = self._endless_order()
        fixed = np.random.default_rng(settings.seed)
        self._validation = [
            (image, *split_samples(image.mask, settings.held_out, fixed)) for image in validation
        ]

    def loss(self, model: nn.Module) -> torch.Tensor:
        """Loss of one step on coils of one acquisition, its samples split anew.

        They are what the network takes in one go: one coil, or all.
        """
        image = self._tuning[next(self._order)]
        given, for_loss = split_samples(image.mask, self._settings.held_out, self._random)
        groups = self._handling.groups(len(image.kspace))
        group = groups[int(self._random.integers(len(groups)))]
        predicted, measured, _ = self._held_out(model, image, group, given, for_loss)
        return normalised_l1_l2(predicted, measured)

    @torch.no_grad()
    def validate(self, model: nn.Module) -> float:
        """Mean PSNR of held-out samples over the validation acquisitions, in dB.

        The squared error is averaged over the held-out samples and summed over all coils; the peak
        is that of the one scale rule. By Parseval it would be that of the image, were all of
        k-space held out.
        """
        scores = []
        for image, given, for_loss in self._validation:
            errors = []
            for group in self._handling.groups(len(image.kspace)):
                predicted, measured, scale = self._held_out(model, image, group, given, for_loss)
                n_coils = len(image.kspace[group])
                error = float((predicted - measured).abs().square().mean())
                errors.append(error * scale**2 * n_coils)
            peak = intensity_scale(torch.from_numpy(_keep(image.kspace, given)))
            scores.append(10 * np.log10(peak**2 / np.sum(errors)))
        return float(np.mean(scores))

    def _endless_order(self) -> Iterator[int]:
        while True:
            yield from map(int, self._random.permutation(len(self._tuning)))

    def _held_out(
        self,
        model: nn.Module,
        image: AcquiredImage,
        coils: slice,
        given: NDArray[np.bool_],
        for_loss: NDArray[np.bool_],
    ) -> tuple[torch.Tensor, torch.Tensor, float]:
        """Held-out samples as the network predicts and as the scan measured them, and the scale.

        Both 1-D, those of one coil after the other, divided by the scale of the given samples.
        """
        kept = torch.from_numpy(_keep(image.kspace[coils], given))
        scale = intensity_scale(kept)
        acs_shape = image.mask.acs_shape  # the centre is always given
        calibration = self._calibrations.of(image.key, kept, acs_shape)
        samples = Samples(kept, torch.from_numpy(given), acs_shape, image.is_real, calibration)
        arguments = self._handling.given(samples, scale, self._device)
        with mixed_precision(self._device):
            found = self._handling.coil_images(model, arguments)[0]
        places = torch.from_numpy(for_loss)
        measured = torch.from_numpy(image.kspace[coils])[:, places].to(self._device) / scale
        return fft2c(found)[:, places.to(self._device)].flatten(), measured.flatten(), scale


def _keep(kspace: NDArray[np.complex64], samples: NDArray[np.bool_]) -> NDArray[np.complex64]:
    """k-space with zeros where not sampled, whatever stood there."""
    return np.where(samples, kspace, np.complex64(0))
