r"""CG-SENSE: the least-squares image of all coils, by conjugate gradients.

.. math:: \min_x \tfrac12 \|M F S x - y_u\|_2^2 + \tfrac{\lambda}{2} \|x\|_2^2

S weights by the coil maps, F is the Fourier transform and M keeps the mask's samples (Pruessmann et
al., Magn. Reson. Med. 46:638-651, 2001). The maps are ESPIRiT's, of norm 1 at every pixel, so that
x is the sensitivity-weighted combination of the coil images :math:`S x`.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, replace
from itertools import islice

import torch

from core.params import check, setting
from core.progress import Progress
from core.recon.conjugate_gradients import conjugate_gradients
from core.recon.methods import METHODS
from core.recon.multi_coil import MultiCoilParams, empty_image, is_empty, sense_model
from core.recon.tunable import TUNABLE, Candidate
from core.types import Undersampled

MOST_ITERATIONS = 60
"""Length of a tuning run that does not end earlier."""

READ_EVERY = 2
"""Iterations between two readings of a tuning run."""


@dataclass(frozen=True)
class SenseParams(MultiCoilParams):
    r"""Settings of CG-SENSE.

    Attributes
    ----------
    reg_weight
        :math:`\lambda`. Beside maps of norm 1 it has no unit: all data ten times as large give an
        image ten times as large.
    n_iterations
        Iterations of conjugate gradients from zero; few of them regularise too.
    """

    reg_weight: float = setting(
        1e-2,
        "Regularisation weight",
        low=1e-6,
        high=1.0,
        logarithmic=True,
        help="Tikhonov; relative to coil maps of norm 1.",
    )
    n_iterations: int = setting(30, "Iterations", low=1, high=1000)

    def __post_init__(self) -> None:
        check(self)


@METHODS.register("sense", "CG-SENSE", SenseParams)
def sense(undersampled: Undersampled, params: SenseParams, progress: Progress) -> torch.Tensor:
    """The SENSE image. complex64, shape `(y, x)`.

    Raises
    ------
    ValueError
        If there is one coil only, or the fully sampled centre is too small.
    Cancelled
        Through ``progress``, which is called at every iteration.
    """
    progress(0.0, "CG-SENSE")
    if is_empty(undersampled):
        return empty_image(undersampled)
    *_, image = _reported(undersampled, params, progress)
    return image


@TUNABLE.register("sense", "CG-SENSE")
def candidates(
    undersampled: Undersampled, params: SenseParams, progress: Progress
) -> Iterator[Candidate]:
    """An image every :data:`READ_EVERY` iterations, up to :data:`MOST_ITERATIONS`."""
    longest = replace(params, n_iterations=MOST_ITERATIONS)
    for i, image in enumerate(_reported(undersampled, longest, progress), start=1):
        if i % READ_EVERY == 0:
            yield Candidate(replace(params, n_iterations=i), image.abs().cpu())


def _reported(
    undersampled: Undersampled, params: SenseParams, progress: Progress
) -> Iterator[torch.Tensor]:
    n = params.n_iterations
    for i, image in enumerate(iterates(undersampled, params), start=1):
        progress(i / n, f"CG-SENSE, iteration {i} of {n}")
        yield image


def iterates(undersampled: Undersampled, params: SenseParams) -> Iterator[torch.Tensor]:
    """Complex image after each iteration, shape `(y, x)`; later iterations change the tensor.

    Raises
    ------
    ValueError
        If there is one coil only, or the fully sampled centre is too small.
    """
    model = sense_model(undersampled)

    def regularised(image: torch.Tensor) -> torch.Tensor:
        return model.normal(image).add_(image, alpha=params.reg_weight)

    return islice(conjugate_gradients(regularised, model.right_side), params.n_iterations)
