"""Phase of the combined image, of the scan's data and of what methods find."""

from __future__ import annotations

import numpy as np
import torch
from numpy.typing import NDArray

from core.acquisition import bright_level, measured_kspace
from core.coils import combine
from core.fourier import ifft2c
from core.types import Mask, Scan
from core.views.maps import slice_maps
from core.views.picture import PHASE, VIEWS, Picture, View, needs_phase


def phase_image(image: torch.Tensor) -> NDArray[np.float32]:
    r"""Phase in radian, from :math:`-\pi` to :math:`\pi`, 0 where the image is 0. Same shape."""
    return np.asarray(torch.angle(image).numpy(), dtype=np.float32)


def combined_image(
    scan: Scan, slice_index: int, coil_images: NDArray[np.complex64]
) -> torch.Tensor:
    """Coil images combined by the maps of the scan's own data. Complex, shape `(y, x)`.

    Raises
    ------
    ValueError
        As :func:`core.views.maps.slice_maps`.
    """
    return combine(torch.from_numpy(coil_images), slice_maps(scan, slice_index).sens_maps)


def phase_of_data(scan: Scan, slice_index: int) -> Picture:
    """Phase of all that was measured."""
    images = ifft2c(measured_kspace(scan, slice_index)).numpy()
    return _picture(scan, slice_index, images)


def phase_of_method(
    scan: Scan, slice_index: int, mask: Mask, coil_images: NDArray[np.complex64]
) -> Picture:
    """Phase of what a method found."""
    del mask
    return _picture(scan, slice_index, coil_images)


def _picture(scan: Scan, slice_index: int, coil_images: NDArray[np.complex64]) -> Picture:
    image = combined_image(scan, slice_index, coil_images)
    magnitude: NDArray[np.float32] = image.abs().numpy()
    white = bright_level(magnitude)
    return Picture(phase_image(image), (-np.pi, np.pi), magnitude, white)


VIEWS.register("phase", "Phase")(
    View(
        "The phase of the complex image, its coils combined. Colour: phase, the same at −π and π. "
        "Brightness: magnitude, dark where there is no signal.",
        needs_phase,
        phase_of_data,
        phase_of_method,
        colours=PHASE,
        unit="rad",
        magnitude_name="magnitude",
    )
)
