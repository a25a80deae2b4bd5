r"""What a method's errors are over noise realisations: bias, variance and mean square.

Errors are :math:`e = \ln(\hat\theta / \theta)`: small ones are relative errors, and a value twice
too large is as wrong as one of half the truth. Of each tissue
:math:`\overline{e^2} = \bar e^2 + \overline{(e - \bar e)^2}`.
"""

from __future__ import annotations

from dataclasses import dataclass, replace

import numpy as np
import torch
from numpy.typing import NDArray

from core.fingerprinting.parameters import PARAMETERS

EVEN_VARIANCE = np.array([parameter.log_range**2 / 12 for parameter in PARAMETERS])
"""Variance of the logarithm of each parameter when it is spread evenly over its range."""


@dataclass(frozen=True, eq=False)
class Moments:
    """Errors of one method at every SNR, over `n_noise` realisations of each tissue.

    Attributes
    ----------
    mean, variance
        Of ``ln(estimate / truth)``; the variance unbiased. Shape `(snr, tissue, 3)`.
    median
        Of ``|estimate / truth - 1|`` over all tissues and realisations. Shape `(snr, 3)`.
    n_noise
        Realisations.
    """

    mean: NDArray[np.float64]
    variance: NDArray[np.float64]
    median: NDArray[np.float64]
    n_noise: int

    @property
    def squared_bias(self) -> NDArray[np.float64]:
        """Unbiased: the part of ``mean**2`` that noise alone explains is taken off; may be below 0.

        Shape `(snr, tissue, 3)`.
        """
        return self.mean**2 - self.variance / self.n_noise

    @property
    def mse(self) -> NDArray[np.float64]:
        """Mean squared error, the sum of squared bias and variance. Shape `(snr, tissue, 3)`."""
        return self.squared_bias + self.variance

    @property
    def loss(self) -> NDArray[np.float64]:
        """Mean over T1, T2 and ADC of the mean squared error in units of :data:`EVEN_VARIANCE`.

        What training makes small, but for the proton density. Shape `(snr, tissue)`.
        """
        loss: NDArray[np.float64] = (self.mse / EVEN_VARIANCE).mean(axis=2)
        return loss

    def among(self, chosen: NDArray[np.bool_]) -> Moments:
        """Of some of the tissues; the median stays that of all."""
        return replace(self, mean=self.mean[:, chosen], variance=self.variance[:, chosen])


def log_errors(found: torch.Tensor, tissues: torch.Tensor) -> NDArray[np.float64]:
    """``ln(estimate / truth)`` in float64.

    Parameters
    ----------
    found
        Estimates, shape `(realisation, tissue, 3)`.
    tissues
        Truth, shape `(tissue, 3)`.

    Raises
    ------
    ValueError
        If an estimate is not positive and finite.
    """
    if not bool(((found > 0) & found.isfinite()).all()):
        raise ValueError(f"estimates must be positive and finite, got {float(found.min()):g}")
    errors: NDArray[np.float64] = (found.double() / tissues.double()).log().cpu().numpy()
    return errors


def moments_of(errors: list[NDArray[np.float64]]) -> Moments:
    """The moments of errors of shape `(realisation, tissue, 3)`, one array an SNR."""
    return Moments(
        mean=np.stack([e.mean(axis=0) for e in errors]),
        variance=np.stack([e.var(axis=0, ddof=1) for e in errors]),
        median=np.stack([np.median(np.abs(np.expm1(e)), axis=(0, 1)) for e in errors]),
        n_noise=len(errors[0]),
    )
