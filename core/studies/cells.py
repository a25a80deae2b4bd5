"""A cell: one point of a study's grid, as plain values from which its numbers follow."""

from __future__ import annotations

import hashlib
import json
from dataclasses import asdict, dataclass
from typing import TYPE_CHECKING, Any

from core.training.settings import FULL, TuneSettings

if TYPE_CHECKING:
    from core.studies.table import Row

UNSUPERVISED = "none"
"""Supervision of cells that tune no network."""


@dataclass(frozen=True)
class FileRef:
    """A file, and what it held when the study was planned.

    Attributes
    ----------
    path
        Where it lies: not part of a cell's key.
    sha256
        Of its content.
    """

    path: str
    sha256: str


@dataclass(frozen=True)
class ScanRef:
    """A scan of a study.

    Attributes
    ----------
    reader
        Entry of :data:`core.studies.people.READERS`.
    name, person
        The scan's name; the name of the person, equal for all scans of one person.
    file
        The scan's file; None for a phantom.
    phantom
        Seed, size and number of slices of a phantom.
    coils
        Receive coils simulated for it if it holds magnitude images; 0 for none. Not part of a
        cell's key where it is 0, since there were studies before it.
    """

    reader: str
    name: str
    person: str
    file: FileRef | None = None
    phantom: tuple[int, int, int] | None = None
    coils: int = 0


@dataclass(frozen=True)
class Cell:
    """One point of the grid.

    Attributes
    ----------
    kind
        Entry of :data:`core.studies.kinds.KINDS`: ``network`` or ``baseline``.
    name
        The source domain, or the baseline's name.
    label
        The name a person reads.
    acceleration, pattern, mask_seed
        The test masks.
    n_images
        Images it is tuned on; 0 for none.
    seed
        Of the choice of tuning images and of the tuning; 0 where nothing is tuned.
    supervision
        How it is tuned; ``none`` where nothing is tuned or no network.
    tuning
        Settings of the tuning, this cell's own values in them.
    parent
        The network's weights; None for a baseline or an untrained network.
    tune, test
        Scans tuned on and scans scored.
    slices_per_scan
        Scored slices of each scan; 0 for all.
    definition
        Of the figures of merit.
    target
        The target's name.
    device
        Where networks run.
    """

    kind: str
    name: str
    label: str
    acceleration: float
    pattern: str
    mask_seed: int
    n_images: int
    seed: int
    supervision: str
    tuning: TuneSettings
    parent: FileRef | None
    tune: tuple[ScanRef, ...]
    test: tuple[ScanRef, ...]
    slices_per_scan: int
    definition: str
    target: str
    device: str = "cpu"

    @property
    def key(self) -> str:
        """First 16 hexadecimal digits of the SHA-256 of all values but where files lie."""
        text = json.dumps(_telling(asdict(self)), sort_keys=True)
        return hashlib.sha256(text.encode()).hexdigest()[:16]

    @property
    def title(self) -> str:
        """What a message calls it: ``natural, R=4, 5 images, seed 1``."""
        parts = [self.name, f"R={self.acceleration:g}"]
        if self.n_images:
            parts.append(f"{self.n_images} image{'s' if self.n_images > 1 else ''}")
            parts.append(f"seed {self.seed}")
        else:
            parts.append("not tuned")
        if self.supervision not in (UNSUPERVISED, FULL):
            parts.append(f"supervision {self.supervision}")
        return ", ".join(parts)

    @property
    def checkpoint_name(self) -> str:
        """File name of its tuned network: ``natural-r4-n5-seed1-full.safetensors``."""
        safe = "".join(c if c.isalnum() or c in "-_" else "-" for c in self.name)
        return (
            f"{safe}-r{self.acceleration:g}-n{self.n_images}-seed{self.seed}"
            f"-{self.supervision}.safetensors"
        )


def _telling(value: Any) -> Any:  # noqa: ANN401 - plain JSON values
    """What tells cells apart: all but paths, and coils where none are simulated."""
    if isinstance(value, dict):
        told = {k: v for k, v in value.items() if k != "path" and (k, v) != ("coils", 0)}
        return {k: _telling(v) for k, v in told.items()}
    if isinstance(value, list | tuple):
        return [_telling(v) for v in value]
    return value


@dataclass(frozen=True)
class CellResult:
    """What a cell gives: all its rows, and its tuned network as the bytes of a file.

    Attributes
    ----------
    key
        The cell's.
    rows
        One a scored slice.
    checkpoint
        The tuned network's file; None where no network was tuned.
    seconds_tuning, seconds_total
        Time of the tuning alone, and of the whole cell.
    """

    key: str
    rows: tuple[Row, ...]
    checkpoint: bytes | None
    seconds_tuning: float
    seconds_total: float


@dataclass(frozen=True)
class CellDone:
    """Published after each cell.

    Attributes
    ----------
    cell, rows
        The cell and its rows.
    n_done, n_cells
        Cells in the table, and of the study.
    seconds_left
        Estimate; NaN where there is none.
    """

    cell: Cell
    rows: tuple[Row, ...]
    n_done: int
    n_cells: int
    seconds_left: float
