"""The chain Scan → Undersampled → Recon → Score that the window, the commands and studies share."""

from __future__ import annotations

import time
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from weakref import WeakKeyDictionary

import numpy as np
import torch
from numpy.typing import NDArray

from core import devices, metrics
from core.acquisition import NO_REFERENCE, reference_image, undersample, volume_maximum
from core.combination import coil_images, magnitude
from core.masks import make_mask
from core.parallel import in_order
from core.progress import Progress, no_progress, part
from core.recon import METHODS
from core.recon.methods import MethodParams
from core.seen import why_unscored
from core.types import Mask, Recon, SampledSlice, Scan, Score, Undersampled

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
    device
        Where it runs, if its arithmetic stays on the device of its data; networks have their own.
    """

    name: str
    label: str
    entry: str
    params: MethodParams
    device: str = "cpu"


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
        Where networks and methods for several coils run: ``auto``, ``cpu``, ``cuda:0``...

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
    return MethodChoice(name, params.label or entry.label, kind, params, device)


def reconstruct(
    undersampled: Undersampled, method: MethodChoice, progress: Progress = no_progress
) -> Recon:
    """Reconstruct one slice and return it in the scan's own intensity units."""
    return _reconstruct(_placed(undersampled, method), method, progress)[0]


def reconstruct_coils(
    undersampled: Undersampled, method: MethodChoice, progress: Progress = no_progress
) -> CoilRecon:
    """:func:`reconstruct` with what the method found of every coil, its phase included."""
    undersampled = _placed(undersampled, method)
    recon, found = _reconstruct(undersampled, method, progress)
    images = coil_images(undersampled, found).cpu().numpy() * np.float32(undersampled.scale)
    return CoilRecon(recon, images.astype(np.complex64, copy=False))


_NOT_MOVED_TO = ("cpu", "mps")
"""Kinds of device that data are not moved to: where they are, and one without complex numbers'
linear algebra."""

_MOVED: WeakKeyDictionary[Undersampled, Undersampled] = WeakKeyDictionary()
"""Slices on the device that methods asked for last, so that they share what they learn of coils."""


def _placed(undersampled: Undersampled, method: MethodChoice) -> Undersampled:
    """The slice where the method runs: all of it stays there until the image is done."""
    if not method.params.stays_on_device:
        return undersampled
    device = devices.resolve(method.device)
    if device.type in _NOT_MOVED_TO:
        return undersampled
    known = _MOVED.get(undersampled)
    if known is None or known.kspace.device != device:
        known = replace(undersampled, kspace=undersampled.kspace.to(device))
        _MOVED[undersampled] = known
    return known


def _reconstruct(
    undersampled: Undersampled, method: MethodChoice, progress: Progress
) -> tuple[Recon, torch.Tensor]:
    function = METHODS[method.entry].item
    method.params.prepare(undersampled)
    start = time.perf_counter()
    found = function(undersampled, method.params, progress)
    image = magnitude(undersampled, found).cpu()  # which waits for a GPU to be done
    seconds = time.perf_counter() - start
    recon = Recon(
        source=SampledSlice(undersampled.scan, undersampled.slice_index, undersampled.mask),
        method=method.name,
        label=method.label,
        image=(image.numpy() * undersampled.scale).astype(np.float32),
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
    workers: int = 1,
) -> Iterator[Comparison]:
    """Reconstruct and score every slice by every method, slices side by side, in their order.

    Memory is bounded: the scan, which lies in memory once; the reference and every method's images,
    4 bytes a pixel each; and for every worker what one slice takes while at work, which is let go
    of before the next. Of 8 coils and 256 x 256 pixels these are about 40 MB by CG-SENSE and
    L1-ESPIRiT, and less than 200 MB by SPIRiT. The images do not depend on ``workers``, but for
    rounding where torch splits a sum among its threads.

    Parameters
    ----------
    scan, slices, mask, methods, definition
        What to reconstruct by what, and how to score it.
    progress
        Hook, called on the caller's thread only; it may cancel.
    workers
        Slices at work at once.

    Raises
    ------
    ValueError
        If ``workers`` is below 1, the mask does not fit the scan, or a method refuses a slice,
        which the message names.
    """
    if scan.has_reference:
        progress(0.0, "largest value of the scan")
        volume_maximum(scan)  # known to all slices, which would else compute it at once

    def work(index: int, hook: Progress) -> list[Comparison]:
        return _compare_slice(undersample(scan, index, mask), methods, definition, hook)

    for done in in_order(work, slices, workers, progress):
        yield from done
    progress(1.0, "done")


def _compare_slice(
    undersampled: Undersampled,
    methods: Sequence[MethodChoice],
    definition: str,
    progress: Progress,
) -> list[Comparison]:
    index, done = undersampled.slice_index, []

    def report(fraction: float, message: str = "") -> None:
        progress(fraction, f"slice {index}: {message}")

    for i, method in enumerate(methods):
        report(i / len(methods), method.label)
        hook = part(report, i / len(methods), (i + 1) / len(methods))
        try:
            recon = reconstruct(undersampled, method, hook)
            done.append(Comparison(recon, score(recon, definition)))
        except ValueError as error:
            where = f"{method.label}, slice {index} of {undersampled.scan.name}"
            raise ValueError(f"{where}: {error}") from error
        except Exception as error:
            error.add_note(f"in slice {index} of {undersampled.scan.name} by {method.label}")
            raise
    return done
