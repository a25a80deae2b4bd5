"""Dictionaries: simulated signals, compressed to the leading singular vectors."""

from __future__ import annotations

from dataclasses import dataclass

import torch

from core.fingerprinting.epg import simulate
from core.fingerprinting.sequence import FingerprintSequence
from core.fingerprinting.signals import normalised
from core.fingerprinting.tissues import draw_tissues
from core.params import check, setting
from core.progress import Progress, no_progress, part

CPU = torch.device("cpu")

_BASIS_ATOMS = 20_000
"""Atoms that the singular vectors are computed from: evenly spread like all others."""

_BLOCK = 20_000
"""Atoms that lie in memory uncompressed."""

_KEPT = 2
"""Dictionaries that are remembered."""


@dataclass(frozen=True)
class DictionarySettings:
    """Size of a dictionary."""

    n_atoms: int = setting(
        100_000, "Atoms", low=100, high=2_000_000, logarithmic=True, help="Simulated tissues."
    )
    rank: int = setting(
        25, "Rank", low=1, high=5000, help="Singular vectors kept; at most one a read-out."
    )
    seed: int = setting(0, "Seed", low=0, high=2**31 - 1, help="Of the quasi-random tissues.")

    def __post_init__(self) -> None:
        check(self)


@dataclass(frozen=True, eq=False)
class Dictionary:
    """Atoms in the space of the leading right singular vectors.

    McGivney et al., IEEE Trans Med Imaging 33:2311 (2014).

    Attributes
    ----------
    tissues
        T1, T2 and ADC of each atom. Shape `(atom, 3)`.
    basis
        Orthonormal columns. Shape `(readout, rank)`.
    atoms
        Compressed signals of norm 1. Shape `(atom, rank)`.
    scales
        Norms of the compressed signals for a proton density of 1. Shape `(atom,)`.
    reference
        Mean of signals of norm 1, shape `(readout,)`.
    """

    tissues: torch.Tensor
    basis: torch.Tensor
    atoms: torch.Tensor
    scales: torch.Tensor
    reference: torch.Tensor


def build_dictionary(
    sequence: FingerprintSequence,
    settings: DictionarySettings = DictionarySettings(),
    device: torch.device = CPU,
    progress: Progress = no_progress,
) -> Dictionary:
    """Simulate and compress a dictionary, a block at a time.

    Parameters
    ----------
    sequence
        What its signals are of.
    settings
        Its size; a rank above the number of read-outs keeps all and compresses nothing.
    device
        Where it is made and stays.
    progress
        Called after every block of signals.
    """
    with torch.inference_mode():
        tissues = draw_tissues(settings.n_atoms, settings.seed).to(device)
        rank = min(settings.rank, sequence.n_readouts)
        basis, reference = singular_vectors(sequence, tissues[:_BASIS_ATOMS], rank)
        blocks = torch.split(tissues, _BLOCK)
        compressed = []
        for i, block in enumerate(blocks):
            hook = part(progress, i / len(blocks), (i + 1) / len(blocks))
            compressed.append(simulate(sequence, block, progress=hook) @ basis)
        atoms, scales = normalised(torch.cat(compressed))
    return Dictionary(tissues, basis, atoms, scales, reference)


def singular_vectors(
    sequence: FingerprintSequence, tissues: torch.Tensor, rank: int
) -> tuple[torch.Tensor, torch.Tensor]:
    """Leading right singular vectors of the normalised signals of tissues, and their mean signal.

    Parameters
    ----------
    sequence
        What the signals are of.
    tissues
        Shape `(n, 3)`.
    rank
        How many vectors, at most the number of read-outs.

    Returns
    -------
    tuple of torch.Tensor
        Orthonormal columns, shape `(readout, rank)`, and a signal, shape `(readout,)`.
    """
    signals = normalised(simulate(sequence, tissues))[0]
    # In double precision, since the Gram matrix squares the singular values.
    gram = signals.double().T @ signals.double()
    vectors = torch.linalg.eigh(gram).eigenvectors.flip(1)[:, :rank]
    return vectors.to(signals.dtype), signals.mean(0)


_built: dict[tuple[FingerprintSequence, DictionarySettings, str], Dictionary] = {}


def dictionary_of(
    sequence: FingerprintSequence,
    settings: DictionarySettings,
    device: torch.device,
    progress: Progress = no_progress,
) -> Dictionary:
    """:func:`build_dictionary`, remembered: the last two."""
    key = (sequence, settings, str(device))
    found = _built.get(key)
    if found is None:
        found = build_dictionary(sequence, settings, device, progress)
        for oldest in list(_built)[: len(_built) + 1 - _KEPT]:
            _built.pop(oldest, None)
        _built[key] = found
    return found
