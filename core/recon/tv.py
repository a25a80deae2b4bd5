r"""Total variation, run to convergence.

.. math:: \min_x \tfrac12 \|M F x - y_u\|_2^2 + \lambda \sum_i |(D x)_i|

M keeps the mask's samples, F is the Fourier transform and D takes differences between circular
neighbours along y and x; :math:`|(D x)_i|` is the length of both together at pixel i (isotropic;
Rudin, Osher and Fatemi, Physica D 60, 1992). Each coil counts on its own;
:mod:`core.combination` combines them.

F makes M and :math:`D^H D` diagonal together, so that the alternating direction method of
multipliers (Boyd et al., Found. Trends Mach. Learn. 3, 2011, section 3) solves for x exactly at
every iteration: the splitting of Goldstein and Osher (SIAM J. Imaging Sci. 2, 2009).
"""

from __future__ import annotations

import math
from collections.abc import Callable, Iterator
from dataclasses import dataclass

import torch

from core.combination import combined
from core.fourier import fft2c, ifft2c
from core.params import check, setting
from core.progress import Progress
from core.recon import image_values
from core.recon.methods import METHODS
from core.recon.tunable import TUNABLE, Candidate, weight_setting
from core.registry import Registry
from core.types import Undersampled

RELAXATION = 1.7
"""Over-relaxation; 1.5 to 1.8 is the range that Boyd et al. advise (section 3.4.3)."""

PENALTY_PER_WEIGHT = 20.0
"""First penalty over weight, for images near 1: where the balance below ends on brain slices."""

CHECK_EVERY = 5
"""Iterations between two looks at the residuals."""

BALANCE_UNTIL = 100
"""Iterations in which the penalty may change; it is fixed then, for convergence to be sure."""

DataTerm = tuple[torch.Tensor, torch.Tensor]
"""Weight of every k-space location, and the weighted samples."""

DATA_TERMS: Registry[Callable[[DataTerm], DataTerm]] = Registry("image values")


@DATA_TERMS.register(image_values.COMPLEX, "Complex")
def as_sampled(data: DataTerm) -> DataTerm:
    """The samples as they are: what holds for every scan."""
    return data


@DATA_TERMS.register(image_values.REAL, "Real (simulated scans only)")
def mirrored(data: DataTerm) -> DataTerm:
    """Half of every sample moved to its mirror image, conjugate.

    For real images the data term keeps its value up to a constant, and the minimum over complex
    images of what results is real.
    """
    weights, samples = data
    return (weights + _mirror(weights)) / 2, (samples + _mirror(samples).conj()) / 2


def _mirror(kspace: torch.Tensor) -> torch.Tensor:
    """Value at -k for every k; the origin is at index ``n // 2``."""
    flipped = torch.flip(kspace, (-2, -1))
    shifts = [1 - n % 2 for n in kspace.shape[-2:]]
    return torch.roll(flipped, shifts, (-2, -1))


@dataclass(frozen=True)
class TotalVariationParams(image_values.AssumesValues):
    r"""Settings of total variation.

    Attributes
    ----------
    reg_weight
        :math:`\lambda`, relative to the data: the 0.995 quantile of the zero-filled image is 1.
    tolerance
        Iterations end when the primal and the dual residual are below this share of what they are
        residuals of (Boyd et al., section 3.3.1).
    max_iterations
        They end here even so.
    image_values
        ``complex``, or ``real`` for a scan simulated from magnitude.
    """

    reg_weight: float = weight_setting(1e-4)
    tolerance: float = setting(
        3e-4,
        "Tolerance",
        low=1e-6,
        high=0.1,
        logarithmic=True,
        help="Iterations end when both residuals are relatively below it.",
    )
    max_iterations: int = setting(1000, "Largest number of iterations", low=1, high=10000)
    image_values: str = image_values.values_setting()

    def __post_init__(self) -> None:
        check(self)


@dataclass(frozen=True, eq=False)
class Iterate:
    """Where the iterations stand.

    Attributes
    ----------
    coil_images
        complex64, shape `(coil, y, x)`.
    n_iterations
        Iterations so far.
    residual
        The larger of both relative residuals.
    """

    coil_images: torch.Tensor
    n_iterations: int
    residual: float


@METHODS.register("tv", "Total variation", TotalVariationParams)
def total_variation(
    undersampled: Undersampled, params: TotalVariationParams, progress: Progress
) -> torch.Tensor:
    """Coil images of least total variation. complex64, shape `(coil, y, x)`.

    Raises
    ------
    ValueError
        If ``image_values`` is ``real`` and the scan was measured.
    Cancelled
        Through ``progress``, which is called every :data:`CHECK_EVERY` iterations.
    """
    return solve(undersampled, params, progress).coil_images


