"""Zero filling: the transform of the samples, with zeros where there are none."""

from __future__ import annotations

from dataclasses import dataclass

import torch

from core.fourier import ifft2c
from core.progress import Progress
from core.recon.methods import METHODS, MethodParams
from core.types import Undersampled


@dataclass(frozen=True)
class ZeroFilledParams(MethodParams):
    """Zero filling has no settings."""


@METHODS.register("zf", "Zero-filled", ZeroFilledParams)
def zero_filled(
    undersampled: Undersampled, params: ZeroFilledParams, progress: Progress
) -> torch.Tensor:
    """Zero-filled coil images :math:`F^{-1} y_u`. complex64, shape `(coil, y, x)`."""
    del params
    progress(0.0, "zero filling")
    return ifft2c(undersampled.kspace)
