r"""One magnitude image of several coils, as Dar et al. combine them.

.. math:: x = \left| \sum_c s_c^* x_c \right|

The sensitivities s are ESPIRiT's, of norm 1 at every pixel, learnt from the fully sampled centre.
Unlike the root sum of squares this does not turn the noise of every coil into brightness, and
nowhere is it brighter than that.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence

import torch

from core.calibration import (
    Calibration,
    EspiritParams,
    calibration_of,
    calibration_region,
    espirit_maps,
)
from core.coils import combine, expand, root_sum_of_squares
from core.types import Undersampled

_ESPIRIT = EspiritParams()


def can_calibrate(kspace: torch.Tensor, acs_shape: Sequence[int]) -> bool:
    """Whether there are several coils and a centre that tells them apart.

    Parameters
    ----------
    kspace
        Complex, shape `(coil, y, x)`.
    acs_shape
        Size (y, x) of the fully sampled centre.
    """
    if kspace.shape[0] < 2 or min(acs_shape) < _ESPIRIT.kernel_size:
        return False
    return bool(calibration_region(kspace, acs_shape).any())


def centre_shape(shape: Sequence[int]) -> tuple[int, int]:
    """Size (y, x) of the centre that the sensitivities of a slice are learnt from."""
    y, x = (min(n, _ESPIRIT.largest_region) for n in shape)
    return y, x


def combined_full(kspace: torch.Tensor, coil_images: torch.Tensor) -> torch.Tensor:
    """Combined image of k-space, sampled fully at least in the centre; `(coil, y, x)` to `(y, x)`.

    By root sum of squares where :func:`can_calibrate` is not fulfilled, as of an empty slice.
    """
    shape = kspace.shape[-2:]
    centre = centre_shape(shape)
    if not can_calibrate(kspace, centre):
        return root_sum_of_squares(coil_images)
    maps = espirit_maps(calibration_region(kspace, centre), shape, _ESPIRIT).sens_maps
    return combine(coil_images, maps).abs()


def magnitude(undersampled: Undersampled, found: torch.Tensor) -> torch.Tensor:
    """The image that is shown and scored, of what a method finds.

    Parameters
    ----------
    undersampled
        What the method was given.
    found
        Coil images, shape `(coil, y, x)`, or one image of all coils, `(y, x)`.

    Returns
    -------
    torch.Tensor
        Real, shape `(y, x)`.
    """
    return found.abs() if found.ndim == 2 else combined(undersampled, found)


def coil_images(undersampled: Undersampled, found: torch.Tensor) -> torch.Tensor:
    """What every coil sees of what a method finds. Arguments as of :func:`magnitude`.

    One image of all coils is weighted by the sensitivities it was found with.

    Returns
    -------
    torch.Tensor
        Complex, shape `(coil, y, x)`.
    """
    if found.ndim == 3:
        return found
    if not undersampled.kspace.any():
        return torch.zeros_like(undersampled.kspace)
    return expand(found, calibration_of(undersampled).sens_maps)


def combined(undersampled: Undersampled, coil_images: torch.Tensor) -> torch.Tensor:
    """Combined image of a method that works coil by coil. Shape `(coil, y, x)` to real `(y, x)`.

    With the sensitivities of the slice's own fully sampled centre; by root sum of squares where
    :func:`can_calibrate` is not fulfilled.
    """
    return combined_by(
        coil_images,
        undersampled.kspace,
        undersampled.mask.acs_shape,
        lambda: calibration_of(undersampled),
    )


def combined_by(
    coil_images: torch.Tensor,
    kspace: torch.Tensor,
    acs_shape: Sequence[int],
    calibration: Callable[[], Calibration],
) -> torch.Tensor:
    """:func:`combined` of data that have no scan.

    Parameters
    ----------
    coil_images
        Shape `(coil, y, x)`.
    kspace
        Undersampled, same shape.
    acs_shape
        Size (y, x) of its fully sampled centre.
    calibration
        Gives what the centre says of the coils.
    """
    if not can_calibrate(kspace, acs_shape):
        return root_sum_of_squares(coil_images)
    return combine(coil_images, calibration().sens_maps).abs()
