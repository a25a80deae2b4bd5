r"""k-space in decibels, and how far a method's k-space is from the fully sampled one.

A method's k-space is the Fourier transform of what it finds that each coil sees. Its residual at a
location is :math:`\sqrt{\sum_c |\hat y_c - y_c|^2}` with the fully sampled data y: at the mask's
samples data that the result contradicts, elsewhere its error.
"""

from __future__ import annotations

import math

import numpy as np
import torch
from numpy.typing import NDArray

from core.acquisition import measured_kspace
from core.coils import root_sum_of_squares
from core.fourier import fft2c
from core.types import Mask, Scan
from core.views.picture import INFERNO, VIEWS, Picture, View, always

FLOOR_DB = -80.0
"""The dark end of the colours; nothing is printed as less than :data:`LEAST_DB`."""

LEAST_DB = -200.0

LEAST_PART = 1e-4
"""What is less is told as less than this: rounding of 32-bit numbers."""


def log_kspace(kspace: torch.Tensor, peak: float) -> NDArray[np.float32]:
    r""":math:`20 \log_{10}` of k-space over a peak, its coils by root sum of squares, in dB.

    Parameters
    ----------
    kspace
        Complex, shape `(coil, y, x)`.
    peak
        What is 0 dB.

    Returns
    -------
    NDArray[np.float32]
        Shape `(y, x)`, at least :data:`LEAST_DB`.
    """
    ratio = root_sum_of_squares(kspace) / (peak or 1.0)
    least = 10 ** (LEAST_DB / 20)
    return np.asarray((20 * torch.log10(ratio.clamp_min(least))).numpy(), dtype=np.float32)


def kspace_residual(coil_images: torch.Tensor, measured: torch.Tensor) -> torch.Tensor:
    """k-space of coil images less the measured one. Complex, all of shape `(coil, y, x)`."""
    return fft2c(coil_images) - measured


def relative_norm(residual: torch.Tensor, measured: torch.Tensor, at: NDArray[np.bool_]) -> float:
    """Norm of a residual over that of the measured k-space, both at some locations only.

    Parameters
    ----------
    residual, measured
        Complex, shape `(coil, y, x)`.
    at
        The locations, shape `(y, x)`.

    Returns
    -------
    float
        0 for agreement, 1 for nothing found where there is something; NaN where there is nothing
        to compare with.
    """
    where = torch.from_numpy(at)
    size = float(torch.linalg.vector_norm(measured[:, where]))
    error = float(torch.linalg.vector_norm(residual[:, where]))
    return error / size if size else math.nan


def kspace_of_data(scan: Scan, slice_index: int) -> Picture:
    """All that was measured; 0 dB is its largest value."""
    measured = measured_kspace(scan, slice_index)
    return Picture(log_kspace(measured, _peak(measured)), (FLOOR_DB, 0.0))


def kspace_of_method(
    scan: Scan, slice_index: int, mask: Mask, coil_images: NDArray[np.complex64]
) -> Picture:
    """What a method found; 0 dB is the largest value of all that was measured."""
    del mask
    peak = _peak(measured_kspace(scan, slice_index))
    return Picture(log_kspace(fft2c(torch.from_numpy(coil_images)), peak), (FLOOR_DB, 0.0))


def residual_of_method(
    scan: Scan, slice_index: int, mask: Mask, coil_images: NDArray[np.complex64]
) -> Picture:
    """What a method's k-space differs by; its norm at the samples and elsewhere as caption.

    Where a scan was never sampled there is nothing to differ from, and nothing is shown.
    """
    measured = measured_kspace(scan, slice_index)
    residual = kspace_residual(torch.from_numpy(coil_images), measured)
    if scan.sampled is not None:
        residual = residual * torch.from_numpy(scan.sampled)
    caption = [f"at samples {_percent(relative_norm(residual, measured, mask.samples))}"]
    if scan.has_reference:
        elsewhere = relative_norm(residual, measured, ~mask.samples)
        caption.append(f"elsewhere {_percent(elsewhere)}")
    values = log_kspace(residual, _peak(measured))
    return Picture(values, (FLOOR_DB, 0.0), caption=tuple(caption))


def _peak(kspace: torch.Tensor) -> float:
    return float(root_sum_of_squares(kspace).max())


def _percent(part: float) -> str:
    if math.isnan(part):
        return "–"
    return f"{100 * part:.3g} %" if part >= LEAST_PART else f"< {100 * LEAST_PART:g} %"


VIEWS.register("kspace", "k-space")(
    View(
        "The magnitude of k-space on a logarithmic scale: 0 dB is the largest measured value, "
        "each 20 dB less is a tenth.",
        always,
        kspace_of_data,
        kspace_of_method,
        colours=INFERNO,
        unit="dB",
        in_kspace=True,
    )
)
VIEWS.register("residual", "k-space residual")(
    View(
        "Difference between each method's k-space and the data, on the scale of the data. At the "
        "mask's samples it is data that the result contradicts, elsewhere the result's error. "
        "In percent: its norm relative to that of the data at those places.",
        always,
        kspace_of_data,
        residual_of_method,
        colours=INFERNO,
        unit="dB",
        in_kspace=True,
        data_title="Data",
    )
)
