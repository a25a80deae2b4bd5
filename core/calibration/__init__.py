"""Coils from the fully sampled centre of k-space: maps, SPIRiT kernel, compression, whitening."""

from core.calibration.calibrate import KERNEL_SIZE, Calibration, calibrate, calibration_of
from core.calibration.compression import (
    DEFAULT_VIRTUAL_COILS,
    aligned_compression,
    compress,
    geometric_compression,
    svd_compression,
)
from core.calibration.espirit import EspiritMaps, EspiritParams, espirit_maps
from core.calibration.growth import bounded_kernel
from core.calibration.region import calibration_region
from core.calibration.spirit import (
    apply_adjoint,
    apply_kernel,
    image_kernel,
    power,
    spirit_kernel,
)
from core.calibration.whitening import noise_covariance, whiten, whitening_matrix

__all__ = [
    "DEFAULT_VIRTUAL_COILS",
    "KERNEL_SIZE",
    "Calibration",
    "EspiritMaps",
    "EspiritParams",
    "aligned_compression",
    "apply_adjoint",
    "apply_kernel",
    "bounded_kernel",
    "calibrate",
    "calibration_of",
    "calibration_region",
    "compress",
    "espirit_maps",
    "geometric_compression",
    "image_kernel",
    "noise_covariance",
    "power",
    "spirit_kernel",
    "svd_compression",
    "whiten",
    "whitening_matrix",
]
