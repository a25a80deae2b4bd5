"""Sensitivity maps of a slice's own data, remembered."""

from __future__ import annotations

from weakref import WeakKeyDictionary

import torch

from core.acquisition import measured_kspace
from core.calibration import EspiritMaps, calibration_region, espirit_maps
from core.combination import can_calibrate, centre_shape
from core.types import Scan

_LAST: WeakKeyDictionary[Scan, tuple[int, EspiritMaps]] = WeakKeyDictionary()
"""Maps of the slice of each scan that was asked for last; weak, so that no scan is kept."""


def slice_maps(scan: Scan, slice_index: int) -> EspiritMaps:
    """Sensitivity maps of a slice from the centre of all its k-space, remembered.

    They do not depend on a mask, so that all that is combined by them has one phase. One coil has
    the map 1.

    Raises
    ------
    ValueError
        If the centre was not fully sampled or is empty, or the slice does not exist.
    """
    last, maps = _LAST.get(scan, (None, None))
    if maps is None or last != slice_index:
        maps = _maps(scan, slice_index)
        _LAST[scan] = (slice_index, maps)
    return maps


def _maps(scan: Scan, slice_index: int) -> EspiritMaps:
    kspace = measured_kspace(scan, slice_index)
    if len(kspace) == 1:
        return EspiritMaps(torch.ones_like(kspace), torch.ones_like(kspace[0].real))
    centre = centre_shape(scan.slice_shape)
    if scan.sampled is not None:
        sampled = calibration_region(torch.from_numpy(scan.sampled)[None], centre)
        if not sampled.all():
            raise ValueError(
                f"coils of {scan.name} can only be told apart by a fully sampled centre of "
                f"{centre[0]} x {centre[1]}, got {int(sampled.sum())} of its samples"
            )
    if not can_calibrate(kspace, centre):
        raise ValueError(
            f"coils of {scan.name} cannot be told apart in slice {slice_index}, which is empty"
        )
    return espirit_maps(calibration_region(kspace, centre), scan.slice_shape)
