"""A fingerprint series, and the maps made of it."""

from __future__ import annotations

from dataclasses import dataclass, field
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from core.fingerprinting.sequence import FingerprintSequence
from core.types import Grid


@dataclass(frozen=True, eq=False)
class Maps:
    """Maps of shape `(slice, y, x)`, float32, NaN where nothing was mapped.

    Attributes
    ----------
    t1_ms, t2_ms
        Relaxation times in ms.
    adc_um2_per_ms
        Apparent diffusion coefficient in µm²/ms.
    pd
        Proton density in the units of the series: the signal of a magnetisation that has fully
        recovered and is all transverse.
    """

    t1_ms: NDArray[np.float32]
    t2_ms: NDArray[np.float32]
    adc_um2_per_ms: NDArray[np.float32]
    pd: NDArray[np.float32]

    def __getitem__(self, name: str) -> NDArray[np.float32]:
        """The map of a parameter: ``t1``, ``t2``, ``adc`` or ``pd``."""
        return {"t1": self.t1_ms, "t2": self.t2_ms, "adc": self.adc_um2_per_ms, "pd": self.pd}[name]


@dataclass(frozen=True, eq=False)
class Truth:
    """What a simulated series was computed from.

    Attributes
    ----------
    maps
        True values; NaN in air and in bone.
    labels
        The tissue that fills most of a voxel, :class:`core.phantom.Label`, shape `(slice, y, x)`.
    """

    maps: Maps
    labels: NDArray[np.uint8]


@dataclass(frozen=True, eq=False)
class Series:
    """Images of all read-outs of a fingerprinting sequence.

    Attributes
    ----------
    name
        What a person calls it.
    signals
        complex64, shape `(slice, readout, y, x)`; as displayed: row 0 anterior, column 0 the
        patient's right.
    sequence
        What was played.
    mask
        Voxels that can be mapped, bool, shape `(slice, y, x)`.
    spacing_mm
        Distance between voxels along (slice, y, x).
    grid
        How to write maps as NIfTI, if known.
    truth
        Of a simulated series.
    path
        Where it came from, if from a file.
    edges
        Letters at the left, right, top and bottom edge of the displayed image, if known:
        R, L, A, P, S or I.
    notes
        What was decided or mended, one line each.
    """

    name: str
    signals: NDArray[np.complex64]
    sequence: FingerprintSequence
    mask: NDArray[np.bool_]
    spacing_mm: tuple[float, float, float] = (1.0, 1.0, 1.0)
    grid: Grid | None = None
    truth: Truth | None = None
    path: Path | None = None
    edges: tuple[str, str, str, str] | None = None
    notes: tuple[str, ...] = field(default=())

    def __post_init__(self) -> None:
        if self.signals.ndim != 4 or 0 in self.signals.shape:
            raise ValueError(
                f"series {self.name!r} must have the axes (slice, readout, y, x), got shape "
                f"{self.signals.shape}"
            )
        if self.signals.shape[1] != self.sequence.n_readouts:
            raise ValueError(
                f"series {self.name!r} must have the {self.sequence.n_readouts} read-outs of "
                f"sequence {self.sequence.name!r}, got {self.signals.shape[1]}"
            )
        if self.mask.shape != self.shape or not self.mask.any():
            raise ValueError(
                f"mask of series {self.name!r} must have shape {self.shape} and hold a voxel, got "
                f"{self.mask.shape} and {int(self.mask.sum())} voxels"
            )

    @property
    def shape(self) -> tuple[int, int, int]:
        """Of a map: (slice, y, x)."""
        n_slices, _, ny, nx = self.signals.shape
        return n_slices, ny, nx

    @property
    def voxels(self) -> NDArray[np.complex64]:
        """Signals of the voxels that can be mapped, in the order of ``mask``, `(n, readout)`."""
        return np.moveaxis(self.signals, 1, -1)[self.mask]


@dataclass(frozen=True, eq=False)
class Mapped:
    """What one method finds in one series.

    Attributes
    ----------
    series
        What was mapped.
    method
        The name that asks for it again: ``dictionary`` or ``net:transferred``.
    label
        The name a person reads.
    maps
        What was found.
    seconds
        Time for the values of all voxels, without loading weights or simulating a dictionary.
    preparation_seconds
        Time for those.
    remarks
        What a reader must know of it.
    """

    series: Series
    method: str
    label: str
    maps: Maps
    seconds: float
    preparation_seconds: float = 0.0
    remarks: tuple[str, ...] = ()
