"""Monte Carlo: what a method finds of many noisy copies of known signals."""

from __future__ import annotations

import math
from collections.abc import Callable, Iterator, Sequence

import numpy as np
import torch

from core.fingerprinting.dictionary import Dictionary
from core.fingerprinting.epg import simulate
from core.fingerprinting.estimate import Estimate
from core.fingerprinting.matching import match
from core.fingerprinting.network import FingerprintNetwork
from core.fingerprinting.parameters import PARAMETERS
from core.fingerprinting.sequence import FingerprintSequence
from core.fingerprinting.signals import phased, with_noise
from core.phantom import TISSUES, Label, Tissue
from core.progress import Progress, no_progress

Method = Callable[[torch.Tensor], Estimate]
"""Function of complex signals, shape `(n, readout)`, on the processor."""

BRAIN = (Label.WHITE_MATTER, Label.GREY_MATTER, Label.THALAMUS, Label.LESION, Label.CSF)
"""Tissues whose own values are tried."""

_BLOCK = 16_384
"""Signals at once: 84 MB of 320 read-outs."""


def network_method(network: FingerprintNetwork, device: torch.device) -> Method:
    """What a network finds, on its device."""

    def estimate(signals: torch.Tensor) -> Estimate:
        return network.estimate(phased(signals.to(device), network.reference))

    return estimate


def dictionary_method(dictionary: Dictionary, device: torch.device) -> Method:
    """What dictionary matching finds, on its device."""

    def estimate(signals: torch.Tensor) -> Estimate:
        return match(dictionary, phased(signals.to(device), dictionary.reference))

    return estimate


def brain_tissues() -> tuple[tuple[Tissue, ...], torch.Tensor]:
    """The tissues of :data:`BRAIN`, and their values, shape `(tissue, 3)`."""
    tissues = tuple(TISSUES[label] for label in BRAIN)
    return tissues, torch.tensor([[t.t1_ms, t.t2_ms, t.adc_um2_per_ms] for t in tissues])


def realisation(clean: torch.Tensor, snr_db: float, seeds: Sequence[int]) -> torch.Tensor:
    """Signals with a random constant phase each, and noise in both parts.

    Parameters
    ----------
    clean
        Real, noiseless, shape `(n, readout)`.
    snr_db
        Of every signal.
    seeds
        Whole numbers that together tell this realisation from others.

    Returns
    -------
    torch.Tensor
        Complex, shape `(n, readout)`.
    """
    state = np.random.SeedSequence(list(seeds)).generate_state(1, np.uint32)[0]
    generator = torch.Generator().manual_seed(int(state))
    phase = 2 * math.pi * torch.rand(len(clean), 1, generator=generator)
    return with_noise(clean * torch.polar(torch.ones_like(phase), phase), snr_db, generator)


def estimates(
    method: Method,
    sequence: FingerprintSequence,
    tissues: torch.Tensor,
    snr_db: Sequence[float],
    n_noise: int,
    seed: int,
    progress: Progress = no_progress,
) -> Iterator[torch.Tensor]:
    """What a method finds at one SNR after the other.

    Every method meets the same noise: a realisation depends on the seed, the SNR's place and its
    own number alone, so that fewer realisations are the first of more.

    Parameters
    ----------
    method
        What is tried.
    sequence
        What is played.
    tissues
        Truth, shape `(tissue, 3)`.
    snr_db
        SNR as :func:`core.fingerprinting.signals.noise_sd` defines it.
    n_noise
        Realisations of every tissue.
    seed
        Of the noise.
    progress
        Called after every block.

    Yields
    ------
    torch.Tensor
        Shape `(realisation, tissue, 3)`.
    """
    clean = simulate(sequence, tissues)
    a_block = max(1, _BLOCK // len(tissues))
    blocks = [range(i, min(i + a_block, n_noise)) for i in range(0, n_noise, a_block)]
    for place, snr in enumerate(snr_db):
        found = []
        for i, block in enumerate(blocks):
            signals = torch.cat([realisation(clean, snr, (seed, place, r)) for r in block])
            found.append(method(signals).tissues.cpu())
            progress((place + (i + 1) / len(blocks)) / len(snr_db), f"noise at {snr:g} dB")
        yield torch.cat(found).reshape(n_noise, len(tissues), len(PARAMETERS))
