"""The choice of compressed sensing's weight and iterations on tuning images: a fair baseline."""

from __future__ import annotations

import itertools
from collections.abc import Sequence
from dataclasses import dataclass, replace

import numpy as np
import torch
from numpy.typing import NDArray

from core import metrics
from core.acquisition import reference_image, volume_maximum
from core.coils import root_sum_of_squares
from core.progress import Progress, no_progress, part
from core.recon.wavelet import WaveletParams, iterates
from core.seen import keys_of
from core.types import Undersampled

COARSE_WEIGHTS = (1e-4, 3e-4, 1e-3, 3e-3, 1e-2)
"""First weights tried, half a decade apart."""

REFINEMENTS = (10**0.25, 10**0.125)
"""Factors by which the best weight so far is then divided and multiplied."""

MAX_ITERATIONS = 200
READ_EVERY = 10
"""Iterations between two readings of the score."""


@dataclass(frozen=True)
class Trial:
    """Mean PSNR of the tuning images at one setting.

    Attributes
    ----------
    reg_weight, n_iterations
        The setting.
    psnr_db
        Mean over the images, under :data:`core.metrics.DEFAULT`.
    """

    reg_weight: float
    n_iterations: int
    psnr_db: float


@dataclass(frozen=True)
class TunedWavelet:
    """The best settings and everything that was tried.

    Attributes
    ----------
    params
        Settings with the highest mean PSNR; they remember the images they were chosen on.
    table
        All trials, by weight and iterations.
    """

    params: WaveletParams
    table: tuple[Trial, ...]


def tune(
    images: Sequence[Undersampled],
    progress: Progress = no_progress,
    base: WaveletParams | None = None,
    max_iterations: int = MAX_ITERATIONS,
) -> TunedWavelet:
    """Weight and number of iterations with the highest mean PSNR on ``images``.

    Weights go from coarse to fine. The number of iterations is read off along each run, every
    :data:`READ_EVERY`, so it costs no run of its own.

    Parameters
    ----------
    images
        Undersampled tuning images; their references come from their scans.
    progress
        Hook; raises :class:`core.progress.Cancelled` to stop.
    base
        All other settings.
    max_iterations
        Length of each run.

    Raises
    ------
    ValueError
        If there is no image with a signal to tune on, or ``max_iterations`` is too small.
    """
    base = base or WaveletParams()
    if max_iterations < READ_EVERY:
        raise ValueError(f"max_iterations must be at least {READ_EVERY}, got {max_iterations}")
    usable = [image for image in images if reference_image(image.scan, image.slice_index).any()]
    if not usable:
        raise ValueError(f"images must hold one that is not empty, got {len(images)} images")
    total = len(COARSE_WEIGHTS) + 2 * len(REFINEMENTS)
    runs = itertools.count()

    def trials(weight: float) -> list[Trial]:
        run = next(runs)
        settings = replace(base, reg_weight=weight, n_iterations=max_iterations)
        return _trials(usable, settings, part(progress, run / total, (run + 1) / total))

    table = [trial for weight in COARSE_WEIGHTS for trial in trials(weight)]
    for factor in REFINEMENTS:
        centre = _best(table).reg_weight
        table += trials(centre / factor) + trials(centre * factor)
    best = _best(table)
    params = replace(
        base,
        reg_weight=best.reg_weight,
        n_iterations=best.n_iterations,
        tuned_on=frozenset().union(*(keys_of(image.scan, [image.slice_index]) for image in usable)),
    )
    order = sorted(table, key=lambda trial: (trial.reg_weight, trial.n_iterations))
    return TunedWavelet(params, tuple(order))


def _best(table: Sequence[Trial]) -> Trial:
    return max(table, key=lambda trial: trial.psnr_db)


def _trials(
    images: Sequence[Undersampled], params: WaveletParams, progress: Progress
) -> list[Trial]:
    """One run an image; mean PSNR at every reading."""
    curves = []
    for i, image in enumerate(images):
        hook = part(progress, i / len(images), (i + 1) / len(images))
        message = f"weight {params.reg_weight:.2g}, image {i + 1} of {len(images)}"
        curves.append(_curve(image, params, hook, message))
    means = np.mean(curves, axis=0)
    return [
        Trial(params.reg_weight, (i + 1) * READ_EVERY, float(psnr)) for i, psnr in enumerate(means)
    ]


def _curve(
    image: Undersampled, params: WaveletParams, progress: Progress, message: str
) -> list[float]:
    """PSNR in dB at every reading of one run."""
    reference = reference_image(image.scan, image.slice_index)
    peak = volume_maximum(image.scan)
    psnrs = []
    for i, coil_images in enumerate(iterates(image, params), start=1):
        progress(i / params.n_iterations, message)
        if i % READ_EVERY == 0:
            magnitude = _magnitude(coil_images) * np.float32(image.scale)
            psnrs.append(metrics.psnr(metrics.DEFAULT, reference, magnitude, peak))
    return psnrs


def _magnitude(coil_images: NDArray[np.complex64]) -> NDArray[np.float32]:
    return root_sum_of_squares(torch.from_numpy(coil_images)).numpy().astype(np.float32)
