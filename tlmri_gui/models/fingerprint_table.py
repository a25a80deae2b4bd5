"""The table of errors by tissue and method as a Qt model."""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass

from PyQt6.QtCore import QAbstractTableModel, QModelIndex, Qt
from PyQt6.QtGui import QFont

from core.fingerprinting.parameters import Parameter
from tlmri_gui.models.columns import Column
from tlmri_gui.models.fingerprint_boxes import of_parameter, tissue_label
from tlmri_gui.models.fingerprint_text import short_name
from tlmri_gui.session import Session

Role = Qt.ItemDataRole


@dataclass(frozen=True)
class ErrorRow:
    """Errors of one parameter in one tissue by one method, in the parameter's unit."""

    tissue: str
    method: str
    n_voxels: int
    truth: float
    bias: float
    sd: float
    rmse: float


def error_rows(session: Session, parameter: Parameter) -> tuple[ErrorRow, ...]:
    """Tissue by tissue, the whole brain first, every chosen method in the order of the list."""
    found: dict[str, list[ErrorRow]] = {}
    for method in session.fingerprint_plan.chosen:
        outcome = session.fingerprint.outcomes.get(method.name)
        for score in of_parameter(outcome.scores if outcome else (), parameter):
            row = ErrorRow(
                tissue_label(score),
                short_name(method.label),
                score.n_voxels,
                score.true_mean,
                score.bias,
                score.sd,
                score.rmse,
            )
            found.setdefault(score.tissue, []).append(row)
    return tuple(row for rows in found.values() for row in rows)


def error_decimals(parameter: Parameter) -> int:
    """Digits after the point that tell a thousandth of the range that is shown."""
    return max(round(3 - math.log10(parameter.shown_high)), 0)


def error_columns(parameter: Parameter) -> tuple[Column[ErrorRow], ...]:
    """The columns of the table of one parameter."""
    digits, unit = f".{error_decimals(parameter)}f", parameter.unit
    signed = f"+{digits}"
    return (
        Column("Tissue", lambda row: row.tissue),
        Column("Method", lambda row: row.method),
        Column(
            "True",
            lambda row: row.truth,
            f".{parameter.decimals}f",
            f"Mean of the true values, {unit}",
        ),
        Column("Bias", lambda row: row.bias, signed, f"Mean error, {unit}"),
        Column("SD", lambda row: row.sd, digits, f"Standard deviation of the errors, {unit}"),
        Column("RMSE", lambda row: row.rmse, digits, f"In {unit}; the least is bold", best=min),
    )


class ErrorModel(QAbstractTableModel):
    """Errors of one parameter; the least RMSE of each tissue is bold."""

    def __init__(self, parameter: Parameter) -> None:
        super().__init__()
        self._rows: tuple[ErrorRow, ...] = ()
        self._columns = error_columns(parameter)

    @property
    def columns(self) -> tuple[Column[ErrorRow], ...]:
        """What each column shows."""
        return self._columns

    def set_rows(self, rows: Sequence[ErrorRow], parameter: Parameter) -> None:
        """Show these rows instead, in the digits of this parameter."""
        self.beginResetModel()
        self._rows, self._columns = tuple(rows), error_columns(parameter)
        self.endResetModel()

    def rowCount(self, parent: QModelIndex | None = None) -> int:
        """Return the number of rows."""
        return 0 if parent is not None and parent.isValid() else len(self._rows)

    def columnCount(self, parent: QModelIndex | None = None) -> int:
        """Return the number of columns."""
        return 0 if parent is not None and parent.isValid() else len(self._columns)

    def headerData(
        self, section: int, orientation: Qt.Orientation, role: int = Role.DisplayRole
    ) -> object:
        """Heading of a column."""
        across = orientation is Qt.Orientation.Horizontal
        return self._columns[section].head(role) if across else None

    def data(self, index: QModelIndex, role: int = Role.DisplayRole) -> object:
        """One cell."""
        row, column = self._rows[index.row()], self._columns[index.column()]
        if role == Role.FontRole and column.best is not None and self._is_best(row):
            font = QFont()
            font.setBold(True)
            return font
        if role == Role.ToolTipRole:
            return f"{row.tissue} · {row.method} · {row.n_voxels:,} voxels"
        return column.cell(row, role)

    def _is_best(self, row: ErrorRow) -> bool:
        rivals = [other.rmse for other in self._rows if other.tissue == row.tissue]
        return len(rivals) > 1 and row.rmse == min(rivals)
