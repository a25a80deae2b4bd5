"""The measured signal of one voxel, and the one that its mapped values predict."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from core.fingerprinting.parameters import PARAMETERS
from core.fingerprinting.series import Mapped


@dataclass(frozen=True, eq=False)
class VoxelFit:
    """Signals of one voxel over the read-outs, in units of the series.

    Attributes
    ----------
    measured
        Real part after the voxel's own phase was taken off, shape `(readout,)`.
    fitted
        Proton density times the signal evolution of the mapped values, shape `(readout,)`.
    values
        Mapped T1 and T2 in ms, ADC in µm²/ms.
    pd
        Mapped proton density.
    """

    measured: NDArray[np.float32]
    fitted: NDArray[np.float32]
    values: tuple[float, ...]
    pd: float

    @property
    def residual_share(self) -> float:
        """Norm of what is not fitted over that of the measured signal."""
        # In double precision squares have room in whatever unit the series is.
        measured = self.measured.astype(np.float64)
        return float(np.linalg.norm(measured - self.fitted) / np.linalg.norm(measured))


def fit_of(mapped: Mapped, voxel: tuple[int, int, int]) -> VoxelFit:
    """What is measured in a voxel, and what its mapped values predict.

    Parameters
    ----------
    mapped
        Maps and their series.
    voxel
        Its indices (slice, y, x).

    Raises
    ------
    ValueError
        If there is no such voxel, or nothing was mapped there.
    """
    import torch

    from core.fingerprinting.epg import simulate
    from core.fingerprinting.signals import phased, with_room

    series = mapped.series
    if not all(0 <= i < n for i, n in zip(voxel, series.shape, strict=True)):
        raise ValueError(f"voxel must lie within {series.shape}, got {voxel}")
    values = tuple(float(mapped.maps[parameter.name][voxel]) for parameter in PARAMETERS)
    pd = float(mapped.maps.pd[voxel])
    if not np.isfinite((*values, pd)).all():
        raise ValueError(f"voxel must be one that was mapped, got {voxel}")
    index, y, x = voxel
    evolution = simulate(series.sequence, torch.tensor([values]))[0]
    signal = np.ascontiguousarray(series.signals[index, :, y, x])
    scaled, size = with_room(torch.from_numpy(signal)[None])
    measured = size * phased(scaled, evolution)
    return VoxelFit(measured[0].numpy(), (pd * evolution).numpy(), values, pd)
