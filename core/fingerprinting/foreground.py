"""Which voxels of a measured series can be mapped."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from core.phantom import Label

BRAIN = tuple(range(Label.CSF, Label.LESION + 1))
"""Labels of the digital brain that are brain or its fluid."""

THRESHOLD, QUANTILE = 0.15, 0.98
"""A voxel is background where the norm of its signal is below this share of this quantile."""


SMALLEST, LARGEST = 1e-35, 1e35
"""Between these a signal's norm has room for the arithmetic of maps in single precision."""


def mask_of(signals: NDArray[np.complex64]) -> tuple[NDArray[np.bool_], tuple[str, ...]]:
    """Voxels that can be mapped, and what was left out.

    Left out are those of :func:`signal_of`, and the background: voxels whose norm over the
    read-outs is below 15 % of the norm that 2 % of the other voxels exceed.

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
    signal, notes = _signal(norms, np.ones(norms.shape, bool))
    mask = signal.copy()
    mask[signal] = norms[signal] >= THRESHOLD * np.quantile(norms[signal], QUANTILE)
    reason = f"are taken for background (below {THRESHOLD:.0%} of a high signal)"
    return mask, (*notes, *_note(signal & ~mask, norms.size, reason))


def signal_of(
    signals: NDArray[np.complex64], mask: NDArray[np.bool_]
) -> tuple[NDArray[np.bool_], tuple[str, ...]]:
    """The part of a known mask where there is a signal, and what was left out.

    Left out are voxels with NaN or infinity at any read-out, those that are 0 at every read-out,
    and those too large to compute with.

    Parameters
    ----------
    signals
        Real or complex, shape `(slice, readout, y, x)`.
    mask
        Voxels that are asked about, shape `(slice, y, x)`.

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
    return _signal(_norms(signals), mask)


def _signal(
    norms: NDArray[np.float64], mask: NDArray[np.bool_]
) -> tuple[NDArray[np.bool_], tuple[str, ...]]:
    finite, zero = np.isfinite(norms), norms < SMALLEST
    large = finite & (norms > LARGEST)
    signal = mask & finite & ~zero & ~large
    if not signal.any():
        reasons = {
            "NaN or infinity": ~finite,
            "0": zero,
            f"numbers beyond {LARGEST:g}": large,
        }
        got = " or ".join(reason for reason, where in reasons.items() if (mask & where).any())
        raise ValueError(f"series must hold signals, got {got} in every voxel")
    notes = (
        *_note(mask & ~finite, int(mask.sum()), "hold NaN or infinity"),
        *_note(mask & zero, int(mask.sum()), "are 0 at every read-out"),
        *_note(mask & large, int(mask.sum()), f"hold numbers beyond {LARGEST:g}"),
    )
    return signal, notes


def _note(where: NDArray[np.bool_], n_voxels: int, reason: str) -> tuple[str, ...]:
    n = int(where.sum())
    return (f"{n} of {n_voxels} voxels {reason}, and are not mapped",) if n else ()


def _norms(signals: NDArray[np.complex64]) -> NDArray[np.float64]:
    """Of each voxel over the read-outs, a slice at a time; NaN or infinite where a value is."""
    norms = np.empty((signals.shape[0], *signals.shape[2:]))
    with np.errstate(over="ignore", invalid="ignore"):
        for i, images in enumerate(signals):
            parts = images.real.astype(np.float64), images.imag.astype(np.float64)
            norms[i] = np.sqrt(sum(np.einsum("tyx,tyx->yx", part, part) for part in parts))
    return norms
