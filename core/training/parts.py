"""Which layers of a network a tuning may change."""

from __future__ import annotations

from torch import nn

from core.networks.network import Network
from core.training.part_names import ALL


def part_names(model: Network) -> tuple[str, ...]:
    """The parts that a tuning of the network may change."""
    return tuple(_parts(model))


def parameters_of(model: Network, part: str) -> tuple[nn.Parameter, ...]:
    """The weights of a named part; those of the whole network for ``all``.

    Raises
    ------
    ValueError
        If the network has no such part, nothing in it, or nothing beside it.
    """
    named = _parts(model)
    if part not in named:
        raise ValueError(
            f"trainable must be one of {', '.join(named)} for this network, got {part!r}"
        )
    return named[part]


def _parts(model: Network) -> dict[str, tuple[nn.Parameter, ...]]:
    """All weights, and the parts with something in them and something beside them."""
    every = tuple(model.parameters())
    parts = {
        name: weights for name, weights in model.parts.items() if 0 < len(weights) < len(every)
    }
    return {ALL: every, **parts}


def train_only(model: Network, part: str) -> tuple[nn.Parameter, ...]:
    """Fix all weights but those of a part, which are returned.

    Raises
    ------
    ValueError
        As :func:`parameters_of`.
    """
    chosen = parameters_of(model, part)
    model.requires_grad_(False)
    for weight in chosen:
        weight.requires_grad_(True)
    return chosen
