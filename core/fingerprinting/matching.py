"""Dictionary matching: the atom with the largest inner product."""

from __future__ import annotations

import torch

from core.fingerprinting.dictionary import Dictionary
from core.fingerprinting.estimate import Estimate
from core.progress import Progress, no_progress

SIGNAL_BLOCK = 1024
ATOM_BLOCK = 2048
"""Their inner products (8 MiB) are all that matching holds besides signals and dictionary."""


@torch.inference_mode()
def match(
    dictionary: Dictionary, signals: torch.Tensor, progress: Progress = no_progress
) -> Estimate:
    r"""The best atom of each signal, and the proton density that goes with it.

    .. math::
        \hat\imath = \arg\max_i \langle d_i, s \rangle / \|d_i\|, \quad
        \widehat{PD} = \langle d_{\hat\imath}, s \rangle / \|d_{\hat\imath}\|^2

    Ma et al., Nature 495:187 (2013); in the space of singular vectors McGivney et al., TMI 33:2311
    (2014).

    Parameters
    ----------
    dictionary
        What is compared with.
    signals
        Real, their phase taken off (:func:`core.fingerprinting.signals.phased`), on the
        dictionary's device. Shape `(n, readout)`.
    progress
        Called after every block of signals.

    Raises
    ------
    ValueError
        If the signals have another number of read-outs.
    """
    n_readouts = len(dictionary.basis)
    if signals.ndim != 2 or signals.shape[1] != n_readouts:
        raise ValueError(f"signals must have shape (n, {n_readouts}), got {tuple(signals.shape)}")
    compressed = signals @ dictionary.basis
    best, products = [], []
    done = 0
    for block in torch.split(compressed, SIGNAL_BLOCK):
        index, product = _best_atoms(dictionary.atoms, block)
        best.append(index)
        products.append(product)
        done += len(block)
        progress(done / len(signals), "matching")
    index, product = torch.cat(best), torch.cat(products)
    return Estimate(dictionary.tissues[index], product / dictionary.scales[index])


def _best_atoms(atoms: torch.Tensor, signals: torch.Tensor) -> tuple[torch.Tensor, torch.Tensor]:
    """Index and inner product of the best atom of each signal, both of shape `(n,)`."""
    index = torch.zeros(len(signals), dtype=torch.long, device=signals.device)
    product = torch.full((len(signals),), -torch.inf, device=signals.device)
    for start in range(0, len(atoms), ATOM_BLOCK):
        values, found = (signals @ atoms[start : start + ATOM_BLOCK].T).max(dim=1)
        is_better = values > product
        product = torch.where(is_better, values, product)
        index = torch.where(is_better, found + start, index)
    return index, product
