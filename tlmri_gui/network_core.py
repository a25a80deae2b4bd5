"""What the window asks of the core about networks; runs on the worker thread."""

from __future__ import annotations

import json
from collections.abc import Sequence
from dataclasses import asdict
from functools import lru_cache
from typing import TYPE_CHECKING

from core.checkpoints import CheckpointInfo
from core.training.part_names import PARTS

if TYPE_CHECKING:
    from core.networks.network import Network


def shared_parts(members: Sequence[CheckpointInfo]) -> tuple[str, ...]:
    """The parts that all these networks have and a tuning may change, without their weights.

    A network that cannot be built says nothing here: it is refused by name when it is used.
    """
    documents = {
        json.dumps({key: info.config.get(key) for key in ("architecture", "network")})
        for info in members
    }
    found = [_parts_of_document(document) for document in documents]
    return tuple(name for name in PARTS.names() if all(name in parts for parts in found))


def untrained_parts(architecture: str) -> tuple[str, ...]:
    """Those of an untrained network of its default shape."""
    from core.networks import NETWORKS, files

    params = NETWORKS[architecture].params
    assert params is not None
    network = files.jsonable(asdict(params()))
    return _parts_of_document(json.dumps({"architecture": architecture, "network": network}))


@lru_cache(maxsize=64)
def _parts_of_document(document: str) -> tuple[str, ...]:
    import torch

    from core.networks import files
    from core.training.parts import part_names

    try:
        # On the meta device, which draws no numbers, torch would load its compiler to build it.
        with torch.random.fork_rng(devices=[]):
            model: Network = files.build(json.loads(document))
    except (ValueError, AttributeError):
        return tuple(PARTS.names())
    return part_names(model)
