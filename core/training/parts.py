"""Which layers of a network a tuning may change."""

from __future__ import annotations

from typing import Protocol, runtime_checkable

from torch import nn

from core.training.part_names import ALL


@runtime_checkable
class HasParts(Protocol):
    """A network that names parts of itself which can be tuned alone."""

    @property
    def parts(self) -> dict[str, tuple[nn.Parameter, ...]]:
        """Name of a part (:data:`core.training.part_names.PARTS`) to its weights."""
        ...


def parameters_of(model: nn.Module, part: str) -> tuple[nn.Parameter, ...]:
    """The weights of a named part; those of the whole network for ``all``.

    Raises
    ------
    ValueError
        If the network has no such part, or nothing in it.
    """
    parts = model.parts if isinstance(model, HasParts) else {}
    named = {ALL: tuple(model.parameters()), **parts}
    if not named.get(part):
        known = ", ".join(name for name, weights in named.items() if weights)
        raise ValueError(f"trainable must be one of {known} for this network, got {part!r}")
    return named[part]


def train_only(model: nn.Module, part: str) -> tuple[nn.Parameter, ...]:
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
