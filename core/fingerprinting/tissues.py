"""Tissues to simulate: quasi-random, evenly spread over the logarithm of each parameter."""

from __future__ import annotations

import torch
from torch.quasirandom import SobolEngine

from core.fingerprinting.parameters import PARAMETERS


def draw_tissues(n: int, seed: int) -> torch.Tensor:
    r"""Tissues of a scrambled Sobol sequence in log T1, log T2 and log ADC, with T2 up to T1.

    Parameters
    ----------
    n
        How many, at least 1.
    seed
        Of the scrambling; other seeds give other tissues.

    Returns
    -------
    torch.Tensor
        T1 and T2 in ms, ADC in µm²/ms, float32. Shape `(n, 3)`.

    Raises
    ------
    ValueError
        If ``n`` is below 1.
    """
    if n < 1:
        raise ValueError(f"n must be at least 1, got {n}")
    engine = SobolEngine(len(PARAMETERS), scramble=True, seed=seed)
    low = torch.tensor([parameter.low for parameter in PARAMETERS])
    log_range = torch.tensor([parameter.log_range for parameter in PARAMETERS])
    found = torch.empty(0, len(PARAMETERS))
    while len(found) < n:
        drawn = low * (log_range * engine.draw(max(64, n - len(found)))).exp()
        found = torch.cat([found, drawn[drawn[:, 1] <= drawn[:, 0]]])
    return found[:n]
