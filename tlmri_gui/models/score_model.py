"""The score table as a Qt model: values, best of each slice, sorting."""

from __future__ import annotations

import math
import re
from collections.abc import Sequence
from dataclasses import dataclass

from PyQt6.QtCore import QAbstractTableModel, QModelIndex, QSortFilterProxyModel, Qt
from PyQt6.QtGui import QFont

from tlmri_gui.models.columns import SORT_ROLE, Column

Role = Qt.ItemDataRole


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


COLUMNS: tuple[Column[ScoreRow], ...] = (
    Column("Method", lambda row: row.method),
    Column("Slice", lambda row: row.slice_text),
    Column("PSNR (dB)", lambda row: row.psnr, ".2f", best=max),
    Column("SSIM", lambda row: row.ssim, ".4f", best=max),
    Column("NMSE", lambda row: row.nmse, "#.3g", best=min),
    Column("RMSE", lambda row: row.rmse, "#.4g", best=min),
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
            for row in _best_rows(self._rows, spec)
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
        return COLUMNS[section].head(role) if orientation is Qt.Orientation.Horizontal else None

    def data(self, index: QModelIndex, role: int = Role.DisplayRole) -> object:
        """One cell."""
        row, column = self._rows[index.row()], COLUMNS[index.column()]
        if role == Role.ToolTipRole:
            return row.method if index.column() == 0 else row.note or None
        if role == Role.FontRole and (index.row(), index.column()) in self._best:
            font = QFont()
            font.setBold(True)
            return font
        return column.cell(row, role)


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


def _best_rows(rows: Sequence[ScoreRow], column: Column[ScoreRow]) -> list[int]:
    """Rows that hold the best figure of their slice, where at least two are compared."""
    if column.best is None:
        return []
    groups: dict[str, list[tuple[int, float]]] = {}
    for number, row in enumerate(rows):
        figure = float(column.value(row))
        if not math.isnan(figure):
            groups.setdefault(row.slice_text, []).append((number, figure))
    found: list[int] = []
    for group in groups.values():
        if len(group) > 1:
            top = column.best([figure for _, figure in group])
            found += [number for number, figure in group if figure == top]
    return found


def _natural(value: str) -> tuple[tuple[int, int, str], ...]:
    parts = re.findall(r"\d+|\D+", value.lower())
    return tuple((0, int(p), "") if p.isdecimal() else (1, 0, p) for p in parts)
