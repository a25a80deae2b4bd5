r"""Compressed sensing: L1-regularised wavelets, on sigpy's operators and algorithms.

.. math:: \min_x \tfrac12 \|M F x - y_u\|_2^2 + \lambda \|W x\|_1

M keeps the mask's samples, F is the Fourier transform and W an orthonormal Daubechies transform
(Lustig, Donoho and Pauly, Magn. Reson. Med. 58, 2007). Each coil is solved on its own by FISTA
(Beck and Teboulle, SIAM J. Imaging Sci. 2, 2009); :mod:`core.combination` combines them.

Wavelets are named as in PyWavelets and sigpy, by vanishing moments: ``db4`` has eight taps. Wavelab
and Sparse MRI count taps: their 'Daubechies 4' is ``db2`` here.
"""

from __future__ import annotations

import itertools
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, replace
from typing import Any, Self

import numpy as np
import torch
from numpy.typing import NDArray

from core.combination import combined
from core.fourier import ifft2c, keep_sampled, to_corner
from core.params import check, setting
from core.progress import Progress
from core.recon import image_values
from core.recon.methods import METHODS
from core.recon.presets import PresetParams
from core.recon.tunable import TUNABLE, Candidate, weight_setting
from core.recon.wavelet_choices import (
    CONSTRAINTS,
    SCHEDULES,
    SHIFTS,
    schedule_setting,
    shifts_setting,
    wavelet_setting,
)
from core.types import Undersampled

MOST_ITERATIONS = 400
"""Length of a tuning run that does not end earlier."""

READ_EVERY = 10
"""Iterations between two readings of a tuning run."""


@dataclass(frozen=True)
class WaveletParams(image_values.AssumesValues, PresetParams):
    r"""Settings of L1-wavelet compressed sensing.

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
    image_values
        ``complex``, or ``real`` for a scan simulated from magnitude.
    seed
        Seed of the random shifts.
    """

    reg_weight: float = weight_setting(5e-5)
    n_iterations: int = setting(200, "Iterations", low=1, high=1000)
    wavelet: str = wavelet_setting("db4")
    schedule: str = schedule_setting()
    shifts: str = shifts_setting()
    image_values: str = image_values.values_setting()
    seed: int = setting(0, "Seed of the shifts", low=0)

    def __post_init__(self) -> None:
        check(self)

    @classmethod
    def presets(cls) -> Mapping[str, Self]:
        """The defaults and :data:`PRESETS`."""
        return {"default": cls(), **PRESETS}  # type: ignore[dict-item]  # no subclass

    @property
    def label(self) -> str:
        """The preset's name, where these are a preset's settings."""
        return f"Compressed sensing, {self.preset}" if self.preset in PRESETS else ""


PRESETS: dict[str, WaveletParams] = {
    "paper-t1": WaveletParams(reg_weight=1e-3, n_iterations=80, schedule="constant", shifts="none"),
    "paper-t2": WaveletParams(
        reg_weight=1e-3, n_iterations=120, schedule="constant", shifts="none"
    ),
}
"""Named settings; the paper's are those of Dar et al. for T1 and T2 weighting."""


@METHODS.register("cs", "Compressed sensing (L1-wavelet)", WaveletParams)
def wavelet(undersampled: Undersampled, params: WaveletParams, progress: Progress) -> torch.Tensor:
    """Coil images sparse in wavelets. complex64, shape `(coil, y, x)`.

    Raises
    ------
    ValueError
        If ``image_values`` is ``real`` and the scan was measured.
    Cancelled
        Through ``progress``, which is called at every iteration.
    """
    progress(0.0, "L1-wavelet")
    coil_images = torch.from_numpy(undersampled.kspace.numpy())
    for i, iterate in enumerate(iterates(undersampled, params), start=1):
        progress(i / params.n_iterations, f"L1-wavelet, iteration {i} of {params.n_iterations}")
        coil_images = torch.from_numpy(iterate)
    return coil_images


