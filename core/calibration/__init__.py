"""Coils from the fully sampled centre of k-space: maps, SPIRiT kernel, compression, whitening."""

from core.calibration.calibrate import Calibration, calibrate, calibration_of
from core.calibration.espirit import EspiritMaps, EspiritParams, espirit_maps
from core.calibration.region import calibration_region
from core.calibration.spirit import (
    apply_adjoint,
    apply_kernel,
    image_kernel,
    power,
    spirit_kernel,
)

__all__ = [
    "Calibration",
    "EspiritMaps",
    "EspiritParams",
    "apply_adjoint",
    "apply_kernel",
    "calibrate",
    "calibration_of",
    "calibration_region",
    "espirit_maps",
    "image_kernel",
    "power",
    "spirit_kernel",
]
