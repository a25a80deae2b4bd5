"""Which local images a network is tuned and validated on, as plain arrays for a child process."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from itertools import islice

import numpy as np
import torch
from numpy.typing import NDArray

from core.acquisition import (
    NO_REFERENCE,
    full_kspace,
    measured_kspace,
    reference_image,
    rough_image,
    volume_maximum,
)
from core.domains.mri import MIN_FOREGROUND, foreground_share
from core.masks import acquired_mask, make_mask
from core.people import same_person
from core.seen import keys_of
from core.training.settings import TuneSettings
from core.types import Mask, Scan, image_key

N_TRAINING_MASKS = 100
"""Steps draw from the first hundred masks of the training pool."""

FULL = 0.5
"""A slice is full if it shows at least this share of the anatomy that its scan's fullest shows."""

PEOPLE_TO_HOLD_OUT_ONE = 3
"""With fewer people each one serves for tuning."""

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
        If the scan was acquired undersampled, or the slice is empty: there is nothing to learn
        from or to judge by.
    """
    if not ref.scan.has_reference:
        raise ValueError(
            f"{ref.scan.name}: {NO_REFERENCE}: an undersampled scan can be tuned on only with "
            "supervision 'self'"
        )
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
    kspace = (measured_kspace(ref.scan, ref.slice_index) * torch.from_numpy(mask.samples)).numpy()
    if not kspace.any():
        raise ValueError(f"{ref.label}: a tuning or validation slice must not be empty")
    return AcquiredImage(
        key=ref.key,
        seen=keys_of(ref.scan, [ref.slice_index]),
        kspace=kspace,
        is_real=ref.scan.is_simulated,
        mask=mask,
    )


def acquisition_mask(settings: TuneSettings, scan: Scan, seed: int) -> Mask:
    """As a slice of a scan is taken to be acquired: its own sampling, or else a drawn mask."""
    if scan.has_reference:
        return tuning_mask(settings, scan.slice_shape, seed)
    return acquired_mask(scan)


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
    """Pick tuning and validation slices that show much anatomy, spread over the scans.

    1. Slices that show at least half as much as the fullest of their scan come first; the others
       that show enough are taken only where those are too few.
    2. With three people or more, all validation slices are those of one person, drawn with the
       seed, who is not tuned on, if the others have slices enough. With fewer, each chosen slice
       may serve for validation: to tune on one person less would cost more than it tells.

    The two sets never share a slice.

    Raises
    ------
    ValueError
        If the scans hold fewer usable slices than asked for.
    """
    shown = [(ImageRef(scan, i), share) for scan in scans for i, share in enumerate(fullness(scan))]
    usable = [ref for ref, share in shown if share > 0]
    full = [ref for ref, share in shown if share >= FULL]
    wanted = n_images + n_validation
    if wanted > len(usable):
        raise ValueError(
            f"tuning needs {n_images} + {n_validation} slices that show anatomy, "
            f"the chosen scans have {len(usable)}"
        )
    candidates = full if wanted <= len(full) else usable
    random = np.random.default_rng(seed)
    splits = _one_held_out(candidates, n_images, n_validation)
    if splits:
        others, own = splits[int(random.integers(len(splits)))]
        return _spread(others, n_images), _spread(own, n_validation)
    chosen = _spread(candidates, wanted)
    for_validation = set(random.choice(wanted, n_validation, replace=False).tolist())
    tuning = tuple(ref for i, ref in enumerate(chosen) if i not in for_validation)
    validation = tuple(ref for i, ref in enumerate(chosen) if i in for_validation)
    return tuning, validation


def fullness(scan: Scan) -> list[float]:
    """Anatomy that each slice shows, relative to the scan's fullest; 0 where it is too little."""
    images = (rough_image(scan, i) for i in range(scan.n_slices))
    shares = [foreground_share(image) for image in images]
    return [share / max(shares) if share >= MIN_FOREGROUND else 0.0 for share in shares]


def _one_held_out(
    refs: Sequence[ImageRef], n_images: int, n_validation: int
) -> list[tuple[list[ImageRef], list[ImageRef]]]:
    """Each way to split slices into those of all people but one and of that one, with enough."""
    people = _people([ref.scan for ref in refs])
    if len(people) < PEOPLE_TO_HOLD_OUT_ONE:
        return []
    splits = [
        ([r for r in refs if r.scan not in scans], [r for r in refs if r.scan in scans])
        for scans in people
    ]
    return [s for s in splits if len(s[0]) >= n_images and len(s[1]) >= n_validation]


def _people(scans: Iterable[Scan]) -> list[list[Scan]]:
    """The scans of each person."""
    people: list[list[Scan]] = []
    for scan in dict.fromkeys(scans):
        for others in people:
            if same_person(scan, others[0]):
                others.append(scan)
                break
        else:
            people.append([scan])
    return people


def _spread(refs: Sequence[ImageRef], count: int) -> tuple[ImageRef, ...]:
    """So many: as evenly from all scans as they allow, and evenly from the middle of each."""
    scans = list(dict.fromkeys(ref.scan for ref in refs))
    slices = [[ref for ref in refs if ref.scan is scan] for scan in scans]
    turns = (own for i in range(len(refs)) for own in slices if i < len(own))
    quotas = Counter(id(own) for own in islice(turns, count))
    places = ((own, quotas[id(own)]) for own in slices)
    return tuple(own[len(own) * (2 * i + 1) // (2 * n)] for own, n in places for i in range(n))
