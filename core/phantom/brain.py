"""The digital brain: tissue parameters of every voxel of a head."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from core.phantom.anatomy import layers
from core.phantom.field_strength import tissues_at
from core.phantom.head import head
from core.phantom.noise import Array
from core.phantom.subject import Space, Subject
from core.phantom.tissues import TABLE_FIELD_T, Tissue
from core.types import Grid

FIELD_OF_VIEW_MM = 220.0
"""Width and height of a slice."""

_CENTRE = (0.0, -15.0)
"""Where the middle of the field of view lies, mm left and anterior of the commissures."""

_LOWEST_MM, _HIGHEST_MM = -46.0, 66.7
"""Heights of the first and the last slice above the commissures."""

_SUBSLICES = 2
"""Planes averaged over a slice's thickness."""

_PD, _R1, _R2, _ADC = range(4)


@dataclass(frozen=True, eq=False)
class Brain:
    """A digital head as maps of shape `(slice, y, x)`.

    Slices run from the neck to the vertex; row 0 is anterior, column 0 the patient's right.

    Attributes
    ----------
    seed
        The subject's number.
    labels
        The tissue that fills most of a voxel: values of :class:`~core.phantom.Label`, uint8.
    t1_ms, t2_ms, adc_um2_per_ms
        Relaxation times in ms and diffusion coefficient in µm²/ms, float32; where tissues share a
        voxel, their proton-weighted mean (of the rates, for T1 and T2). 0 in air.
    pd
        Density of visible protons relative to water, float32, 0 to 1.
    spacing_mm
        Distance between voxels along (slice, y, x).
    field_t
        Field strength of the scanner that the relaxation times hold for, in T.
    """

    seed: int
    labels: NDArray[np.uint8]
    t1_ms: NDArray[np.float32]
    t2_ms: NDArray[np.float32]
    pd: NDArray[np.float32]
    adc_um2_per_ms: NDArray[np.float32]
    spacing_mm: tuple[float, float, float]
    field_t: float = TABLE_FIELD_T

    @property
    def grid(self) -> Grid:
        """How the slices lie in a NIfTI array (R, A, S) of this head, world origin between them."""
        n_slices, n_rows, n_columns = self.labels.shape
        dz, dy, dx = self.spacing_mm
        affine = np.diag([dx, dy, dz, 1.0])
        affine[:3, 3] = (
            -(n_columns - 1) / 2 * dx - _CENTRE[0],
            -(n_rows - 1) / 2 * dy + _CENTRE[1],
            _LOWEST_MM,
        )
        shape = (n_columns, n_rows, n_slices)
        return Grid(affine, shape, axes=(2, 1, 0), flips=(False, True, True))


def make_brain(
    seed: int, n_slices: int = 24, size: int = 256, field_t: float = TABLE_FIELD_T
) -> Brain:
    """The head of the subject called ``seed``.

    Parameters
    ----------
    seed
        Which subject; not negative. Shape, folding, ventricles and lesions follow from it.
    n_slices
        Axial slices from the cerebellum to the vertex, 112.7 mm; at least 2.
    size
        Voxels along the 220 mm of a slice's width and height; at least 32.
    field_t
        Field strength in T: 0.5, 1.5, 3 or 7. It changes T1 and T2, never the anatomy.

    Raises
    ------
    ValueError
        If an argument is out of range.
    """
    for name, value, least in (("seed", seed, 0), ("n_slices", n_slices, 2), ("size", size, 32)):
        if value < least:
            raise ValueError(f"{name} must be at least {least}, got {value}")
    values = np.array([_sums(tissue) for tissue in tissues_at(field_t)], np.float32)
    subject = Subject.random(seed)
    pitch = FIELD_OF_VIEW_MM / size
    gap = (_HIGHEST_MM - _LOWEST_MM) / (n_slices - 1)
    offsets = (np.arange(size, dtype=np.float32) - np.float32((size - 1) / 2)) * np.float32(pitch)
    columns, rows = offsets + np.float32(_CENTRE[0]), np.float32(_CENTRE[1]) - offsets
    maps = np.zeros((4, n_slices, size, size), np.float32)
    labels = np.zeros((n_slices, size, size), np.uint8)
    thickness = min(gap, 4.0)
    for i in range(n_slices):
        heights = _subslices(_LOWEST_MM + i * gap, thickness)
        box = _head_box(subject, columns, rows, heights[0], pitch)
        planes = [
            _paint(
                subject.space(columns[box[1]], rows[box[0]], height),
                subject,
                pitch,
                values,
            )
            for height in heights
        ]
        maps[:, i][:, *box] = np.mean([painted for painted, _ in planes], axis=0)
        labels[i][box] = planes[0][1]
    return _finish(seed, maps, labels, (gap, pitch, pitch), field_t)


