"""The coils of a slice one by one: their images, and their sensitivities by ESPIRiT."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from core.acquisition import bright_level, measured_kspace
from core.fourier import ifft2c
from core.types import Scan
from core.views.maps import slice_maps
from core.views.phase import phase_image
from core.views.picture import PHASE, VIEWS, Picture, View, needs_coils

SUPPORT = 0.95
"""Maps are drawn where the eigenvalue is above this: elsewhere is nothing to learn them from."""


def coil_magnitudes(scan: Scan, slice_index: int) -> Picture:
    """Magnitude image of every coil in the scan's units, all in one grey window."""
    images = ifft2c(measured_kspace(scan, slice_index)).abs().numpy()
    return Picture(images, (0.0, bright_level(images)))


def coil_maps(scan: Scan, slice_index: int) -> Picture:
    """Every coil's sensitivity, of norm 1 over the coils: phase (rad) and magnitude (0 to 1).

    The first virtual coil has phase 0. Nothing is shown where there is no signal to learn from.

    Raises
    ------
    ValueError
        As :func:`core.views.maps.slice_maps`.
    """
    maps = slice_maps(scan, slice_index)
    shown = maps.sens_maps * (maps.eigenvalues > SUPPORT)
    magnitude: NDArray[np.float32] = shown.abs().numpy()
    return Picture(phase_image(shown), (-np.pi, np.pi), magnitude, float(magnitude.max()) or 1.0)


VIEWS.register("coil-images", "Coil images")(
    View(
        "The magnitude image that each receive coil sees: bright near the coil, "
        "and a share of the whole picture only.",
        needs_coils,
        coil_magnitudes,
    )
)
VIEWS.register("coil-maps", "Coil maps")(
    View(
        "Where each coil is sensitive, estimated by ESPIRiT from the centre of k-space. "
        "Colour: phase. Brightness: magnitude.",
        needs_coils,
        coil_maps,
        colours=PHASE,
        unit="rad",
        magnitude_name="|s|",
    )
)