@TUNABLE.register("cs", "Compressed sensing (L1-wavelet)")
def candidates(
    undersampled: Undersampled, params: WaveletParams, progress: Progress
) -> Iterator[Candidate]:
    """An image every :data:`READ_EVERY` iterations, up to :data:`MOST_ITERATIONS`."""
    longest = replace(params, n_iterations=MOST_ITERATIONS)
    for i, iterate in enumerate(iterates(undersampled, longest), start=1):
        progress(i / MOST_ITERATIONS, f"L1-wavelet, iteration {i}")
        if i % READ_EVERY == 0:
            magnitude = combined(undersampled, torch.from_numpy(iterate))
            yield Candidate(replace(params, n_iterations=i), magnitude)


def iterates(undersampled: Undersampled, params: WaveletParams) -> Iterator[NDArray[np.complex64]]:
    """Coil images after each iteration, all coils in step. Each of shape `(coil, y, x)`.

    Raises
    ------
    ValueError
        If ``image_values`` is ``real`` and the scan was measured.
    """
    image_values.check_scan(params.image_values, undersampled.scan)
    kspace = undersampled.kspace.numpy().astype(np.complex64)
    proximal = _Proximal(params, undersampled.scan.slice_shape)
    solvers = [_solver(coil, undersampled.mask.samples, proximal, params) for coil in kspace]
    for _ in range(params.n_iterations):
        proximal.move()
        for solver in solvers:
            if not solver.done():
                solver.update()
        yield np.stack([solver.x for solver in solvers])


class _Proximal:
    """Proximal operator of the regularisation, on a wavelet grid that can be moved."""

    def __init__(self, params: WaveletParams, shape: tuple[int, int]) -> None:
        from sigpy import linop

        self._shape = shape
        self._weight, self._least = params.reg_weight, SCHEDULES[params.schedule].item
        self._iterations = itertools.count()
        self._shift = SHIFTS[params.shifts].item
        self._constrain = CONSTRAINTS[params.image_values].item
        self._generator = np.random.default_rng(params.seed)
        self._wavelet = linop.Wavelet(shape, wave_name=params.wavelet)

    def move(self) -> None:
        """Set the weight and the wavelet grid's place for an iteration, the same for all coils."""
        from sigpy import linop

        shift = linop.Circshift(self._shape, self._shift(self._generator, self._shape))
        self._transform = self._wavelet * shift
        self._threshold = max(self._weight, self._least(next(self._iterations)))

    def __call__(self, step: float, image: NDArray[np.complex64]) -> NDArray[np.complex64]:
        # Thresholding keeps a real image real, so projecting first is exact for both together.
        coefficients = _shortened(self._transform(self._constrain(image)), step * self._threshold)
        result: NDArray[np.complex64] = self._transform.H(coefficients)
        return result


def _shortened(values: NDArray[np.complex64], threshold: float) -> NDArray[np.complex64]:
    """Soft thresholding. sigpy's is compiled by numba, which the installers leave out."""
    length = np.abs(values)
    # The smallest normal number keeps 0 / 0 away where nothing is to be shortened.
    np.maximum(length, max(threshold, np.finfo(length.dtype).tiny), out=length)
    return values * (1 - threshold / length)


def _solver(
    kspace: NDArray[np.complex64],
    samples: NDArray[np.bool_],
    proximal: _Proximal,
    params: WaveletParams,
) -> Any:  # noqa: ANN401 - sigpy is untyped
    """FISTA from zero for one coil. The step is 1: the norm of M F is at most 1."""
    from sigpy import alg

    corner_mask = to_corner(torch.from_numpy(samples))
    zero_filled = ifft2c(torch.from_numpy(kspace * samples)).numpy()

    def gradient(image: NDArray[np.complex64]) -> NDArray[np.complex64]:
        return keep_sampled(torch.from_numpy(image), corner_mask).numpy() - zero_filled

    return alg.GradientMethod(
        gradient,
        np.zeros(kspace.shape, np.complex64),
        1,
        proxg=proximal,
        accelerate=True,
        max_iter=params.n_iterations,
    )
