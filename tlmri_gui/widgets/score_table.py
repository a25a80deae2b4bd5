"""The score table: sortable, best in bold, copied with Ctrl+C."""

from __future__ import annotations

from collections.abc import Sequence

from PyQt6.QtGui import QGuiApplication, QResizeEvent
from PyQt6.QtWidgets import QHeaderView, QTableView, QVBoxLayout, QWidget

from tlmri_gui import theme
from tlmri_gui.models.score_model import COLUMNS, ScoreModel, ScoreOrder, ScoreRow
from tlmri_gui.widgets.labels import line
from tlmri_gui.widgets.tables import ROW_HEIGHT, copy_shortcut, header, sorted_table

_WIDEST = 220
"""Widest column of a narrow table, pixels; the notes alone may take more."""

_WIDEST_SHARE = 3
"""In a wide table a column may take a third of it."""

_FEWEST_ROWS, _MOST_ROWS = 4, 7
"""Between these the table asks for the height of its rows; more rows scroll."""


class ScoreTable(QWidget):
    """Scores of every method under one named definition.

    Attributes
    ----------
    label
        Names the definition, and where the k-space comes from.
    view
        The table itself.
    """

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._definition = ""
        self._provenance = ""
        self._model = ScoreModel()
        self._order = ScoreOrder()
        self._order.setSourceModel(self._model)
        self.label = line("muted", "No scores yet")
        self.view = _table_view(self._order)
        copy_shortcut(self.view).activated.connect(self.copy)
        layout = QVBoxLayout(self)
        layout.setContentsMargins(theme.SPACE, 0, theme.SPACE, 0)
        layout.setSpacing(theme.SPACE // 2)
        layout.addWidget(self.label)
        layout.addWidget(self.view, 1)

    def resizeEvent(self, event: QResizeEvent | None) -> None:
        """Give the names more room in a wider table."""
        super().resizeEvent(event)
        header(self.view).setMaximumSectionSize(max(_WIDEST, self.width() // _WIDEST_SHARE))

    def set_rows(self, rows: Sequence[ScoreRow], definition_label: str, provenance: str) -> None:
        """Show these rows; the label says what they share: definition and origin of k-space."""
        self._definition = definition_label
        self._provenance = provenance
        shared = f"Scores: {definition_label} · {provenance}"
        self.label.setText(shared if rows else "No scores yet")
        self._model.set_rows(rows)

    def fitting_height(self) -> int:
        """Height at which its rows can be seen without scrolling, pixels; of many the first few."""
        layout = self.layout()
        assert layout is not None
        rows = min(max(self._order.rowCount(), _FEWEST_ROWS), _MOST_ROWS)
        table = (
            header(self.view).sizeHint().height() + rows * ROW_HEIGHT + 2 * self.view.frameWidth()
        )
        return self.label.sizeHint().height() + layout.spacing() + table + theme.SPACE // 2

    def as_tsv(self) -> str:
        """Selected rows (all if none is) in the order shown, tab-separated, with headings."""
        selection = self.view.selectionModel()
        assert selection is not None
        chosen = sorted(index.row() for index in selection.selectedRows())
        numbers = chosen or range(self._order.rowCount())
        head = "\t".join([column.heading for column in COLUMNS] + ["Definition", "k-space"])
        lines = [
            "\t".join([str(self._order.index(r, c).data()) for c in range(len(COLUMNS))])
            + f"\t{self._definition}\t{self._provenance}"
            for r in numbers
        ]
        return "\n".join([head, *lines]) + "\n"

    def copy(self) -> None:
        """Put :meth:`as_tsv` on the clipboard."""
        clipboard = QGuiApplication.clipboard()
        if clipboard is not None:
            clipboard.setText(self.as_tsv())


def _table_view(order: ScoreOrder) -> QTableView:
    view = sorted_table(order)
    columns = header(view)
    columns.setSectionResizeMode(len(COLUMNS) - 1, QHeaderView.ResizeMode.Stretch)
    columns.setMinimumSectionSize(56)
    columns.setMaximumSectionSize(_WIDEST)
    return view
