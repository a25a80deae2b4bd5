"""What a slice's fully sampled centre says of its coils, computed once for all methods."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from weakref import WeakKeyDictionary

import torch

from core.calibration.espirit import EspiritParams, espirit_maps
from core.calibration.region import calibration_region
from core.calibration.spirit import spirit_kernel
from core.types import Undersampled


@dataclass(frozen=True, eq=False)
class Calibration:
    """Coil maps and SPIRiT kernel of one slice.

    Attributes
    ----------
    sens_maps
        ESPIRiT maps of norm 1 at every pixel. complex64, shape `(coil, y, x)`.
    kernel
        SPIRiT kernel. complex64, shape `(coil_out, coil_in, ky, kx)`;
        :func:`core.calibration.image_kernel` makes matrices of it.
    """

    sens_maps: torch.Tensor
    kernel: torch.Tensor


_ESPIRIT = EspiritParams()


def calibrate(
    kspace: torch.Tensor,
    acs_shape: Sequence[int],
    espirit: EspiritParams = _ESPIRIT,
    kernel_size: int = 7,
    reg_weight: float = 1e-2,
) -> Calibration:
    """Learn coil maps and SPIRiT kernel from the fully sampled centre.

    Parameters
    ----------
    kspace
        Undersampled or full, complex, shape `(coil, y, x)`.
    acs_shape
        Size (y, x) of the fully sampled centre.
    espirit
        Settings of the maps.
    kernel_size, reg_weight
        Settings of the SPIRiT kernel, see :func:`core.calibration.spirit_kernel`.

    Raises
    ------
    ValueError
        If the centre is smaller than a kernel, not finite or zero.
    """
    region = calibration_region(kspace, acs_shape)
    maps = espirit_maps(region, kspace.shape[-2:], espirit)
    return Calibration(maps.sens_maps, spirit_kernel(region, kernel_size, reg_weight))


_KNOWN: WeakKeyDictionary[Undersampled, Calibration] = WeakKeyDictionary()
"""Weak, so that no slice is kept in memory for its calibration."""


def calibration_of(undersampled: Undersampled) -> Calibration:
    """Calibration of a slice with the default settings, remembered while the slice is in use.

    Raises
    ------
    ValueError
        As :func:`calibrate`.
    """
    if undersampled not in _KNOWN:
        acs_shape = undersampled.mask.acs_shape
        _KNOWN[undersampled] = calibrate(undersampled.kspace, acs_shape)
    return _KNOWN[undersampled]
