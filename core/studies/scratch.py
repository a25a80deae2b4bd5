"""An untrained network: what tuning gives without any transfer."""

from __future__ import annotations

from pathlib import Path

import torch

from core.checkpoints import MULTI, SINGLE
from core.networks import DEFAULT, NETWORKS, files
from core.networks.handling import CoilByCoil
from core.networks.network import Network
from core.studies.cells import Cell
from core.studies.spec import SCRATCH

LABEL = "Untrained network"


def architecture_of(source: str) -> str:
    """Entry of :data:`core.networks.NETWORKS` that ``scratch`` or ``scratch:ARCHITECTURE`` is of.

    ``scratch`` alone is of the default.

    Raises
    ------
    ValueError
        If there is no such network.
    """
    return NETWORKS[source.removeprefix(SCRATCH).removeprefix(":") or DEFAULT].name


def label_of(source: str) -> str:
    """The name a person reads: it says the architecture where it is not the default."""
    name = architecture_of(source)
    return LABEL if name == DEFAULT else f"{LABEL}, {NETWORKS[name].label}"


def untrained(source: str, seed: int = 0) -> Network:
    """The network in its default shape, with the random weights of a seed."""
    entry = NETWORKS[architecture_of(source)]
    assert entry.params is not None
    with torch.random.fork_rng(devices=[]):
        torch.manual_seed(seed)
        return entry.item(entry.params())


def write_untrained(path: Path, cell: Cell, n_coils: int) -> Path:
    """Write the network of a cell's source and seed, to be tuned on scans of so many coils."""
    model = untrained(cell.name, cell.seed)
    is_joint = n_coils > 1 and not isinstance(model.handling, CoilByCoil)
    task = {
        "domain": SCRATCH,
        "acceleration": cell.acceleration,
        "pattern": cell.pattern,
        "coils": MULTI if is_joint else SINGLE,
        "tuned": False,
    }
    document = files.describe(
        architecture_of(cell.name), model.config, label=cell.label, task=task, provenance={}
    )
    files.save(path, model, document)
    return path
