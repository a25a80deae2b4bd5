"""How large the tuned networks of a study will be, for the check of the disk."""

from __future__ import annotations

import math
from collections import Counter
from collections.abc import Iterable
from pathlib import Path

from core.studies.cells import Cell

WEIGHT_BYTES = 4
"""Tuned networks are written in float32, whatever their parents were."""

DESCRIPTION_BYTES = 250_000
"""At most, what a checkpoint says of itself."""


def checkpoint_bytes(cells: Iterable[Cell]) -> int:
    """Size of all networks that the cells will tune, from the numbers of their parents' weights."""
    tuned = [cell for cell in cells if cell.kind == "network" and cell.n_images]
    of_files = Counter(cell.parent.path for cell in tuned if cell.parent is not None)
    of_scratch = Counter(cell.name for cell in tuned if cell.parent is None)
    n_weights = sum(count * _in_file(Path(path)) for path, count in of_files.items())
    n_weights += sum(count * _untrained(source) for source, count in of_scratch.items())
    return n_weights * WEIGHT_BYTES + len(tuned) * DESCRIPTION_BYTES


def _in_file(path: Path) -> int:
    from safetensors import safe_open

    with safe_open(path, framework="np") as file:
        return sum(math.prod(file.get_slice(name).get_shape()) for name in file.keys())  # noqa: SIM118


def _untrained(source: str) -> int:
    from core.studies.scratch import untrained

    return sum(weights.numel() for weights in untrained(source).state_dict().values())
