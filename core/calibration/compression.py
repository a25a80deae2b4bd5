r"""Coil compression: few virtual coils that hold nearly all signal.

Two-dimensional data are compressed by the leading left singular vectors of the coils' samples.
Where the readout of three-dimensional data is fully sampled, geometric-decomposition compression
does so at each position along it, which needs fewer virtual coils, and aligns neighbouring
positions, so that the virtual coils stay smooth along the readout.

References
----------
F. Huang et al., A software channel compression technique for faster reconstruction with many
channels, Magn. Reson. Imaging 26:133-141, 2008.
T. Zhang, J. M. Pauly, S. S. Vasanawala and M. Lustig, Coil compression for accelerated imaging with
Cartesian sampling, MRM 69:571-582, 2013.
"""

from __future__ import annotations

from collections.abc import Iterable
from itertools import pairwise

import torch

from core.coils import mix

DEFAULT_VIRTUAL_COILS = 8


def svd_compression(kspace: torch.Tensor, n_virtual: int = DEFAULT_VIRTUAL_COILS) -> torch.Tensor:
    """Matrix to the virtual coils with most signal, strongest first.

    Parameters
    ----------
    kspace
        Any samples of the coils, complex, shape `(*other, coil, y, x)`: the fully sampled centre,
        or all of k-space with zeros where it was not sampled.
    n_virtual
        Number of virtual coils, at most that of the coils.

    Returns
    -------
    torch.Tensor
        complex64, shape `(*other, n_virtual, coil)`, rows orthonormal; one matrix for each of the
        leading axes. Take them together for one matrix.

    Raises
    ------
    ValueError
        If there are fewer coils than virtual ones, or k-space is not finite or zero.
    """
    covariance = _coil_covariance(kspace, n_virtual)
    vectors = torch.linalg.eigh(covariance).eigenvectors[..., -n_virtual:].flip(-1)
    # An eigenvector's phase is arbitrary: let its largest weight be positive on every machine.
    largest = vectors.gather(-2, vectors.abs().argmax(dim=-2, keepdim=True))
    return (vectors * torch.sgn(largest.conj())).mH.to(torch.complex64)


def geometric_compression(
    hybrid: torch.Tensor, n_virtual: int = DEFAULT_VIRTUAL_COILS
) -> torch.Tensor:
    r"""Aligned matrices along a fully sampled readout.

    From the middle outwards each position's matrix :math:`A` is turned to its neighbour's
    :math:`B` by the unitary :math:`P` that minimises :math:`\|P A - B\|_F`.

    Parameters
    ----------
    hybrid
        Complex, shape `(position, coil, y, x)`: inverse Fourier transform taken along the readout,
        whose positions are the first axis; k-space along y and x.
    n_virtual
        Number of virtual coils, at most that of the coils.

    Returns
    -------
    torch.Tensor
        complex64, shape `(position, n_virtual, coil)`, rows orthonormal.

    Raises
    ------
    ValueError
        If there are other axes, fewer coils than virtual ones, or values are not finite or all
        zero.
    """
    if hybrid.ndim != 4:
        raise ValueError(
            f"hybrid must have axes (position, coil, y, x), got shape {tuple(hybrid.shape)}"
        )
    return aligned_compression(hybrid, n_virtual)


def aligned_compression(
    positions: Iterable[torch.Tensor], n_virtual: int = DEFAULT_VIRTUAL_COILS
) -> torch.Tensor:
    """:func:`geometric_compression` of positions that come one by one, and are not kept.

    Parameters
    ----------
    positions
        K-space of each, complex, shape `(coil, y, x)`. An empty one takes the first other's coils.
    n_virtual
        Number of virtual coils, at most that of the coils.

    Returns
    -------
    torch.Tensor
        complex64, shape `(position, n_virtual, coil)`, rows orthonormal.

    Raises
    ------
    ValueError
        If there are fewer coils than virtual ones, or values are not finite or all zero.
    """
    found = [svd_compression(k, n_virtual) if k.any() else None for k in positions]
    known = [matrix for matrix in found if matrix is not None]
    if not known:
        raise ValueError("k-space must be finite and not all zero, its energy is 0.0")
    matrices = torch.stack([known[0] if matrix is None else matrix for matrix in found])
    middle = len(matrices) // 2
    for order in (range(middle, len(matrices)), range(middle, -1, -1)):
        for before, after in pairwise(order):
            matrices[after] = _turned(matrices[after], matrices[before])
    return matrices


def compress(kspace: torch.Tensor, matrix: torch.Tensor) -> torch.Tensor:
    """Virtual coils.

    Parameters
    ----------
    kspace
        Complex, shape `(*other, coil, y, x)`.
    matrix
        Shape `(virtual, coil)`, or with leading axes that broadcast with ``other``, such as those
        of :func:`geometric_compression`.

    Returns
    -------
    torch.Tensor
        Shape `(*other, virtual, y, x)`.

    Raises
    ------
    ValueError
        If the matrix is for another number of coils.
    """
    return mix(kspace, matrix)


def _coil_covariance(kspace: torch.Tensor, n_virtual: int) -> torch.Tensor:
    """Sum over the samples; complex128, shape `(*other, coil, coil)`."""
    n_coils = kspace.shape[-3]
    if not 1 <= n_virtual <= n_coils:
        raise ValueError(f"n_virtual must be from 1 to the number of coils, {n_coils}, "
                         f"got {n_virtual}")  # fmt: skip
    samples = kspace.flatten(-2)
    covariance = (samples @ samples.mH).to(torch.complex128)
    energy = float(covariance.diagonal(dim1=-2, dim2=-1).real.sum())
    if not 0 < energy < float("inf"):
        raise ValueError(f"k-space must be finite and not all zero, its energy is {energy}")
    return covariance


def _turned(matrix: torch.Tensor, neighbour: torch.Tensor) -> torch.Tensor:
    left, _, right = torch.linalg.svd(neighbour @ matrix.mH)
    return left @ right @ matrix
