r"""L1-ESPIRiT: SENSE with ESPIRiT's maps and sparse wavelets.

.. math:: \min_x \tfrac12 \|M F S x - y_u\|_2^2 + \lambda \|W x\|_1

S weights by the coil maps, F is the Fourier transform, M keeps the mask's samples and W is an
orthonormal Daubechies transform (Uecker et al., Magn. Reson. Med. 71:990-1001, 2014). Solved by
FISTA (Beck and Teboulle, SIAM J. Imaging Sci. 2, 2009) with the step 1: maps of norm 1 bound the
gradient's Lipschitz constant by 1.
"""

from __future__ import annotations

import math
from collections.abc import Iterator
from dataclasses import dataclass, replace

import numpy as np
import torch

from core.params import check, setting
from core.progress import Progress
from core.recon.methods import METHODS
from core.recon.multi_coil import MultiCoilParams, empty_image, is_empty, sense_model
from core.recon.tunable import TUNABLE, Candidate, weight_setting
from core.recon.wavelet_choices import (
    SCHEDULES,
    SHIFTS,
    schedule_setting,
    shifts_setting,
    wavelet_setting,
)
from core.types import Undersampled
from core.wavelets import WaveletTransform, proximal

MOST_ITERATIONS = 200
"""Length of a tuning run that does not end earlier."""

READ_EVERY = 10
"""Iterations between two readings of a tuning run."""


@dataclass(frozen=True)
class L1EspiritParams(MultiCoilParams):
    r"""Settings of L1-ESPIRiT.

    Attributes
    ----------
    reg_weight
        :math:`\lambda`, relative to the data: the 0.995 quantile of the zero-filled image is 1.
    n_iterations
        FISTA iterations.
    wavelet
        ``db4`` (eight taps) or ``db2`` (four), in PyWavelets' naming.
    schedule
        Whether the weight falls to its value over the first iterations.
    shifts
        Whether the wavelet grid moves from one iteration to the next.
    seed
        Seed of the random shifts.
    """

    reg_weight: float = weight_setting(2e-3)
    n_iterations: int = setting(60, "Iterations", low=1, high=1000)
    wavelet: str = wavelet_setting("db4")
    schedule: str = schedule_setting()
    shifts: str = shifts_setting()
    seed: int = setting(0, "Seed of the shifts", low=0)

    def __post_init__(self) -> None:
        check(self)


@METHODS.register("l1-espirit", "L1-ESPIRiT", L1EspiritParams)
def l1_espirit(
    undersampled: Undersampled, params: L1EspiritParams, progress: Progress
) -> torch.Tensor:
    """The L1-ESPIRiT image. complex64, shape `(y, x)`.

    Raises
    ------
    ValueError
        If there is one coil only, or the fully sampled centre is too small.
    Cancelled
        Through ``progress``, which is called at every iteration.
    """
    progress(0.0, "L1-ESPIRiT")
    if is_empty(undersampled):
        return empty_image(undersampled)
    *_, image = _reported(undersampled, params, progress)
    return image


@TUNABLE.register("l1-espirit", "L1-ESPIRiT")
def candidates(
    undersampled: Undersampled, params: L1EspiritParams, progress: Progress
) -> Iterator[Candidate]:
    """An image every :data:`READ_EVERY` iterations, up to :data:`MOST_ITERATIONS`."""
    longest = replace(params, n_iterations=MOST_ITERATIONS)
    for i, image in enumerate(_reported(undersampled, longest, progress), start=1):
        if i % READ_EVERY == 0:
            yield Candidate(replace(params, n_iterations=i), image.abs().cpu())


def _reported(
    undersampled: Undersampled, params: L1EspiritParams, progress: Progress
) -> Iterator[torch.Tensor]:
    n = params.n_iterations
    for i, image in enumerate(iterates(undersampled, params), start=1):
        progress(i / n, f"L1-ESPIRiT, iteration {i} of {n}")
        yield image


def iterates(undersampled: Undersampled, params: L1EspiritParams) -> Iterator[torch.Tensor]:
    """Complex image after each iteration, shape `(y, x)`.

    Raises
    ------
    ValueError
        If there is one coil only, or the fully sampled centre is too small.
    """
    model = sense_model(undersampled)
    transform = WaveletTransform(undersampled.scan.slice_shape, params.wavelet)
    least, draw = SCHEDULES[params.schedule].item, SHIFTS[params.shifts].item
    generator = np.random.default_rng(params.seed)
    image = torch.zeros_like(model.right_side)
    leading, momentum = image, 1.0
    for i in range(params.n_iterations):
        stepped = leading - model.normal(leading).sub_(model.right_side)
        weight = max(params.reg_weight, least(i))
        previous, last_momentum = image, momentum
        image = proximal(stepped, weight, transform, draw(generator, transform.shape))
        momentum = (1 + math.sqrt(1 + 4 * last_momentum**2)) / 2
        leading = torch.lerp(image, previous, -(last_momentum - 1) / momentum)
        yield image
