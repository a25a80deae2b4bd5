r"""SPIRiT: coil images that keep the samples and agree with the kernel of their own centre.

.. math:: \min_x \|(G - I) x\|_2^2 + R(x) \quad \text{with} \quad M F x = y_u

G predicts every k-space sample from its neighbours in all coils (Lustig and Pauly, Magn. Reson.
Med. 64:457-471, 2010), F is the Fourier transform and M keeps the mask's samples. R is the L1 norm
of wavelets, joint over the coils, by alternating projections: L1-SPIRiT (Murphy et al., IEEE Trans.
Med. Imag. 31:1250-1262, 2012; Eq. 3 of Dar et al.), or Tikhonov's, by conjugate gradients. The
image is the sensitivity-weighted combination of the coil images.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, replace
from itertools import islice
from typing import Self

import numpy as np
import torch

from core.combination import combined
from core.params import check, setting
from core.progress import Progress
from core.recon.methods import METHODS
from core.recon.multi_coil import MultiCoilParams, empty_image, is_empty, kernel_remarks
from core.recon.presets import PresetParams
from core.recon.spirit_solvers import SOLVERS, Sparsity, spirit_model
from core.recon.tunable import TUNABLE, Candidate, weight_setting
from core.recon.wavelet_choices import SHIFTS, shifts_setting, wavelet_setting
from core.types import Mask, Undersampled
from core.wavelets import WaveletTransform

BY_ACCELERATION = 0
"""As a number of iterations: that of :data:`PAPER_ITERATIONS`."""

PAPER_ITERATIONS = {2: 20, 4: 30, 6: 45, 8: 65, 10: 80}
"""R to the number of projections that Dar et al. found best; in between, on the line between."""

MOST_ITERATIONS = 120
"""Length of a tuning run that does not end earlier."""

READ_EVERY = 5
"""Iterations between two readings of a tuning run."""


@dataclass(frozen=True)
class SpiritParams(MultiCoilParams, PresetParams):
    r"""Settings of SPIRiT.

    Attributes
    ----------
    solver
        ``pocs`` or ``cg``.
    reg_weight
        Threshold of the wavelet coefficients at every projection, relative to the data: the 0.995
        quantile of the zero-filled image is 1. For ``cg`` the Tikhonov weight, which has no unit.
    n_iterations
        :data:`BY_ACCELERATION`, or a number.
    wavelet
        ``db4`` (eight taps) or ``db2`` (four), in PyWavelets' naming.
    shifts
        Whether the wavelet grid moves from one iteration to the next.
    seed
        Seed of the random shifts.
    """

    solver: str = setting("pocs", "Solver", choices=SOLVERS.names(), choice_labels=SOLVERS.labels())
    reg_weight: float = weight_setting(4e-3)
    n_iterations: int = setting(
        BY_ACCELERATION,
        "Iterations",
        low=BY_ACCELERATION,
        high=1000,
        help="0: by the acceleration, from 20 at R = 2 to 80 at R = 10.",
    )
    wavelet: str = wavelet_setting("db2")
    shifts: str = shifts_setting()
    seed: int = setting(0, "Seed of the shifts", low=0)

    def __post_init__(self) -> None:
        check(self)

    @classmethod
    def presets(cls) -> Mapping[str, Self]:
        """The defaults and :data:`PRESETS`."""
        return {"default": cls(), **PRESETS}  # type: ignore[dict-item]  # no subclass

    def remarks(self, undersampled: Undersampled) -> tuple[str, ...]:
        """That there is little to learn the kernel from."""
        return kernel_remarks(undersampled.mask, undersampled.scan.n_coils)

    @property
    def label(self) -> str:
        """The preset's name, where these are a preset's settings."""
        return f"SPIRiT, {self.preset}" if self.preset in PRESETS else ""


PRESETS: dict[str, SpiritParams] = {
    "paper": SpiritParams(reg_weight=1e-3, wavelet="db2", shifts="none"),
    "cg": SpiritParams(solver="cg", reg_weight=1e-2, n_iterations=30),
}
"""Named settings; ``paper`` are those of Dar et al. in Lustig's SPIRiT toolbox, whose 'Daubechies
4' counts taps."""


@METHODS.register("spirit", "L1-SPIRiT", SpiritParams)
def spirit(undersampled: Undersampled, params: SpiritParams, progress: Progress) -> torch.Tensor:
    """Coil images that agree with the kernel. complex64, shape `(coil, y, x)`.

    Raises
    ------
    ValueError
        If there is one coil only, or the fully sampled centre is too small.
    Cancelled
        Through ``progress``, which is called at every iteration.
    """
    progress(0.0, "SPIRiT")
    if is_empty(undersampled):
        return empty_image(undersampled)
    *_, coil_images = _reported(undersampled, params, progress)
    return coil_images


@TUNABLE.register("spirit", "L1-SPIRiT")
def candidates(
    undersampled: Undersampled, params: SpiritParams, progress: Progress
) -> Iterator[Candidate]:
    """An image every :data:`READ_EVERY` iterations, up to :data:`MOST_ITERATIONS`."""
    longest = replace(params, n_iterations=MOST_ITERATIONS)
    for i, coil_images in enumerate(_reported(undersampled, longest, progress), start=1):
        if i % READ_EVERY == 0:
            magnitude = combined(undersampled, coil_images).cpu()
            yield Candidate(replace(params, n_iterations=i), magnitude)


def _reported(
    undersampled: Undersampled, params: SpiritParams, progress: Progress
) -> Iterator[torch.Tensor]:
    n = iterations(params, undersampled.mask)
    for i, coil_images in enumerate(iterates(undersampled, params), start=1):
        progress(i / n, f"SPIRiT, iteration {i} of {n}")
        yield coil_images


def iterates(undersampled: Undersampled, params: SpiritParams) -> Iterator[torch.Tensor]:
    """Coil images after each iteration, shape `(coil, y, x)`; all agree with the samples.

    Raises
    ------
    ValueError
        If there is one coil only, or the fully sampled centre is too small.
    """
    sparsity = Sparsity(
        params.reg_weight,
        WaveletTransform(undersampled.scan.slice_shape, params.wavelet),
        SHIFTS[params.shifts].item,
        np.random.default_rng(params.seed),
    )
    run = SOLVERS[params.solver].item(spirit_model(undersampled), sparsity)
    return islice(run, iterations(params, undersampled.mask))


def iterations(params: SpiritParams, mask: Mask) -> int:
    """How many iterations these settings mean for a mask, by the acceleration it was made for."""
    if params.n_iterations != BY_ACCELERATION:
        return params.n_iterations
    rates, counts = list(PAPER_ITERATIONS), list(PAPER_ITERATIONS.values())
    return round(float(np.interp(mask.acceleration, rates, counts)))
