"""A cell: one point of a study's grid, as plain values from which its numbers follow."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Mapping
from dataclasses import Field, dataclass, field, fields, is_dataclass
from typing import TYPE_CHECKING, Any

from core.studies.target import CONTRAST, FIELD_T
from core.training.part_names import ALL
from core.training.settings import FULL, TuneSettings

if TYPE_CHECKING:
    from core.studies.profiles import CellProfile
    from core.studies.table import Row

UNSUPERVISED = "none"
"""Supervision of cells that tune no network."""

_UNTOLD: Mapping[str, bool] = {"untold": True}
"""Of a field from which no number follows: it is no part of a key."""

_LATER: Mapping[str, bool] = {"later": True}
"""Of a field that came after there were studies, whose cells keep their keys: at its default it is
no part of a key."""


@dataclass(frozen=True)
class FileRef:
    """A file, and what it held when the study was planned.

    Attributes
    ----------
    path
        Where it lies.
    sha256
        Of its content.
    """

    path: str = field(metadata=_UNTOLD)
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
        Receive coils simulated for it if it holds magnitude images; 0 for none.
    field_t, contrast
        Of a phantom: field strength in tesla; entry of :data:`core.phantom.CONTRASTS`.
    slices
        The first of its slices, and the one behind the last; None for all.
    is_apart
        Whether these slices are scored with what was tuned on other slices of the scan, as if they
        were a person of their own; rows say so.
    """

    reader: str
    name: str
    person: str
    file: FileRef | None = None
    phantom: tuple[int, int, int] | None = None
    coils: int = field(default=0, metadata=_LATER)
    field_t: float = field(default=FIELD_T, metadata=_LATER)
    contrast: str = field(default=CONTRAST, metadata=_LATER)
    slices: tuple[int, int] | None = field(default=None, metadata=_LATER)
    is_apart: bool = field(default=False, metadata=_LATER)


@dataclass(frozen=True)
class Cell:
    """One point of the grid.

    Attributes
    ----------
    kind
        Entry of :data:`core.studies.kinds.KINDS`: ``network`` or ``baseline``.
    name
        The source, or the baseline's name.
    label
        The name that a person reads of it.
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
    is_named
        Whether the study's file gives the target a name, which then is in titles and file names.
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
    is_named: bool = field(default=False, metadata=_LATER)

    @property
    def key(self) -> str:
        """First 16 hexadecimal digits of the SHA-256 of all values but where files lie."""
        text = json.dumps(_telling(self), sort_keys=True)
        return hashlib.sha256(text.encode()).hexdigest()[:16]

    @property
    def trainable(self) -> str:
        """What its tuning may change, a name in :data:`core.training.part_names.PARTS`."""
        return self.tuning.trainable

    @property
    def method(self) -> str:
        """What tables call it: ``natural``, or ``natural, decoder`` where that alone is tuned."""
        return self._of_part(self.name)

    @property
    def method_label(self) -> str:
        """The same for a person."""
        return self._of_part(self.label)

    def _of_part(self, whole: str) -> str:
        return whole if self.trainable == ALL else f"{whole}, {self.trainable}"

    @property
    def title(self) -> str:
        """What a message calls it: ``natural, R=4, 5 images, seed 1``."""
        parts = [self.target] if self.is_named else []
        parts += [self.method, f"R={self.acceleration:g}"]
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
        """File name of its tuned network: ``natural-r4-n5-seed1-full.safetensors``.

        That of a named target begins with its name: ``chest--natural-r4-n5-seed1-full...``.
        """
        words = [file_word(self.target)] if self.is_named else []
        words.append(
            f"{file_word(self.method)}-r{self.acceleration:g}-n{self.n_images}-seed{self.seed}"
            f"-{self.supervision}.safetensors"
        )
        return "--".join(words)


def file_word(text: str) -> str:
    """A text as a part of a file's name, on any system."""
    return "".join(c if c.isalnum() or c in "-_" else "-" for c in text)


def _telling(value: Any) -> Any:  # noqa: ANN401 - plain values and dataclasses of them
    """What tells cells apart, as JSON holds it."""
    if is_dataclass(value):
        told = [f for f in fields(value) if _tells(f, getattr(value, f.name))]
        return {f.name: _telling(getattr(value, f.name)) for f in told}
    if isinstance(value, list | tuple):
        return [_telling(v) for v in value]
    return value


def _tells(described: Field[Any], value: object) -> bool:
    if described.metadata == _LATER:
        return bool(value != described.default)
    return described.metadata != _UNTOLD


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
    profile
        The middle row of one scored slice; None of cells from before there was one.
    """

    key: str
    rows: tuple[Row, ...]
    checkpoint: bytes | None
    seconds_tuning: float
    seconds_total: float
    profile: CellProfile | None = None


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