def _subslices(middle: float, thickness: float) -> list[float]:
    steps = (np.arange(_SUBSLICES) + 0.5) / _SUBSLICES - 0.5
    return [float(middle + thickness * step) for step in steps]


def _head_box(
    subject: Subject, columns: Array, rows: Array, height: float, pitch: float
) -> tuple[slice, slice]:
    """The rows and columns that may hold the head, found on a coarse grid."""
    stride = max(1, round(6.0 / pitch))
    near = head(subject.space(columns[::stride], rows[::stride], height)) > -12
    inside = (np.flatnonzero(near.any(axis=1)), np.flatnonzero(near.any(axis=0)))
    if not inside[0].size:
        return slice(0, 0), slice(0, 0)
    down, across = (slice(int(i[0]) * stride, (int(i[-1]) + 1) * stride) for i in inside)
    return down, across


def _paint(
    space: Space, subject: Subject, pitch: float, values: Array
) -> tuple[Array, NDArray[np.uint8]]:
    """Sums over protons of 1, R1, R2, ADC, shape `(4, y, x)`, and labels of one plane.

    ``values`` are those sums in each tissue alone, shape `(label, 4)`.
    """
    sums = np.zeros((4, *space.left.shape), np.float32)
    labels = np.zeros(space.left.shape, np.uint8)
    for label, share in layers(space, subject, 1.1 * pitch):
        sums += share * (values[label][:, None, None] - sums)
        labels[share > 0.5] = label
    return _textured(sums, space, subject), labels


def _sums(tissue: Tissue) -> tuple[float, float, float, float]:
    """Sums over the protons of one tissue of 1, R1, R2 and ADC."""
    pd = tissue.pd
    return pd, pd / tissue.t1_ms, pd / tissue.t2_ms, pd * tissue.adc_um2_per_ms


def _textured(sums: Array, space: Space, subject: Subject) -> Array:
    """Mild biological variation of all four parameters, slow and fast."""
    slow, fast = space.noise(subject.tissue), space.noise(subject.fine)
    sums[_PD] *= 1 + 0.006 * slow + 0.012 * fast
    sums[_R1] *= 1 + 0.012 * slow + 0.022 * fast
    sums[_R2] *= 1 + 0.012 * slow - 0.014 * fast
    sums[_ADC] *= 1 - 0.02 * slow + 0.02 * fast
    return sums


def _finish(
    seed: int,
    maps: NDArray[np.float32],
    labels: NDArray[np.uint8],
    spacing_mm: tuple[float, float, float],
    field_t: float,
) -> Brain:
    pd, r1, r2, adc = maps
    visible = pd > 1e-4

    def ratio(top: NDArray[np.float32], bottom: NDArray[np.float32]) -> NDArray[np.float32]:
        return np.divide(top, bottom, out=np.zeros_like(top), where=visible)

    return Brain(
        seed=seed,
        labels=labels,
        t1_ms=ratio(pd, r1),
        t2_ms=ratio(pd, r2),
        pd=np.where(visible, np.clip(pd, 0, 1), np.float32(0)),
        adc_um2_per_ms=ratio(adc, pd),
        spacing_mm=spacing_mm,
        field_t=field_t,
    )
