"""Columns of tables of figures: how a row's value is read, printed and aligned."""

from __future__ import annotations

import math
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Generic, TypeVar

from PyQt6.QtCore import Qt

R = TypeVar("R")

SORT_ROLE = int(Qt.ItemDataRole.UserRole)
"""Role of the value that sorting compares."""
MISSING = "–"


@dataclass(frozen=True)
class Column(Generic[R]):
    """A column of rows of one kind.

    Attributes
    ----------
    heading, tip
        What stands above it, and what its tooltip says.
    value
        A row's value.
    digits
        How a number is printed, as for :func:`format`; empty for text.
    best
        Which of several values is best; None if none is.
    """

    heading: str
    value: Callable[[R], str | float]
    digits: str = ""
    tip: str = ""
    best: Callable[[Sequence[float]], float] | None = None

    @property
    def alignment(self) -> Qt.AlignmentFlag:
        """Numbers to the right, words to the left."""
        side = Qt.AlignmentFlag.AlignRight if self.digits else Qt.AlignmentFlag.AlignLeft
        return side | Qt.AlignmentFlag.AlignVCenter

    def text(self, row: R) -> str:
        """A row's value as printed; a dash where there is no figure."""
        value = self.value(row)
        if isinstance(value, str):
            return value
        return MISSING if math.isnan(value) else format(value, self.digits).rstrip(".")

    def cell(self, row: R, role: int) -> object:
        """What an item model answers for a cell: its text, value or alignment; None otherwise."""
        if role == Qt.ItemDataRole.DisplayRole:
            return self.text(row)
        if role == SORT_ROLE:
            return self.value(row)
        return self.alignment if role == Qt.ItemDataRole.TextAlignmentRole else None

    def head(self, role: int) -> object:
        """What an item model answers for the heading; None where nothing is to say."""
        if role == Qt.ItemDataRole.DisplayRole:
            return self.heading
        if role == Qt.ItemDataRole.ToolTipRole:
            return self.tip or None
        return self.alignment if role == Qt.ItemDataRole.TextAlignmentRole else None
