"""The score table as a Qt model: values, best of each slice, sorting."""

from __future__ import annotations

import math
import re
from collections.abc import Callable, Sequence
from dataclasses import dataclass

from PyQt6.QtCore import QAbstractTableModel, QModelIndex, QSortFilterProxyModel, Qt
from PyQt6.QtGui import QFont

Role = Qt.ItemDataRole
SORT_ROLE = int(Role.UserRole)
"""Role of the value that sorting compares."""
MISSING = "–"


@dataclass(frozen=True)
class ScoreRow:
    """One row: a method's scores on one slice or on all.

    Figures that do not exist are NaN; ``note`` then says why.
    """

    method: str
    slice_text: str
    psnr: float
    ssim: float
    nmse: float
    rmse: float
    seconds: float
    note: str = ""


@dataclass(frozen=True)
class Column:
    """A column: its heading, how its value is read and printed, and which end is best."""

    heading: str
    value: Callable[[ScoreRow], str | float]
    digits: str = ""
    best: Callable[[Sequence[float]], float] | None = None


COLUMNS: tuple[Column, ...] = (
    Column("Method", lambda row: row.method),
    Column("Slice", lambda row: row.slice_text),
    Column("PSNR (dB)", lambda row: row.psnr, ".2f", max),
    Column("SSIM", lambda row: row.ssim, ".4f", max),
    Column("NMSE", lambda row: row.nmse, "#.3g", min),
    Column("RMSE", lambda row: row.rmse, "#.4g", min),
    Column("Time (s)", lambda row: row.seconds, ".2f"),
    Column("Note", lambda row: row.note),
)


class ScoreModel(QAbstractTableModel):
    """Scores under one named definition, best figures of each slice in bold."""

    def __init__(self) -> None:
        super().__init__()
        self._rows: tuple[ScoreRow, ...] = ()
        self._best: frozenset[tuple[int, int]] = frozenset()

    @property
    def rows(self) -> tuple[ScoreRow, ...]:
        """What is shown, in the order given."""
        return self._rows

    def set_rows(self, rows: Sequence[ScoreRow]) -> None:
        """Show these rows instead."""
        self.beginResetModel()
        self._rows = tuple(rows)
        self._best = frozenset(
            (row, column)
            for column, spec in enumerate(COLUMNS)
            if spec.best is not None
            for row in _best_rows(self._rows, spec.value, spec.best)
        )
        self.endResetModel()

    def rowCount(self, parent: QModelIndex | None = None) -> int:
        """Return the number of rows."""
        return 0 if parent is not None and parent.isValid() else len(self._rows)

    def columnCount(self, parent: QModelIndex | None = None) -> int:
        """Return the number of columns."""
        return 0 if parent is not None and parent.isValid() else len(COLUMNS)

    def headerData(
        self, section: int, orientation: Qt.Orientation, role: int = Role.DisplayRole
    ) -> object:
        """Heading of a column."""
        if orientation is not Qt.Orientation.Horizontal:
            return None
        if role == Role.DisplayRole:
            return COLUMNS[section].heading
        if role == Role.TextAlignmentRole:
            return _alignment(COLUMNS[section])
        return None

    def data(self, index: QModelIndex, role: int = Role.DisplayRole) -> object:
        """One cell."""
        row, spec = self._rows[index.row()], COLUMNS[index.column()]
        value = spec.value(row)
        if role == Role.DisplayRole:
            return text(value, spec.digits)
        if role == SORT_ROLE:
            return value
        if role == Role.TextAlignmentRole:
            return _alignment(spec)
        if role == Role.ToolTipRole:
            return row.method if index.column() == 0 else row.note or None
        if role == Role.FontRole and (index.row(), index.column()) in self._best:
            font = QFont()
            font.setBold(True)
            return font
        return None


class ScoreOrder(QSortFilterProxyModel):
    """Sorts by value: numbers as numbers, text with its numbers as numbers, NaN always last."""

    def __init__(self) -> None:
        super().__init__()
        self.setSortRole(SORT_ROLE)

    def lessThan(self, left: QModelIndex, right: QModelIndex) -> bool:
        """Whether the left cell comes before the right one in ascending order."""
        a, b = left.data(SORT_ROLE), right.data(SORT_ROLE)
        if isinstance(a, str) or isinstance(b, str):
            return _natural(str(a)) < _natural(str(b))
        descending = self.sortOrder() is Qt.SortOrder.DescendingOrder
        if math.isnan(a):
            return descending and not math.isnan(b)
        if math.isnan(b):
            return not descending
        return bool(a < b)


def text(value: str | float, digits: str) -> str:
    """A cell as printed; a dash where there is no figure."""
    if isinstance(value, str):
        return value
    return MISSING if math.isnan(value) else format(value, digits).rstrip(".")


def _best_rows(
    rows: Sequence[ScoreRow],
    value: Callable[[ScoreRow], str | float],
    best: Callable[[Sequence[float]], float],
) -> list[int]:
    """Rows that hold the best figure of their slice, where at least two are compared."""
    groups: dict[str, list[tuple[int, float]]] = {}
    for number, row in enumerate(rows):
        figure = float(value(row))
        if not math.isnan(figure):
            groups.setdefault(row.slice_text, []).append((number, figure))
    found: list[int] = []
    for group in groups.values():
        if len(group) > 1:
            top = best([figure for _, figure in group])
            found += [number for number, figure in group if figure == top]
    return found


def _alignment(spec: Column) -> Qt.AlignmentFlag:
    side = Qt.AlignmentFlag.AlignRight if spec.digits else Qt.AlignmentFlag.AlignLeft
    return side | Qt.AlignmentFlag.AlignVCenter


def _natural(value: str) -> tuple[tuple[int, int, str], ...]:
    parts = re.findall(r"\d+|\D+", value.lower())
    return tuple((0, int(p), "") if p.isdecimal() else (1, 0, p) for p in parts)
