r"""Whether every linear operator of the reconstructions has the adjoint that it is used with.

.. math:: \langle A x, y \rangle = \langle x, A^H y \rangle

for random x and y, on images of an odd and an even side. What takes :math:`A` for the inverse of
the wrong thing, shifts by a pixel or forgets a conjugate shows here, on this very processor.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from typing import TYPE_CHECKING, NamedTuple

from core.doctor.check import Finding, failed
from core.progress import Progress

if TYPE_CHECKING:
    import torch

TOLERANCE = 1e-6
r"""Of :math:`|\langle Ax, y\rangle - \langle x, A^H y\rangle| / (\|Ax\| \|y\|)`: about eight
roundings of single precision. The products are summed in double precision, so that the operators'
own rounding alone counts, some 1e-8; a wrong scale of one per cent is 1e-2."""

SHAPE = (64, 63)
"""Of the images (y, x)."""

_COILS = 4


class Pair(NamedTuple):
    """An operator, what is used as its adjoint, and the shapes of what each takes."""

    name: str
    forward: Callable[[torch.Tensor], torch.Tensor]
    adjoint: Callable[[torch.Tensor], torch.Tensor]
    takes: tuple[int, ...]
    gives: tuple[int, ...]


def adjoints(progress: Progress) -> Finding:
    """All operators, and the largest error."""
    errors = {}
    for pair in pairs():
        progress(0.0, pair.name)
        errors[pair.name] = error_of(pair)
    wrong = {name: error for name, error in errors.items() if not error < TOLERANCE}
    if wrong:
        return failed("not adjoint: " + ", ".join(f"{n} (error {e:.1e})" for n, e in wrong.items()))
    worst = max(errors, key=lambda name: errors[name])
    return Finding(f"{len(errors)} operators, largest relative error {errors[worst]:.0e} ({worst})")


def error_of(pair: Pair) -> float:
    """The relative error of one pair; not a number where it gives none."""
    import torch

    generator = torch.Generator().manual_seed(0)
    x = torch.randn(pair.takes, dtype=torch.complex64, generator=generator)
    found = pair.forward(x)
    if tuple(found.shape) != pair.gives:
        raise ValueError(f"{pair.name} must give {pair.gives}, got {tuple(found.shape)}")
    y = torch.randn(pair.gives, dtype=torch.complex64, generator=generator)
    # With a share of the result, lest both products vanish together.
    y = y / y.norm() + found / found.norm()
    back = pair.adjoint(y)
    difference = abs(_product(found, y) - _product(x, back))
    return float(difference / (found.norm() * y.norm()))


def _product(first: torch.Tensor, second: torch.Tensor) -> torch.Tensor:
    import torch

    first, second = (each.to(torch.complex128).ravel() for each in (first, second))
    return torch.vdot(first, second)


def pairs() -> Iterator[Pair]:
    """Every operator of the reconstructions."""
    import torch

    generator = torch.Generator().manual_seed(1)
    mask = torch.rand(SHAPE, generator=generator) < 0.3
    yield from _transforms(mask)
    yield from _of_coils(mask, generator)
    yield from _sparsity()
    yield from _of_networks(mask)
    yield from _of_series(generator)


def _transforms(mask: torch.Tensor) -> Iterator[Pair]:
    from core import fourier

    corner = fourier.to_corner(mask)
    yield Pair("Fourier transform", fourier.fft2c, fourier.ifft2c, SHAPE, SHAPE)
    yield Pair(
        "Fourier transform along one axis",
        lambda x: fourier.fft1c(x, -1),
        lambda y: fourier.ifft1c(y, -1),
        SHAPE,
        SHAPE,
    )
    yield Pair(
        "sampling",
        lambda x: mask * fourier.fft2c(x),
        lambda y: fourier.ifft2c(mask * y),
        SHAPE,
        SHAPE,
    )

    def keep(x: torch.Tensor) -> torch.Tensor:
        return fourier.keep_sampled(x, corner)

    yield Pair("projection on the samples", keep, keep, SHAPE, SHAPE)


def _of_coils(mask: torch.Tensor, generator: torch.Generator) -> Iterator[Pair]:
    import torch

    from core import coils
    from core.calibration import apply_adjoint, apply_kernel, image_kernel
    from core.fourier import to_corner
    from core.recon.multi_coil import SenseModel

    def random(*shape: int) -> torch.Tensor:
        return torch.randn(shape, dtype=torch.complex64, generator=generator)

    many = (_COILS, *SHAPE)
    maps, matrix = random(*many), random(_COILS - 1, _COILS)
    yield Pair(
        "coil expansion",
        lambda x: coils.expand(x, maps),
        lambda y: coils.combine(y, maps),
        SHAPE,
        many,
    )
    yield Pair(
        "coil compression",
        lambda x: coils.mix(x, matrix),
        lambda y: coils.mix(y, matrix.mH),
        many,
        (_COILS - 1, *SHAPE),
    )
    sense = SenseModel(maps, to_corner(mask).float(), random(*SHAPE))
    yield Pair("SENSE", sense.normal, sense.normal, SHAPE, SHAPE)
    kernel = image_kernel(random(_COILS, _COILS, 5, 5), SHAPE)
    yield Pair(
        "SPIRiT kernel",
        lambda x: apply_kernel(kernel, x),
        lambda y: apply_adjoint(kernel, y),
        many,
        many,
    )


def _sparsity() -> Iterator[Pair]:
    from core.recon import tv
    from core.wavelets import WaveletTransform

    wavelets = WaveletTransform(SHAPE)
    yield Pair("wavelets", wavelets.forward, wavelets.adjoint, SHAPE, wavelets.coefficient_shape)
    yield Pair("differences", tv.differences, tv.differences_adjoint, SHAPE, (2, *SHAPE))


def _of_networks(mask: torch.Tensor) -> Iterator[Pair]:
    """Data consistency is linear where nothing was measured but zeros."""
    import torch

    from core.fourier import to_corner
    from core.networks.consistency import data_consistency

    corner = to_corner(mask)

    def consistent(x: torch.Tensor) -> torch.Tensor:
        return data_consistency(x, torch.zeros_like(x), corner, 0.7)

    yield Pair("data consistency", consistent, consistent, SHAPE, SHAPE)


def _of_series(generator: torch.Generator) -> Iterator[Pair]:
    import torch

    from core.fingerprinting.subspace import Subspace, deal_lines

    n_readouts, rank, n_lines = 12, 3, SHAPE[1]
    basis, _ = torch.linalg.qr(torch.randn(n_readouts, rank, generator=generator))
    subspace = Subspace(basis, deal_lines(n_readouts, n_lines, 4.0, generator))
    yield Pair(
        "subspace of a series",
        subspace.forward,
        subspace.adjoint,
        (rank, *SHAPE),
        (n_readouts, *SHAPE),
    )
