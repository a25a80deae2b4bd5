r"""The Cramér-Rao bound: the least variance that an unbiased method can have.

For white noise of standard deviation :math:`\sigma` the Fisher information of
:math:`\eta = (\ln T_1, \ln T_2, \ln ADC, \ln PD)` is :math:`J^T J / \sigma^2` with the signal's
Jacobian :math:`J`. The unknown phase of a voxel costs nothing: its derivative lies in the imaginary
part, the others in the real part. Kay, Fundamentals of Statistical Signal Processing I, chapter 3.
"""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
import torch
from numpy.typing import NDArray

from core.fingerprinting.epg import simulate
from core.fingerprinting.parameters import PARAMETERS
from core.fingerprinting.sequence import FingerprintSequence
from core.fingerprinting.signals import noise_sd
from core.studies.fingerprinting.moments import EVEN_VARIANCE

_STEP = 1e-4
"""Of central differences in a logarithm: their error is 1e-8 of the derivative."""

_NO_TRACE = 1e-9
"""Of the signal's norm: derivatives below are rounding errors of the differences."""


def log_jacobian(
    sequence: FingerprintSequence, tissues: torch.Tensor
) -> tuple[torch.Tensor, torch.Tensor]:
    """Signals, and their derivatives by the logarithms of T1, T2, ADC and proton density.

    Parameters
    ----------
    sequence
        What is played.
    tissues
        Shape `(n, 3)`.

    Returns
    -------
    tuple of torch.Tensor
        Float64, shapes `(n, readout)` and `(n, readout, 4)`.
    """
    logs = tissues.double().log()
    columns = []
    for i in range(len(PARAMETERS)):
        step = torch.zeros_like(logs)
        step[:, i] = _STEP
        above, below = (simulate(sequence, (logs + side * step).exp()) for side in (1, -1))
        columns.append((above - below) / (2 * _STEP))
    signals = simulate(sequence, logs.exp())
    return signals, torch.stack([*columns, signals], dim=2)


def bounds(
    sequence: FingerprintSequence, tissues: torch.Tensor, snr_db: Sequence[float]
) -> NDArray[np.float64]:
    """Least variance of ``ln(estimate / truth)`` of unbiased methods.

    Parameters
    ----------
    sequence
        What is played.
    tissues
        Shape `(tissue, 3)`.
    snr_db
        As :func:`core.fingerprinting.signals.noise_sd` defines it.

    Returns
    -------
    ndarray
        Shape `(snr, tissue, 3)`; infinite where a signal does not depend on a parameter, which
        then takes nothing from what is known of the others.
    """
    signals, jacobian = log_jacobian(sequence, tissues)
    has_no_trace = jacobian.norm(dim=1) <= _NO_TRACE * signals.norm(dim=1, keepdim=True)
    # Such a parameter gets a read-out of its own, so that it stands apart from all others
    apart = torch.diag_embed(has_no_trace.to(jacobian.dtype))
    jacobian = torch.cat([jacobian.masked_fill(has_no_trace[:, None], 0), apart], dim=1)
    # The diagonal of (JᵀJ)⁻¹ from the triangle of J's QR decomposition, which is better conditioned
    triangle = torch.linalg.qr(jacobian, mode="r").R
    unit = torch.eye(triangle.shape[-1], dtype=triangle.dtype)
    rows = torch.linalg.solve_triangular(triangle, unit, upper=True)
    least = rows.square().sum(2).masked_fill(has_no_trace, torch.inf)[:, : len(PARAMETERS)]
    least = least.nan_to_num(nan=torch.inf, posinf=torch.inf)
    variances = [least * noise_sd(signals, snr)[:, None] ** 2 for snr in snr_db]
    found: NDArray[np.float64] = torch.stack(variances).numpy()
    return found


def capped(bound: NDArray[np.float64]) -> NDArray[np.float64]:
    """The bound, at most the variance of a value spread evenly over the logarithm of its range.

    Where a signal hardly depends on a parameter the bound grows without limit, while whoever knows
    the range never errs so far; means over tissues would be of those few alone. What is capped is
    a bound still, only a weaker one. Shape `(snr, tissue, 3)`.
    """
    return np.minimum(bound, EVEN_VARIANCE)
