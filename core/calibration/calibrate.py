"""What a slice's fully sampled centre says of its coils, computed once for all methods."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from weakref import WeakKeyDictionary

import torch

from core.calibration.espirit import EspiritParams, espirit_maps
from core.calibration.region import calibration_region, central
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


KERNEL_SIZE = 7
"""Of SPIRiT's kernels, along y and x."""

_ESPIRIT = EspiritParams()

_SPIRIT_REGION = 64
"""Samples along y and x that the SPIRiT kernel is learnt from at most. Whole readouts of 256 change
the error of a reconstruction by less than 1 % and take four times as long."""


def calibrate(
    kspace: torch.Tensor,
    acs_shape: Sequence[int],
    espirit: EspiritParams = _ESPIRIT,
    kernel_size: int = KERNEL_SIZE,
    reg_weight: float = 1e-2,
) -> Calibration:
    """Learn coil maps and SPIRiT kernel from the fully sampled centre.

    A slice of 8 coils and 256 x 256 takes 4 MB for the maps and less than 40 MB while at work.

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
    kernel = spirit_kernel(central(region, _SPIRIT_REGION), kernel_size, reg_weight)
    return Calibration(maps.sens_maps, kernel)


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
