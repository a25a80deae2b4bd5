"""The score of one image under a named definition."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from core.metrics.definition import DEFINITIONS, Prepared
from core.types import Score

WINDOW = 7
"""Side of SSIM's window in pixels."""

EMPTY = "empty reference"
NOT_FINITE = "image has values that are not finite"


def score(
    definition: str,
    reference: NDArray[np.floating],
    image: NDArray[np.floating],
    volume_max: float,
) -> Score:
    """Figures of merit of one slice.

    The PSNR of an image equal to its reference is infinite. A reference without a positive value,
    or an image that is not finite, gives a score that says so instead of figures.

    Parameters
    ----------
    definition
        Name in :data:`core.metrics.DEFINITIONS`.
    reference, image
        Magnitudes in the same units. Shape `(y, x)`, 7 x 7 at least.
    volume_max
        Largest value of the whole reference volume.

    Raises
    ------
    ValueError
        If the definition is unknown, the shapes differ, or an image is too small for SSIM.
    """
    from skimage.metrics import structural_similarity

    rule = DEFINITIONS[definition].item
    _check(reference, image)
    if not reference.max() > 0:
        return excluded(definition, EMPTY)
    if not np.isfinite(image).all():
        return excluded(definition, NOT_FINITE)
    pair = rule.prepare(reference.astype(np.float64), image.astype(np.float64), volume_max)
    ssim = structural_similarity(
        pair.reference, pair.image, win_size=WINDOW, data_range=pair.ssim_range
    )
    error = np.sum((pair.reference - pair.image) ** 2)
    return Score(
        definition=definition,
        psnr_db=_psnr(pair),
        ssim=float(ssim),
        nmse=float(error / np.sum(pair.reference**2)),
        rmse=float(np.sqrt(error / pair.reference.size)),
    )


def psnr(
    definition: str,
    reference: NDArray[np.floating],
    image: NDArray[np.floating],
    volume_max: float,
) -> float:
    """PSNR in dB alone, for loops that need no SSIM; the reference must hold a positive value."""
    rule = DEFINITIONS[definition].item
    return _psnr(rule.prepare(reference.astype(np.float64), image.astype(np.float64), volume_max))


def rmse_percent(psnr_db: float) -> float:
    """RMSE in % of the peak, from the PSNR: RMSE / peak = 10^(-PSNR/20).

    That is the PSNR's own formula solved for the RMSE, and so exact under every definition, whose
    PSNR and RMSE are of the same prepared images (:class:`core.metrics.Definition`). Unlike
    :attr:`core.types.Score.rmse` it does not depend on a scan's units, so that means over scans
    have a meaning.

    Parameters
    ----------
    psnr_db
        PSNR in dB; infinite for no error, which gives 0.
    """
    return float(100 * 10 ** (-psnr_db / 20))


def excluded(definition: str, reason: str) -> Score:
    """Score without figures (NaN) that says why.

    Raises
    ------
    ValueError
        If the definition is unknown.
    """
    nan = float("nan")
    return Score(DEFINITIONS[definition].name, nan, nan, nan, nan, excluded=reason)


def decibels(peak: float, mean_squared_error: float) -> float:
    """PSNR in dB; infinite for no error."""
    if mean_squared_error == 0:
        return float("inf")
    return float(10 * np.log10(peak**2 / mean_squared_error))


def _psnr(pair: Prepared) -> float:
    return decibels(pair.peak, float(np.mean((pair.reference - pair.image) ** 2)))


def _check(reference: NDArray[np.floating], image: NDArray[np.floating]) -> None:
    if reference.ndim != 2 or image.shape != reference.shape:
        raise ValueError(
            f"image must be two-dimensional with the reference's shape {reference.shape}, "
            f"got {image.shape}"
        )
    if min(image.shape) < WINDOW:
        raise ValueError(
            f"image must be at least {WINDOW} x {WINDOW} pixels for SSIM, got {image.shape}"
        )
