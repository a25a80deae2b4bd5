r"""ESPIRiT: coil sensitivity maps from the fully sampled centre of k-space.

Windows of calibration data span a small subspace. Projecting every window of k-space onto it and
averaging over the windows that hold a sample is a convolution, in the image domain one hermitian
matrix a pixel with eigenvalues in [0, 1]. The sensitivities are its eigenvector of eigenvalue 1.

References
----------
M. Uecker et al., ESPIRiT - an eigenvalue approach to autocalibrating parallel MRI: where SENSE
meets GRAPPA, MRM 71:990-1001, 2014.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import torch

from core.calibration.compression import svd_compression
from core.calibration.grid import band_height, phases
from core.calibration.leading import leading_eigenvectors
from core.calibration.region import central, window_gram
from core.params import check, setting


@dataclass(frozen=True)
class EspiritParams:
    """Settings of ESPIRiT; the defaults are those of sigpy except for ``crop``.

    Attributes
    ----------
    kernel_size
        Width of the windows in samples.
    threshold
        Singular values of the calibration matrix above this share of the largest span the signal.
    largest_region
        The region is cut to at most this many samples along y and x.
    crop
        Maps are 0 where the eigenvalue is not above this; 0 keeps them everywhere.
    """

    kernel_size: int = setting(6, "Kernel", low=2, high=15, unit="samples")
    threshold: float = setting(0.02, "Singular values above", low=1e-4, high=0.5)
    largest_region: int = setting(24, "Calibration region", low=8, high=128, unit="samples")
    crop: float = setting(0.0, "Maps where the eigenvalue is above", low=0.0, high=1.0)

    def __post_init__(self) -> None:
        check(self)


@dataclass(frozen=True, eq=False)
class EspiritMaps:
    """Sensitivity maps and how well each pixel's is determined.

    Attributes
    ----------
    sens_maps
        complex64, shape `(coil, y, x)`, of norm 1 over the coils at every pixel that is not
        cropped. The coil combination that carries most of the calibration signal (the first
        virtual coil) has phase 0, so that the maps are as smooth as the coils.
    eigenvalues
        float32, shape `(y, x)`, from 0 to 1: near 1 inside the object.
    """

    sens_maps: torch.Tensor
    eigenvalues: torch.Tensor


_DEFAULTS = EspiritParams()


@torch.no_grad()
def espirit_maps(
    region: torch.Tensor, shape: Sequence[int], params: EspiritParams = _DEFAULTS
) -> EspiritMaps:
    """Estimate the sensitivity maps.

    Rows of the image are worked on in bands, so that beside the maps a slice needs memory for the
    Gram matrix of the windows and one band only: less than 30 MB for 16 coils. No gradient is kept.

    Parameters
    ----------
    region
        Fully sampled centre, complex, shape `(coil, acs_y, acs_x)`.
    shape
        Size (y, x) of the maps.
    params
        Settings.

    Raises
    ------
    ValueError
        If the region is smaller than the kernel, not finite or zero.
    """
    used = central(region, params.largest_region)
    kernels = _covariance_kernels(used, params)
    maps, eigenvalues = _maps_by_band(kernels, shape)
    to_first_virtual_coil = svd_compression(used, 1)[0]
    maps *= _phase_to_remove(to_first_virtual_coil, maps) * (eigenvalues > params.crop)
    return EspiritMaps(maps, eigenvalues)


def _covariance_kernels(region: torch.Tensor, params: EspiritParams) -> torch.Tensor:
    """Convolution that projects all windows and averages. `(coil, coil, 2 size - 1, 2 size - 1)`.

    A tap is the sum of the projection onto the subspace over all pairs of window positions that
    are the tap's distance apart.
    """
    size, n_coils = params.kernel_size, region.shape[0]
    # Windows are columns of the transpose, hence the conjugate. Single precision suffices: only
    # the large eigenvalues are wanted.
    gram = window_gram(region, size).conj().to(torch.complex64)
    values, vectors = torch.linalg.eigh(gram)
    signal = vectors[:, values > params.threshold**2 * values[-1]]
    projection = (signal @ signal.mH).reshape(n_coils, size, size, n_coils, size, size)
    taps = projection.new_zeros(n_coils, n_coils, 2 * size - 1, 2 * size - 1)
    for y in range(size):
        for x in range(size):
            along_y, along_x = (slice(size - 1 - at, 2 * size - 1 - at) for at in (y, x))
            taps[:, :, along_y, along_x] += projection[:, y, x]
    return taps / size**2


def _maps_by_band(kernels: torch.Tensor, shape: Sequence[int]) -> tuple[torch.Tensor, torch.Tensor]:
    """Leading eigenvector and eigenvalue of every pixel's matrix."""
    ny, nx = int(shape[0]), int(shape[1])
    along_y, along_x = (phases(kernels.shape[-1], n, kernels) for n in (ny, nx))
    half_done = kernels @ along_x.mT
    maps = kernels.new_empty(len(kernels), ny, nx)
    eigenvalues = torch.empty(ny, nx, device=kernels.device)
    height = band_height(half_done)
    for first in range(0, ny, height):
        band = slice(first, first + height)
        maps[:, band], eigenvalues[band] = leading_eigenvectors(along_y[band] @ half_done)
    return maps, eigenvalues


def _phase_to_remove(weights: torch.Tensor, maps: torch.Tensor) -> torch.Tensor:
    """Factor of size 1 a pixel that makes the weighted combination of the maps real."""
    combined = torch.einsum("c,cyx->yx", weights, maps)
    return torch.where(combined == 0, 1, torch.sgn(combined.conj()))
