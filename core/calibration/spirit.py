r"""SPIRiT: every k-space sample as a linear combination of its neighbours in all coils.

.. math:: X_o(k) \approx \sum_i \sum_d g_{oi}(d)\, X_i(k + d)

In the image domain the same, taken circularly, is one matrix a pixel (:func:`image_kernel`).

References
----------
M. Lustig and J. M. Pauly, SPIRiT: Iterative self-consistent parallel imaging reconstruction from
arbitrary k-space, MRM 64:457-471, 2010.
"""

from __future__ import annotations

from collections.abc import Sequence

import torch

from core.calibration.region import window_gram


def spirit_kernel(region: torch.Tensor, size: int = 7, reg_weight: float = 1e-2) -> torch.Tensor:
    r"""Learn the kernel from the fully sampled centre by Tikhonov-regularised least squares.

    The weight is relative as in the SPIRiT toolbox of Lustig: :math:`\lambda \|A^H A\|_F / n` with
    :math:`n` unknowns is added to the diagonal of the Gram matrix.

    All coils share one factorisation: with :math:`P = (A^H A + \lambda I)^{-1}` the weights that
    predict column :math:`j` from all others are :math:`-P_{:,j} / P_{jj}`.

    Parameters
    ----------
    region
        Fully sampled centre, complex, shape `(coil, acs_y, acs_x)`.
    size
        Width of the kernel in samples, odd.
    reg_weight
        Relative Tikhonov weight, positive.

    Returns
    -------
    torch.Tensor
        complex64, shape `(coil_out, coil_in, size, size)`; tap `[size // 2, size // 2]` of a coil
        on itself is 0.

    Raises
    ------
    ValueError
        If ``size`` is even or below 3, ``reg_weight`` is not positive, or the region is smaller
        than the kernel, not finite or zero.
    """
    if size < 3 or size % 2 == 0:
        raise ValueError(f"size of the SPIRiT kernel must be odd and at least 3, got {size}")
    if not reg_weight > 0:
        raise ValueError(f"reg_weight of the SPIRiT kernel must be positive, got {reg_weight}")
    gram = window_gram(region, size)
    n_coils, n_taps = region.shape[0], size**2
    weight = reg_weight * torch.linalg.matrix_norm(gram) / gram.shape[0]
    factor = torch.linalg.cholesky(gram + weight * torch.eye(len(gram)).to(gram))
    centres = torch.arange(n_coils, device=gram.device) * n_taps + n_taps // 2
    columns = torch.cholesky_solve(torch.eye(len(gram)).to(gram)[:, centres], factor)
    own = columns[centres, torch.arange(n_coils, device=gram.device)]
    kernel = -columns / own
    kernel[centres, torch.arange(n_coils, device=gram.device)] = 0
    return kernel.T.reshape(n_coils, n_coils, size, size).to(torch.complex64)


def image_kernel(kernel: torch.Tensor, shape: Sequence[int]) -> torch.Tensor:
    r"""The kernel as one matrix a pixel, :math:`G_{oi}(r) = \sum_d g_{oi}(d) e^{-2\pi i d r / N}`.

    :func:`apply_kernel` with it is exactly the circular convolution in k-space. Evaluated by two
    matrix products, without Fourier transforms of zero-filled kernels.

    A slice of 8 coils and 256 x 256 takes 34 MB, one of 16 coils 134 MB.

    Parameters
    ----------
    kernel
        Complex, shape `(coil_out, coil_in, size, size)`, size odd.
    shape
        Size (y, x) of the image, at least that of the kernel.

    Returns
    -------
    torch.Tensor
        As ``kernel``, shape `(coil_out, coil_in, y, x)`.
    """
    along_y, along_x = (phases(kernel.shape[-1], int(n)).to(kernel) for n in shape)
    return along_y @ (kernel @ along_x.mT)


def phases(size: int, n: int) -> torch.Tensor:
    """Phase of a shift by each tap at each pixel. complex128, shape `(n, size)`."""
    taps = torch.arange(size, dtype=torch.float64) - size // 2
    pixels = torch.arange(n, dtype=torch.float64) - n // 2
    return torch.exp(-2j * torch.pi / n * torch.outer(pixels, taps))


def apply_kernel(image_kernel: torch.Tensor, coil_images: torch.Tensor) -> torch.Tensor:
    """One calibration-consistency projection in the image domain, `G x`.

    Parameters
    ----------
    image_kernel
        Shape `(coil_out, coil_in, y, x)`, from :func:`image_kernel` or :func:`power`.
    coil_images
        Shape `(*other, coil_in, y, x)`.

    Returns
    -------
    torch.Tensor
        Shape `(*other, coil_out, y, x)`.
    """
    result = image_kernel[:, 0] * coil_images[..., :1, :, :]
    for coil in range(1, image_kernel.shape[1]):
        result = torch.addcmul(
            result, image_kernel[:, coil], coil_images[..., coil : coil + 1, :, :]
        )
    return result


def apply_adjoint(image_kernel: torch.Tensor, coil_images: torch.Tensor) -> torch.Tensor:
    """Adjoint of :func:`apply_kernel`, `G^H x`; same shapes with in and out exchanged."""
    return apply_kernel(_hermitian(image_kernel), coil_images)


def _hermitian(image_kernel: torch.Tensor) -> torch.Tensor:
    return image_kernel.transpose(0, 1).conj()


def power(image_kernel: torch.Tensor, n: int) -> torch.Tensor:
    """`G^n`: n consecutive projections as one matrix a pixel, by repeated squaring.

    Parameters
    ----------
    image_kernel
        Shape `(coil, coil, y, x)`.
    n
        At least 1.

    Raises
    ------
    ValueError
        If ``n`` is below 1.
    """
    if n < 1:
        raise ValueError(f"power of a SPIRiT kernel must be at least 1, got {n}")
    matrices = image_kernel.permute(2, 3, 0, 1)
    return torch.linalg.matrix_power(matrices, n).permute(2, 3, 0, 1).contiguous()
