"""Which layers of a network can be tuned alone, in words."""

from __future__ import annotations

from collections.abc import Sequence

from tlmri_gui.state import MethodOffer


def missing_layers(network: MethodOffer, part: str) -> str:
    """Why a fine-tuning of this network cannot change this part alone; empty if it can."""
    return no_layers(part, [network.label]) if lacks(network.parts, part) else ""


def lacks(parts: Sequence[str], part: str) -> bool:
    """Whether a part is none of these; where none is known, it is not."""
    return bool(parts) and part not in parts


def no_layers(part: str, labels: Sequence[str]) -> str:
    """That networks have no such part."""
    return f"No layers {part!r} in {' or '.join(labels)}"
