r"""Noise prewhitening: coils of independent noise of variance 1.

Least squares over coils is the best estimate only then. With the noise covariance
:math:`\Psi = L L^H` the whitened coils are :math:`L^{-1} x`.

References
----------
K. P. Pruessmann et al., Advances in sensitivity encoding with arbitrary k-space trajectories,
MRM 46:638-651, 2001.
"""

from __future__ import annotations

import torch

from core.coils import mix


def noise_covariance(noise: torch.Tensor) -> torch.Tensor:
    r"""Covariance :math:`\Psi_{cd} = \mathrm{mean}(n_c \bar n_d)` of a noise scan, of zero mean.

    Parameters
    ----------
    noise
        Samples without signal, complex, shape `(coil, samples)`.

    Returns
    -------
    torch.Tensor
        complex128, shape `(coil, coil)`, hermitian.

    Raises
    ------
    ValueError
        If there are other axes, fewer samples than coils, or values that are not finite.
    """
    if noise.ndim != 2 or not noise.is_complex():
        raise ValueError(
            f"noise must be complex with axes (coil, samples), got {noise.dtype} of shape "
            f"{tuple(noise.shape)}"
        )
    n_coils, n_samples = noise.shape
    if n_samples < n_coils:
        raise ValueError(f"noise must have at least as many samples as coils, {n_coils}, "
                         f"got {n_samples}")  # fmt: skip
    samples = noise.to(torch.complex128)
    covariance = samples @ samples.mH / n_samples
    if not torch.view_as_real(covariance).isfinite().all():
        raise ValueError("noise must be finite, got NaN or infinity")
    return covariance


def whitening_matrix(covariance: torch.Tensor) -> torch.Tensor:
    r"""Matrix :math:`L^{-1}` that makes a noise covariance the unit matrix.

    Lower triangular: the first coil is only scaled.

    Parameters
    ----------
    covariance
        Hermitian, shape `(coil, coil)`, from :func:`noise_covariance`.

    Returns
    -------
    torch.Tensor
        complex64, shape `(coil, coil)`, for :func:`whiten`.

    Raises
    ------
    ValueError
        If the covariance is not positive definite, as with a coil that is dead or counted twice.
    """
    factor, failed = torch.linalg.cholesky_ex(covariance.to(torch.complex128))
    diagonal = factor.diagonal().real
    if int(failed) or not diagonal.min() > 1e-6 * diagonal.max():
        raise ValueError(
            f"noise covariance must be positive definite, coil {_weakest(failed, diagonal)} has no "
            f"noise of its own"
        )
    unit = torch.eye(len(factor), dtype=factor.dtype, device=factor.device)
    inverse = torch.linalg.solve_triangular(factor, unit, upper=False)
    return inverse.to(torch.complex64)


def _weakest(failed: torch.Tensor, diagonal: torch.Tensor) -> int:
    return int(failed) - 1 if int(failed) else int(diagonal.argmin())


def whiten(kspace: torch.Tensor, matrix: torch.Tensor) -> torch.Tensor:
    """Coils of independent noise of variance 1 (real and imaginary part 1/2 each).

    Parameters
    ----------
    kspace
        Complex, shape `(*other, coil, y, x)`.
    matrix
        From :func:`whitening_matrix`, shape `(coil, coil)`.

    Returns
    -------
    torch.Tensor
        As ``kspace``.

    Raises
    ------
    ValueError
        If the matrix is for another number of coils.
    """
    return mix(kspace, matrix)
