"""Which voxels of a measured series can be mapped."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from core.phantom import Label

BRAIN = tuple(range(Label.CSF, Label.LESION + 1))
"""Labels of the digital brain that are brain or its fluid."""

THRESHOLD, QUANTILE = 0.15, 0.98
"""A voxel is background where the norm of its signal is below this share of this quantile."""


def mask_of(signals: NDArray[np.complex64]) -> tuple[NDArray[np.bool_], tuple[str, ...]]:
    """Voxels that can be mapped, and what was left out.

    Left out are voxels with NaN or infinity at any read-out, those that are 0 at every read-out,
    and the background: those whose norm over the read-outs is below 15 % of the norm that 2 % of
    the other voxels exceed.

    Parameters
    ----------
    signals
        Real or complex, shape `(slice, readout, y, x)`.

    Returns
    -------
    mask
        Shape `(slice, y, x)`.
    notes
        One line for each reason.

    Raises
    ------
    ValueError
        If no voxel is left.
    """
    norms = _norms(signals)
    finite = np.isfinite(norms)
    if not finite.any():
        raise ValueError("series must hold finite signals, got NaN or infinity in every voxel")
    zero = norms == 0
    signal = finite & ~zero
    if not signal.any():
        raise ValueError("series must hold signals, got 0 in every voxel")
    mask = signal.copy()
    mask[signal] = norms[signal] >= THRESHOLD * np.quantile(norms[signal], QUANTILE)
    counts = (
        (~finite, "hold NaN or infinity"),
        (zero, "are 0 at every read-out"),
        (signal & ~mask, f"are taken for background (below {THRESHOLD:.0%} of a high signal)"),
    )
    notes = [
        f"{int(where.sum())} of {where.size} voxels {reason}, and are not mapped"
        for where, reason in counts
        if where.any()
    ]
    return mask, tuple(notes)


def _norms(signals: NDArray[np.complex64]) -> NDArray[np.float64]:
    """Of each voxel over the read-outs, a slice at a time; NaN or infinite where a value is."""
    norms = np.empty((signals.shape[0], *signals.shape[2:]))
    with np.errstate(over="ignore", invalid="ignore"):
        for i, images in enumerate(signals):
            parts = images.real.astype(np.float64), images.imag.astype(np.float64)
            norms[i] = np.sqrt(sum(np.einsum("tyx,tyx->yx", part, part) for part in parts))
    return norms
