"""Which local images a network is tuned and validated on, as plain arrays for a child process."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
import torch
from numpy.typing import NDArray

from core.acquisition import full_kspace, reference_image, volume_maximum
from core.domains.mri import has_enough_foreground
from core.masks import make_mask
from core.seen import keys_of
from core.training.settings import TuneSettings
from core.types import Mask, Scan, image_key

N_TRAINING_MASKS = 100
"""Steps draw from the first hundred masks of the training pool."""

VALIDATION_SEED = 100_000
"""Seeds of the validation masks start here: in the training pool, beyond its first hundred."""


@dataclass(frozen=True, eq=False)
class ImageRef:
    """One slice of one scan."""

    scan: Scan
    slice_index: int

    @property
    def key(self) -> str:
        """Its key, which tells it from all other slices."""
        return image_key(self.scan, self.slice_index)

    @property
    def label(self) -> str:
        """The name a person reads."""
        return f"{self.scan.name}, slice {self.slice_index}"


@dataclass(frozen=True, eq=False)
class TuningImage:
    """Data of one slice.

    Attributes
    ----------
    key
        As of :class:`ImageRef`. No name comes along: a checkpoint must not hold a patient's.
    seen
        Keys (:mod:`core.seen`) of the slice, its scan and its person.
    kspace
        complex64, shape `(coil, y, x)`, in the scan's units.
    is_real
        Whether the image is known to be real (simulated from magnitude).
    """

    key: str
    seen: frozenset[str]
    kspace: NDArray[np.complex64]
    is_real: bool


@dataclass(frozen=True, eq=False)
class FullImage(TuningImage):
    """A fully sampled slice.

    Attributes
    ----------
    reference
        What it is validated against, float32, shape `(y, x)`.
    volume_max
        The scan's peak, for PSNR.
    """

    reference: NDArray[np.float32]
    volume_max: float


@dataclass(frozen=True, eq=False)
class AcquiredImage(TuningImage):
    """A slice as an accelerated scan measured it: ``kspace`` is 0 where not sampled."""

    mask: Mask


def full_image(ref: ImageRef) -> FullImage:
    """All data of one slice.

    Raises
    ------
    ValueError
        If the slice is empty: there is nothing to learn from or to judge by.
    """
    reference = np.ascontiguousarray(reference_image(ref.scan, ref.slice_index))
    if not reference.any():
        raise ValueError(f"{ref.label}: a tuning or validation slice must not be empty")
    return FullImage(
        key=ref.key,
        seen=keys_of(ref.scan, [ref.slice_index]),
        kspace=full_kspace(ref.scan, ref.slice_index).numpy(),
        is_real=ref.scan.is_simulated,
        reference=reference,
        volume_max=volume_maximum(ref.scan),
    )


def acquired_image(ref: ImageRef, mask: Mask) -> AcquiredImage:
    """The samples of one slice under a mask, and nothing else of it.

    Raises
    ------
    ValueError
        If all samples are 0.
    """
    kspace = (full_kspace(ref.scan, ref.slice_index) * torch.from_numpy(mask.samples)).numpy()
    if not kspace.any():
        raise ValueError(f"{ref.label}: a tuning or validation slice must not be empty")
    return AcquiredImage(
        key=ref.key,
        seen=keys_of(ref.scan, [ref.slice_index]),
        kspace=kspace,
        is_real=ref.scan.is_simulated,
        mask=mask,
    )


def tuning_mask(settings: TuneSettings, shape: Sequence[int], seed: int) -> Mask:
    """A mask of the training pool as the settings ask for."""
    return make_mask(
        settings.pattern,
        shape,
        settings.acceleration,
        seed,
        split="train",
        params=settings.mask_params,
    )


def choose_images(
    scans: Sequence[Scan], n_images: int, n_validation: int, seed: int
) -> tuple[tuple[ImageRef, ...], tuple[ImageRef, ...]]:
    """Pick tuning and validation slices that show enough anatomy, spread over the scans.

    Slices are spread evenly over all usable ones; which of the chosen serve for validation is
    drawn with the seed. The two sets never share a slice.

    Raises
    ------
    ValueError
        If the scans hold fewer usable slices than asked for.
    """
    usable = [
        ImageRef(scan, i)
        for scan in scans
        for i in range(scan.n_slices)
        if has_enough_foreground(reference_image(scan, i))
    ]
    wanted = n_images + n_validation
    if wanted > len(usable):
        raise ValueError(
            f"tuning needs {n_images} + {n_validation} slices that show anatomy, "
            f"the chosen scans have {len(usable)}"
        )
    spread = np.linspace(0, len(usable) - 1, wanted).round().astype(int)
    random = np.random.default_rng(seed)
    for_validation = set(random.choice(wanted, n_validation, replace=False).tolist())
    chosen = [usable[i] for i in spread]
    tuning = tuple(ref for i, ref in enumerate(chosen) if i not in for_validation)
    validation = tuple(ref for i, ref in enumerate(chosen) if i in for_validation)
    return tuning, validation