def solve(undersampled: Undersampled, params: TotalVariationParams, progress: Progress) -> Iterate:
    """The last iterate, with the residual it was left at.

    Raises
    ------
    ValueError
        If ``image_values`` is ``real`` and the scan was measured.
    """
    progress(0.0, "total variation")
    done = 0.0
    last = None
    for last in iterates(undersampled, params):
        # Residuals fall about geometrically: their logarithm tells how far there is to go.
        reached = math.log(max(last.residual, params.tolerance)) / math.log(params.tolerance)
        done = max(done, reached, last.n_iterations / params.max_iterations)
        progress(min(done, 1.0), f"total variation, iteration {last.n_iterations}")
    assert last is not None
    progress(1.0, "total variation")
    return last


@TUNABLE.register("tv", "Total variation")
def candidates(
    undersampled: Undersampled, params: TotalVariationParams, progress: Progress
) -> Iterator[Candidate]:
    """One image: iterations are no setting where they run to convergence."""
    coil_images = total_variation(undersampled, params, progress)
    yield Candidate(params, combined(undersampled, coil_images))


def iterates(undersampled: Undersampled, params: TotalVariationParams) -> Iterator[Iterate]:
    """Where the iterations stand, every :data:`CHECK_EVERY` and at the end.

    Raises
    ------
    ValueError
        If ``image_values`` is ``real`` and the scan was measured.
    """
    image_values.check_scan(params.image_values, undersampled.scan)
    mask = torch.from_numpy(undersampled.mask.samples).to(torch.float32)
    weights, samples = DATA_TERMS[params.image_values].item((mask, undersampled.kspace * mask))
    laplacian = _laplacian(mask.shape[-2], mask.shape[-1])
    penalty = PENALTY_PER_WEIGHT * params.reg_weight
    image = ifft2c(samples)
    split = differences(image)
    dual = torch.zeros_like(split)
    for i in range(1, params.max_iterations + 1):
        denominator = weights + penalty * laplacian
        # Only an unsampled mean of the image is free; it is left at zero.
        denominator[denominator == 0] = 1.0
        right_side = samples + penalty * fft2c(differences_adjoint(split - dual))
        image = ifft2c(right_side / denominator)
        gradient = differences(image)
        previous = split
        pulled = RELAXATION * gradient + (1 - RELAXATION) * split + dual
        split = _shrink(pulled, params.reg_weight / penalty)
        dual = pulled - split
        if i % CHECK_EVERY and i < params.max_iterations:
            continue
        primal, second = _residuals(gradient, split, split - previous, dual)
        residual = max(primal, second)
        yield Iterate(image, i, residual)
        if residual <= params.tolerance:
            return
        if i <= BALANCE_UNTIL:
            factor = min(max(math.sqrt((primal + 1e-12) / (second + 1e-12)), 0.5), 2.0)
            penalty, dual = penalty * factor, dual / factor


def differences(image: torch.Tensor) -> torch.Tensor:
    """Differences to the next pixel along y and x, circular. Shape `(2, *image)`."""
    return torch.stack([torch.roll(image, -1, axis) - image for axis in (-2, -1)])


def differences_adjoint(field: torch.Tensor) -> torch.Tensor:
    """Adjoint of :func:`differences`."""
    along_y, along_x = field
    return torch.roll(along_y, 1, -2) - along_y + torch.roll(along_x, 1, -1) - along_x


def _laplacian(n_y: int, n_x: int) -> torch.Tensor:
    """Eigenvalues of the differences' normal operator in k-space. Shape `(y, x)`."""
    y, x = (
        2 - 2 * torch.cos(2 * torch.pi * (torch.arange(n, dtype=torch.float32) - n // 2) / n)
        for n in (n_y, n_x)
    )
    return y[:, None] + x[None, :]


def _shrink(field: torch.Tensor, threshold: float) -> torch.Tensor:
    """Shorten the vector at each pixel by ``threshold``, to zero at most."""
    length = torch.view_as_real(field).square().sum((0, -1)).sqrt()
    return field * (1 - threshold / length.clamp_min(threshold))


def _residuals(
    gradient: torch.Tensor, split: torch.Tensor, step: torch.Tensor, dual: torch.Tensor
) -> tuple[float, float]:
    """Primal and dual residual, each over the size of what it is a residual of."""
    primal = _norm(gradient - split)
    primal_size = max(_norm(gradient), _norm(split))
    second = _norm(differences_adjoint(step))
    second_size = _norm(differences_adjoint(dual))
    return _ratio(primal, primal_size), _ratio(second, second_size)


def _norm(tensor: torch.Tensor) -> float:
    return float(torch.linalg.vector_norm(tensor))


def _ratio(part: float, whole: float) -> float:
    return part / whole if whole else part
