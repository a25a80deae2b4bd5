"""Which layers of a network a tuning may change."""

from __future__ import annotations

from torch import nn

from core.networks.network import Network
from core.training.part_names import ALL


def parameters_of(model: Network, part: str) -> tuple[nn.Parameter, ...]:
    """The weights of a named part; those of the whole network for ``all``.

    Raises
    ------
    ValueError
        If the network has no such part, nothing in it, or nothing beside it.
    """
    every = tuple(model.parameters())
    parts = {
        name: weights for name, weights in model.parts.items() if 0 < len(weights) < len(every)
    }
    named = {ALL: every, **parts}
    if part not in named:
        raise ValueError(
            f"trainable must be one of {', '.join(named)} for this network, got {part!r}"
        )
    return named[part]


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
