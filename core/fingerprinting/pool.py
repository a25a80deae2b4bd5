"""The simulated signals that networks learn from."""

from __future__ import annotations

from dataclasses import dataclass

import torch

from core.fingerprinting.epg import simulate
from core.fingerprinting.sequence import FingerprintSequence
from core.fingerprinting.tissues import draw_tissues
from core.progress import Progress, no_progress

CPU = torch.device("cpu")


@dataclass(frozen=True, eq=False)
class SignalPool:
    """Noiseless signals of quasi-random tissues.

    Attributes
    ----------
    sequence
        What was played.
    tissues
        Shape `(n, 3)`.
    signals
        For a proton density of 1. Shape `(n, readout)`.
    """

    sequence: FingerprintSequence
    tissues: torch.Tensor
    signals: torch.Tensor


def make_pool(
    sequence: FingerprintSequence,
    n: int,
    seed: int,
    device: torch.device = CPU,
    progress: Progress = no_progress,
) -> SignalPool:
    """Simulate ``n`` signals; 4 bytes a read-out of each stay in memory.

    Parameters
    ----------
    sequence
        What is played.
    n, seed
        How many tissues, and which (:func:`core.fingerprinting.tissues.draw_tissues`).
    device
        Where they are made and stay.
    progress
        Called after every block.

    Raises
    ------
    ValueError
        If ``n`` is below 2: a network takes the spread of the signals' norms from it.
    """
    if n < 2:
        raise ValueError(f"tissues must be at least 2, got {n}")
    tissues = draw_tissues(n, seed).to(device)
    # No inference mode: its tensors could not be saved for the backward pass.
    with torch.no_grad():
        signals = simulate(sequence, tissues, progress=progress)
    return SignalPool(sequence, tissues, signals)
