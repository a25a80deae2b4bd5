"""The table of a study: one row for each scored slice of each cell, as CSV."""

from __future__ import annotations

import csv
import io
from collections import Counter
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import astuple, dataclass, fields
from pathlib import Path
from typing import Any

from core import atomic
from core.training.part_names import ALL

TABLE_NAME = "table.csv"

REMARKS_JOINT = "; "
"""Between the remarks of a row."""

SAME_SCAN = "tuned on other slices of the same scan"
"""Remark on rows whose slices are scored as if they were of a person of their own."""

SliceKey = tuple[str, str, int]
"""Person, scan, slice."""


@dataclass(frozen=True)
class Row:
    """One scored slice of one cell; the attributes are the columns.

    Attributes
    ----------
    cell
        Key of the cell.
    target
        Name of the target.
    kind
        ``network`` or ``baseline``.
    method
        Source domain or baseline.
    label
        The name a person reads.
    acceleration, n_images, seed, supervision
        As of :class:`core.studies.cells.Cell`.
    person, scan, slice
        Who is scored: the person, the scan's name and the slice's index.
    definition
        Of the figures of merit.
    psnr_db, ssim, nmse
        Figures of merit.
    provenance
        Where the k-space comes from, such as *simulated from magnitude*.
    validation_before_db, validation_after_db
        PSNR of the validation images before and after the tuning; NaN where no network was tuned.
    checkpoint
        File name of the tuned network in the study's folder; empty for none.
    settings
        Of a tuned baseline, in words.
    remarks
        What a reader must know, such as a network trained with another sampling pattern.
    rmse
        The slice's own, in the units that the definition compares it in, which are mostly the
        scan's: no mean over scans is made of it. NaN in tables from before it was kept.
    trainable
        What a network's tuning could change, a name in :data:`core.training.part_names.PARTS`.
    """

    cell: str
    target: str
    kind: str
    method: str
    label: str
    acceleration: float
    n_images: int
    seed: int
    supervision: str
    person: str
    scan: str
    slice: int
    definition: str
    psnr_db: float
    ssim: float
    nmse: float
    provenance: str
    validation_before_db: float = float("nan")
    validation_after_db: float = float("nan")
    checkpoint: str = ""
    settings: str = ""
    remarks: str = ""
    rmse: float = float("nan")
    trainable: str = ALL

    @property
    def source(self) -> str:
        """What the method's network was tuned from: the method without the part that was tuned."""
        return self.method.removesuffix(f", {self.trainable}")

    @property
    def each_remark(self) -> tuple[str, ...]:
        """The remarks one by one."""
        return tuple(self.remarks.split(REMARKS_JOINT)) if self.remarks else ()


COLUMNS = tuple(f.name for f in fields(Row))
_KINDS = {"str": str, "int": int, "float": float}
_N_FIRST = COLUMNS.index("remarks") + 1
"""Columns that every table has; later ones may be missing, and take their defaults."""
_READ = tuple(_KINDS[str(f.type)] for f in fields(Row))


@dataclass(frozen=True)
class StudyTable:
    """The rows of the cells that are done, in the order of the grid.

    Attributes
    ----------
    rows
        Rows of whole cells only.
    n_done, n_cells
        Cells done and cells of the study.
    """

    rows: tuple[Row, ...]
    n_done: int
    n_cells: int

    @property
    def is_complete(self) -> bool:
        """Whether every cell is done."""
        return self.n_done == self.n_cells


def by_slice(rows: Iterable[Row]) -> dict[SliceKey, list[Row]]:
    """The rows of each slice: one a seed where they are of one point of a curve."""
    found: dict[SliceKey, list[Row]] = {}
    for row in rows:
        found.setdefault((row.person, row.scan, row.slice), []).append(row)
    return found


def labels_of(rows: Iterable[Row]) -> dict[str, str]:
    """The name a person reads of each method; those of one name have the method's own behind it."""
    labels = {row.method: row.label for row in rows}
    count = Counter(labels.values())
    return {
        method: label if count[label] == 1 else f"{label} ({method})"
        for method, label in labels.items()
    }


def remarks_of(rows: Iterable[Row], labels: Mapping[str, str]) -> tuple[str, ...]:
    """Each remark once, after the labels of all methods that it is made on."""
    found: dict[str, dict[str, None]] = {}
    for row in rows:
        for remark in row.each_remark:
            found.setdefault(remark, {})[labels[row.method]] = None
    return tuple(f"{'; '.join(names)}: {remark}" for remark, names in found.items())


def to_csv(rows: Iterable[Row]) -> str:
    """The rows as CSV; numbers in the shortest form that reads back to the same value."""
    text = io.StringIO()
    writer = csv.writer(text, lineterminator="\n")
    writer.writerow(COLUMNS)
    writer.writerows(astuple(row) for row in rows)
    return text.getvalue()


def write_rows(path: Path, rows: Iterable[Row]) -> None:
    """Write the table so that the file is either the old one or the whole new one.

    Raises
    ------
    ValueError
        If it cannot be written.
    """
    atomic.write_bytes(path, to_csv(rows).encode())


def read_rows(path: Path) -> tuple[Row, ...]:
    """The rows of a table.

    Raises
    ------
    ValueError
        If the file is no table of a study or damaged, naming the line.
    """
    try:
        text = path.read_bytes().decode()
        lines = list(csv.reader(io.StringIO(text, newline="")))
    except OSError as error:
        raise ValueError(f"{path}: must be readable, got {error.strerror}") from None
    except (UnicodeDecodeError, csv.Error) as error:
        raise ValueError(f"{path}: must be a study's table, got: {error}") from None
    head = tuple(lines[0]) if lines else ()
    if len(head) < _N_FIRST or head != COLUMNS[: len(head)]:
        found = ",".join(head)[:60] if head else "nothing"
        raise ValueError(f"{path}: must begin with the columns of a study's table, got {found!r}")
    readers = _READ[: len(head)]
    return tuple(_row(path, n, line, readers) for n, line in enumerate(lines[1:], start=2))


def _row(path: Path, number: int, line: list[str], readers: Sequence[Callable[[str], Any]]) -> Row:
    try:
        values = [read(text) for read, text in zip(readers, line, strict=True)]
        return Row(*values)
    except ValueError as error:
        raise ValueError(f"{path}, line {number}: must be a study's row, got: {error}") from None
