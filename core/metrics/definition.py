"""What a definition of the figures of merit is, and the table of them."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from core.registry import Registry

Image = NDArray[np.float64]


@dataclass(frozen=True, eq=False)
class Prepared:
    """Two images as a definition compares them.

    Attributes
    ----------
    reference, image
        As the definition scales them. float64, shape `(y, x)`.
    peak
        Peak of PSNR.
    ssim_range
        ``data_range`` of SSIM, the L of Wang et al.
    """

    reference: Image
    image: Image
    peak: float
    ssim_range: float


@dataclass(frozen=True)
class Definition:
    """How two images become figures of merit.

    On the prepared images, with error e, reference r and N pixels:
    PSNR = 10 log10(peak² / (‖e‖²/N)) in dB; NMSE = ‖e‖² / ‖r‖²; RMSE = (‖e‖²/N)^½ in the units of
    the prepared images; SSIM is scikit-image's with a 7 x 7 uniform window, K1 = 0.01, K2 = 0.03
    and the sample covariance.

    Attributes
    ----------
    rule
        What sets it apart, in one sentence for a reader.
    source
        Where the definition comes from.
    prepare
        Scales the reference and the image, given the volume's largest reference value.
    pools_volumes
        Whether the summary states one mean squared error a volume.
    """

    rule: str
    source: str
    prepare: Callable[[Image, Image, float], Prepared]
    pools_volumes: bool = False


DEFINITIONS: Registry[Definition] = Registry("metric definition")


def label(name: str) -> str:
    """The name a person reads of the definition called ``name``."""
    return DEFINITIONS[name].label
