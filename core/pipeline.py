"""The chain Scan → Undersampled → Recon → Score that the window, the commands and studies share."""

from __future__ import annotations

import time
from collections.abc import Iterator, Sequence
from dataclasses import dataclass

import numpy as np
import torch
from numpy.typing import NDArray

from core import metrics
from core.acquisition import NO_REFERENCE, reference_image, undersample, volume_maximum
from core.combination import coil_images, magnitude
from core.masks import make_mask
from core.progress import Progress, no_progress, part
from core.recon import METHODS
from core.recon.methods import MethodParams
from core.seen import why_unscored
from core.types import Mask, Recon, Scan, Score, Undersampled

__all__ = [
    "CoilRecon",
    "Comparison",
    "MethodChoice",
    "choose_method",
    "compare",
    "make_mask",
    "reconstruct",
    "reconstruct_coils",
    "score",
    "undersample",
]


@dataclass(frozen=True)
class MethodChoice:
    """A method with its settings.

    Attributes
    ----------
    name
        What asks for it again: ``zf``, ``cs``, ``net:natural`` or ``net:FILE.safetensors``.
    label
        The name a person reads.
    entry
        The registered method's name: ``zf``, ``cs``, ``net``.
    params
        Its settings.
    """

    name: str
    label: str
    entry: str
    params: MethodParams


@dataclass(frozen=True, eq=False)
class CoilRecon:
    """One method's image of one slice, and what it is made of.

    Attributes
    ----------
    recon
        The image.
    coil_images
        What the method found that every coil sees, in the scan's own intensity units. complex64,
        shape `(coil, y, x)`: many times the size of the image, so keep it for few slices only.
    """

    recon: Recon
    coil_images: NDArray[np.complex64]


@dataclass(frozen=True, eq=False)
class Comparison:
    """One method's image of one slice with its score."""

    recon: Recon
    score: Score


def choose_method(name: str, device: str = "auto") -> MethodChoice:
    """The method called ``name`` with its default settings.

    Parameters
    ----------
    name
        ``zf``; ``cs`` or a preset of it such as ``cs:paper-t1``; ``tv``; for several coils
        ``sense``, ``spirit`` (``spirit:paper``) and ``l1-espirit``; ``net:`` with a source
        domain's name (of whose networks the one nearest to the mask's R is used), one of these
        networks' such as ``natural-r4``, or a checkpoint file.
    device
        Where a network runs: ``auto``, ``cpu``, ``cuda:0``...

    Raises
    ------
    ValueError
        If there is no such method, domain or file, or the file is not a checkpoint.
    """
    kind, _, which = name.partition(":")
    entry = METHODS[kind]
    assert entry.params is not None
    try:
        params: MethodParams = entry.params.named(which, device)
    except ValueError as error:
        raise ValueError(f"method {name!r}: {error}") from None
    return MethodChoice(name, params.label or entry.label, kind, params)


def reconstruct(
    undersampled: Undersampled, method: MethodChoice, progress: Progress = no_progress
) -> Recon:
    """Reconstruct one slice and return it in the scan's own intensity units."""
    return _reconstruct(undersampled, method, progress)[0]


def reconstruct_coils(
    undersampled: Undersampled, method: MethodChoice, progress: Progress = no_progress
) -> CoilRecon:
    """:func:`reconstruct` with what the method found of every coil, its phase included."""
    recon, found = _reconstruct(undersampled, method, progress)
    images = coil_images(undersampled, found).cpu().numpy() * np.float32(undersampled.scale)
    return CoilRecon(recon, images.astype(np.complex64, copy=False))


def _reconstruct(
    undersampled: Undersampled, method: MethodChoice, progress: Progress
) -> tuple[Recon, torch.Tensor]:
    function = METHODS[method.entry].item
    method.params.prepare(undersampled)
    start = time.perf_counter()
    found = function(undersampled, method.params, progress)
    image = magnitude(undersampled, found)
    seconds = time.perf_counter() - start
    recon = Recon(
        source=undersampled,
        method=method.name,
        label=method.label,
        image=(image.cpu().numpy() * undersampled.scale).astype(np.float32),
        seconds=seconds,
        tuned_on=method.params.tuned_on,
        remarks=method.params.remarks(undersampled),
    )
    return recon, found


def score(recon: Recon, definition: str = metrics.DEFAULT) -> Score:
    """Score an image against the scan's reference under a named definition.

    A scan that was acquired undersampled has none, and its images no score: the score says so. An
    image is never scored with a method that was tuned on it, on another slice of its scan or on
    another scan of the same person either.
    """
    scan, index = recon.source.scan, recon.source.slice_index
    if not scan.has_reference:
        return metrics.excluded(definition, NO_REFERENCE)
    reason = why_unscored(scan, index, recon.tuned_on)
    if reason is not None:
        return metrics.excluded(definition, reason)
    reference = reference_image(scan, index)
    return metrics.score(definition, reference, recon.image, volume_maximum(scan))


def compare(
    scan: Scan,
    slices: Sequence[int],
    mask: Mask,
    methods: Sequence[MethodChoice],
    definition: str = metrics.DEFAULT,
    progress: Progress = no_progress,
) -> Iterator[Comparison]:
    """Reconstruct and score every slice by every method, slice by slice, as results come."""
    total = len(slices) * len(methods)
    for i, index in enumerate(slices):
        undersampled = undersample(scan, index, mask)
        for j, method in enumerate(methods):
            done = i * len(methods) + j
            progress(done / total, f"slice {index}: {method.label}")
            hook = part(progress, done / total, (done + 1) / total)
            recon = reconstruct(undersampled, method, hook)
            yield Comparison(recon, score(recon, definition))
    progress(1.0, "done")
