"""From a sequence to a network's file: one training, or those of the shipped networks."""

from __future__ import annotations

import time
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from statistics import mean
from typing import Any

import torch

from core.checkpoints import SUFFIX
from core.fingerprinting.cards import read_card
from core.fingerprinting.network import FingerprintNetwork
from core.fingerprinting.pool import SignalPool, make_pool
from core.fingerprinting.sequence import FingerprintSequence
from core.fingerprinting.training import (
    CLEAN,
    HEAD,
    NOISY,
    FingerprintTraining,
    new_network,
    train,
)
from core.fingerprinting.weights import parent_of, read_network, save_network, stage
from core.progress import Progress, no_progress, part

POOL_SIZE = 200_000
"""Tissues whose signals a network learns from: 256 MB with 320 read-outs."""

CLEAN_LABEL = "Network, clean signals"
NOISY_LABEL = "Network, noise from scratch"
TRANSFERRED_LABEL = "Network, transferred"

CLEAN_TRAINING = FingerprintTraining(signals=CLEAN, steps=12_000)
TRANSFER = FingerprintTraining(signals=NOISY, steps=8_000, frozen=HEAD)
NOISY_TRAINING = FingerprintTraining(signals=NOISY, steps=8_000)
"""Of the shipped networks; the last two differ in where they start and in what is frozen."""

_POOL_SHARE = 0.05
"""Of the progress."""

LAST_STEPS = 100
"""Over which the loss of a training is averaged."""


@dataclass(frozen=True)
class TrainingRequest:
    """One training that ends in a file.

    Attributes
    ----------
    sequence
        What the network is for.
    training
        How it is trained; its seed is also the pool's.
    label
        The name a person reads.
    parent
        The network file it starts from; None for random weights.
    n_tissues
        Size of the pool.
    """

    sequence: FingerprintSequence
    training: FingerprintTraining
    label: str
    parent: Path | None = None
    n_tissues: int = POOL_SIZE


def label_of(training: FingerprintTraining, has_parent: bool) -> str:
    """What a network is called that was made so."""
    if training.signals == CLEAN:
        return CLEAN_LABEL
    return TRANSFERRED_LABEL if has_parent else NOISY_LABEL


def train_to_file(
    request: TrainingRequest, path: Path, device: torch.device, progress: Progress = no_progress
) -> float:
    """Simulate, train, and write the network; interrupted, it leaves nothing.

    Parameters
    ----------
    request
        What is trained.
    path
        The file, ending in ``.safetensors``.
    device
        Where.
    progress
        Called often.

    Returns
    -------
    float
        The loss, a mean over the last :data:`LAST_STEPS` steps: 0 for a network that is always
        right, 1 for one that always says the middle of the range.

    Raises
    ------
    ValueError
        If the parent is of another sequence, or a setting does not fit.
    """
    start = _parent(request)
    pool = make_pool(
        request.sequence,
        request.n_tissues,
        request.training.seed,
        device,
        part(progress, 0.0, _POOL_SHARE),
    )
    return _train_and_save(request, start, pool, path, part(progress, _POOL_SHARE, 1.0))


def _parent(request: TrainingRequest) -> FingerprintNetwork | None:
    """The network that the request starts from."""
    if request.parent is None:
        return None
    card = read_card(request.parent)
    if card.sequence_key != request.sequence.key:
        raise ValueError(
            f"{request.parent.name}: must be trained for the sequence {request.sequence.name} "
            f"({request.sequence.key}), got {card.sequence_name} ({card.sequence_key})"
        )
    return read_network(request.parent)


def _train_and_save(
    request: TrainingRequest,
    parent: FingerprintNetwork | None,
    pool: SignalPool,
    path: Path,
    progress: Progress,
) -> float:
    training, device = request.training, pool.signals.device
    network = new_network(pool, training.seed) if parent is None else parent.to(device)
    began = time.perf_counter()
    losses = train(network, pool, training, progress)
    seconds = time.perf_counter() - began
    done = stage(training, len(pool.tissues), training.seed, seconds, str(device))
    save_network(
        path, network, request.sequence, request.label, [*stages_before(request.parent), done]
    )
    return mean(losses[-LAST_STEPS:])


def stages_before(parent: Path | None) -> list[Mapping[str, Any]]:
    """The stages of the network that a training starts from, the last with its file's hash."""
    if parent is None:
        return []
    stages = read_card(parent).document["provenance"]["stages"]
    return [*stages[:-1], {**stages[-1], "file": parent_of(parent)}]


def train_shipped(
    folder: Path,
    sequence: FingerprintSequence,
    device: torch.device,
    seed: int = 0,
    n_tissues: int = POOL_SIZE,
    progress: Progress = no_progress,
    say: Callable[[Path], None] = lambda _: None,
) -> Sequence[Path]:
    """Make the three shipped networks: clean, noisy, and transferred from the clean one.

    Parameters
    ----------
    folder
        Where they go; a network that is there already, of this sequence and seed, is kept.
    sequence
        What they are for.
    device
        Where they are trained.
    seed, n_tissues
        Of weights, pool and noise; size of the pool.
    progress
        Called often.
    say
        Told of each file that is made.

    Raises
    ------
    ValueError
        If a file that is there is of another sequence or seed.
    """
    clean = folder / f"clean{SUFFIX}"
    plan = (
        (clean, CLEAN_TRAINING, None),
        (folder / f"noisy{SUFFIX}", NOISY_TRAINING, None),
        (folder / f"transferred{SUFFIX}", TRANSFER, clean),
    )
    for i, (path, training, parent) in enumerate(plan):
        if path.is_file():
            _check_kept(path, sequence, seed)
        else:
            request = TrainingRequest(
                sequence,
                replace(training, seed=seed),
                label_of(training, parent is not None),
                parent,
                n_tissues,
            )
            hook = part(progress, i / len(plan), (i + 1) / len(plan))
            train_to_file(request, path, device, hook)
            say(path)
    return [path for path, _, _ in plan]


def _check_kept(path: Path, sequence: FingerprintSequence, seed: int) -> None:
    """Refuse to pass off another network as one of those that are made."""
    card = read_card(path)
    found = card.document["provenance"]["stages"][-1]["seed"]
    if card.sequence_key != sequence.key:
        raise ValueError(
            f"{path}: must be of the sequence {sequence.name} ({sequence.key}), got "
            f"{card.sequence_name} ({card.sequence_key}); choose another folder"
        )
    if found != seed:
        raise ValueError(f"{path}: must be of seed {seed}, got {found}; choose another folder")
