"""What a method finds of signals."""

from __future__ import annotations

from typing import NamedTuple

import torch


class Estimate(NamedTuple):
    """Values of `n` signals.

    Attributes
    ----------
    tissues
        T1 and T2 in ms, ADC in µm²/ms. Shape `(n, 3)`.
    pd
        Proton density in units of the signals. Shape `(n,)`.
    """

    tissues: torch.Tensor
    pd: torch.Tensor
