"""Slices of all their coils as training takes them: calibrated once, then cut, turned and changed.

Calibration consistency and coil maps act on each pixel of the image, so that a part of a slice, or
a slice that is turned, keeps its own.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
import torch

from core.coils import combine
from core.fourier import fft2c, keep_sampled
from core.networks.handling import EVERYWHERE, AllCoils, Samples
from core.training.augment import Augmentation
from core.training.batches import Batch


@dataclass(frozen=True, eq=False)
class CoilSample:
    """A calibrated slice.

    Attributes
    ----------
    coil_images, sens_maps
        complex64, shape `(coil, y, x)`; the maps carry what phase the network wants them to.
    kernel
        SPIRiT kernel, shape `(coil, coil, ky, kx)`; None for one coil.
    """

    coil_images: torch.Tensor
    sens_maps: torch.Tensor
    kernel: torch.Tensor | None


@dataclass(frozen=True, eq=False)
class Fields:
    """What a network needs of a slice at each pixel.

    Attributes
    ----------
    coil_images, sens_maps
        complex64, shape `(coil, y, x)`.
    consistency
        Calibration consistency, shape `(coil, coil, y, x)`, or None.
    """

    coil_images: torch.Tensor
    sens_maps: torch.Tensor
    consistency: torch.Tensor | None

    def changed(self, augment: Augmentation, random: np.random.Generator) -> Fields:
        """All of them changed alike, the maps of norm 1 again."""
        n_coils = len(self.coil_images)
        parts = [self.coil_images, self.sens_maps]
        if self.consistency is not None:
            parts.append(self.consistency.flatten(0, 1))
        stack = augment(torch.cat(parts), random)
        coil_images, maps, *matrices = torch.split(stack, n_coils)
        maps = maps / torch.linalg.vector_norm(maps, dim=0).clamp_min(1e-6)
        return Fields(coil_images, maps, torch.stack(matrices) if matrices else None)

    def brightened(self, factor: float) -> Fields:
        """Coil images multiplied by a factor."""
        return Fields(self.coil_images * factor, self.sens_maps, self.consistency)


def calibrated_sample(
    coil_images: torch.Tensor, acs_shape: Sequence[int], handling: AllCoils, is_real: bool = False
) -> CoilSample:
    """Fully sampled coil images with what the centre of their k-space says of the coils.

    Parameters
    ----------
    coil_images
        complex64, shape `(coil, y, x)`.
    acs_shape
        Size (y, x) of the centre that is looked at.
    handling
        Of the network that will be given them.
    is_real
        Whether the image is known to be real.
    """
    everything = torch.ones(coil_images.shape[-2:], dtype=torch.bool)
    samples = Samples(fft2c(coil_images), everything, acs_shape, is_real)
    return CoilSample(coil_images, *handling.calibrated(samples))


def fields_of(
    sample: CoilSample, handling: AllCoils, window: tuple[slice, slice] = EVERYWHERE
) -> Fields:
    """The fields of a part of a slice."""
    shape, device = sample.coil_images.shape[-2:], sample.coil_images.device
    return Fields(
        sample.coil_images[..., *window],
        sample.sens_maps[..., *window],
        handling.consistency(sample.kernel, shape, device, window),
    )


def undersampled_batch(fields: Sequence[Fields], corner_mask: torch.Tensor) -> Batch:
    """Undersample slices of one shape, each by its mask; their target is the combined image.

    Parameters
    ----------
    fields
        One of each slice.
    corner_mask
        Masks with their origin at index 0, bool, shape `(batch, y, x)`.
    """
    coils = torch.stack([f.coil_images for f in fields])
    maps = torch.stack([f.sens_maps for f in fields])
    matrices = [f.consistency for f in fields if f.consistency is not None]
    consistency = torch.stack(matrices) if matrices else None
    zero_filled = keep_sampled(coils, corner_mask.unsqueeze(-3))
    return Batch((zero_filled, corner_mask, maps, consistency), combine(coils, maps))
