"""An untrained network: what tuning gives without any transfer."""

from __future__ import annotations

from pathlib import Path

import torch

from core.networks import files
from core.networks.cascade import Cascade, CascadeConfig
from core.studies.cells import Cell

LABEL = "Untrained network"


def write_untrained(path: Path, cell: Cell) -> Path:
    """Write a network of the default shape with the random weights of the cell's seed."""
    config = CascadeConfig()
    with torch.random.fork_rng(devices=[]):
        torch.manual_seed(cell.seed)
        model = Cascade(config)
    task = {
        "domain": cell.name,
        "acceleration": cell.acceleration,
        "pattern": cell.pattern,
        "coils": "single",
        "tuned": False,
    }
    document = files.describe("cascade", config, label=LABEL, task=task, provenance={})
    files.save(path, model, document)
    return path
