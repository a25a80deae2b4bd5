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
    brain: Brain, tr_ms: float = 16.0, te_ms: float = 4.0, flip_deg: float = 28.0
) -> NDArray[np.float32]:
    r"""Spoiled gradient echo (FLASH), in units of the signal of all of pure water's protons.

    .. math:: S = \rho \sin\alpha \frac{1 - E_1}{1 - E_1 \cos\alpha} e^{-TE/T_2},
        \quad E_1 = e^{-TR/T_1}

    with T2 for T2*. Haase et al., JMR 67:258 (1986).

    Parameters
    ----------
    brain
        The head.
    tr_ms, te_ms
        Repetition and echo time in ms.
    flip_deg
        Flip angle in degrees.

    Returns
    -------
    NDArray[np.float32]
        Magnitude, float32, shape `(slice, y, x)`.
    """
    e1, e2 = _decay(tr_ms, brain.t1_ms), _decay(te_ms, brain.t2_ms)
    alpha = np.deg2rad(flip_deg)
    signal = brain.pd * np.sin(alpha) * (1 - e1) / (1 - e1 * np.cos(alpha)) * e2
    return signal.astype(np.float32)


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
