"""Fingerprinting networks to and from files."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import asdict
from functools import lru_cache
from pathlib import Path
from typing import Any

import torch

from core.checkpoints import file_hash
from core.fingerprinting.cards import ARCHITECTURE, NetworkCard, read_card
from core.fingerprinting.network import FingerprintNetwork, GruConfig
from core.fingerprinting.sequence import FingerprintSequence
from core.fingerprinting.training import FingerprintTraining
from core.networks import files


def save_network(
    path: Path,
    network: FingerprintNetwork,
    sequence: FingerprintSequence,
    label: str,
    stages: Sequence[Mapping[str, Any]],
) -> None:
    """Write a network with its description, whole or not at all.

    Parameters
    ----------
    path
        Target.
    network
        What is written.
    sequence
        What it was trained for.
    label
        The name a person reads.
    stages
        How it came to be, from the first weights on: see :func:`stage`.
    """
    document = files.describe(
        ARCHITECTURE,
        network.config,
        label=label,
        task={"sequence": {"key": sequence.key, "name": sequence.name}},
        provenance={"stages": [dict(done) for done in stages]},
    )
    files.save(path, network, document)


def stage(
    settings: FingerprintTraining, n_tissues: int, pool_seed: int, seconds: float, device: str
) -> dict[str, Any]:
    """One stage of training, as :func:`save_network` takes it."""
    return {
        **asdict(settings),
        "n_tissues": n_tissues,
        "pool_seed": pool_seed,
        "seconds": round(seconds, 1),
        "device": device,
    }


def load_network(card: NetworkCard, device: torch.device) -> FingerprintNetwork:
    """The network of a card, remembered until the file changes; it must not be modified.

    Raises
    ------
    ValueError
        If the file is damaged or its weights do not fit its description.
    """
    status = card.path.stat()
    return _load(card.path, str(device), (status.st_mtime_ns, status.st_size))


@lru_cache(maxsize=8)
def _load(path: Path, device: str, version: tuple[int, int]) -> FingerprintNetwork:
    del version  # it is there to tell a rewritten file from the one in the cache
    return read_network(path).to(device)


def read_network(path: Path) -> FingerprintNetwork:
    """A network of its own, on the processor, ready to be trained on.

    Raises
    ------
    ValueError
        As :func:`load_network`.
    """
    card = read_card(path)
    try:
        network = FingerprintNetwork(GruConfig(**card.document["network"]))
    except (KeyError, TypeError) as error:
        raise ValueError(f"{path.name}: its network cannot be built: {error}") from None
    files.fill(network, path)
    return network.eval()


def parent_of(path: Path) -> dict[str, str]:
    """How a transferred network names what it started from."""
    return {"name": path.stem, "sha256": file_hash(path)}
