"""Weighted images by the signal equations."""

from __future__ import annotations

from collections.abc import Callable

import numpy as np
from numpy.typing import NDArray

from core.phantom.brain import Brain
from core.registry import Registry

CONTRASTS: Registry[Callable[[Brain], NDArray[np.float32]]] = Registry("contrast")
"""Signal equations with the parameters they default to."""


@CONTRASTS.register("t1", "T1-weighted")
def t1_weighted(
    brain: Brain, ti_ms: float = 1100.0, tr_ms: float = 2300.0, te_ms: float = 3.0
) -> NDArray[np.float32]:
    r"""Inversion-prepared gradient echo (MPRAGE), in units of all of pure water's protons.

    .. math:: S = \rho\,\left|1 - \frac{2 e^{-TI/T_1}}{1 + e^{-TR/T_1}}\right| e^{-TE/T_2}

    with T2 for T2* and the read-out's small flip angles neglected. Mugler and Brookeman, MRM 15:152
    (1990).

    Parameters
    ----------
    brain
        The head.
    ti_ms, tr_ms, te_ms
        Inversion time (to the centre of k-space), repetition time and echo time in ms.

    Returns
    -------
    NDArray[np.float32]
        Magnitude, float32, shape `(slice, y, x)`.
    """
    recovery = 1 - 2 * _decay(ti_ms, brain.t1_ms) / (1 + _decay(tr_ms, brain.t1_ms))
    return (brain.pd * np.abs(recovery) * _decay(te_ms, brain.t2_ms)).astype(np.float32)


@CONTRASTS.register("t2", "T2-weighted")
def t2_weighted(brain: Brain, te_ms: float = 85.0, tr_ms: float = 4000.0) -> NDArray[np.float32]:
    r"""Spin echo, in units of the signal of all of pure water's protons.

    .. math:: S = \rho\,(1 - e^{-TR/T_1})\, e^{-TE/T_2}

    Parameters
    ----------
    brain
        The head.
    te_ms, tr_ms
        Echo and repetition time in ms.

    Returns
    -------
    NDArray[np.float32]
        Magnitude, float32, shape `(slice, y, x)`.
    """
    signal = brain.pd * (1 - _decay(tr_ms, brain.t1_ms)) * _decay(te_ms, brain.t2_ms)
    return signal.astype(np.float32)


@CONTRASTS.register("flair", "FLAIR")
def flair(
    brain: Brain, te_ms: float = 110.0, tr_ms: float = 9000.0, ti_ms: float = 2500.0
) -> NDArray[np.float32]:
    r"""Inversion recovery spin echo with the fluid nulled, in the same units.

    .. math:: S = \rho\,|1 - 2 e^{-TI/T_1} + e^{-TR/T_1}|\, e^{-TE/T_2}

    Hajnal et al., J Comput Assist Tomogr 16:841 (1992).

    Parameters
    ----------
    brain
        The head.
    te_ms, tr_ms, ti_ms
        Echo, repetition and inversion time in ms.

    Returns
    -------
    NDArray[np.float32]
        Magnitude, float32, shape `(slice, y, x)`.
    """
    recovered = np.abs(1 - 2 * _decay(ti_ms, brain.t1_ms) + _decay(tr_ms, brain.t1_ms))
    return (brain.pd * recovered * _decay(te_ms, brain.t2_ms)).astype(np.float32)


def _decay(time_ms: float, constant_ms: NDArray[np.float32]) -> NDArray[np.float32]:
    """``exp(-time / constant)``, 0 where there is no tissue."""
    return np.exp(-time_ms / np.maximum(constant_ms, np.float32(1e-3)))
