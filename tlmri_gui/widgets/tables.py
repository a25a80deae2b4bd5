"""How tables of figures look: whole rows, sorted by their headings, no grid."""

from __future__ import annotations

from PyQt6.QtCore import QSortFilterProxyModel, Qt
from PyQt6.QtGui import QKeySequence, QShortcut
from PyQt6.QtWidgets import QAbstractItemView, QHeaderView, QTableView

from tlmri_gui.widgets.elided import NameDelegate

ROW_HEIGHT = 26


def sorted_table(order: QSortFilterProxyModel) -> QTableView:
    """A view of a sorted model, in the order given until a heading is clicked."""
    view = QTableView()
    view.setModel(order)
    view.setSortingEnabled(True)
    view.sortByColumn(-1, Qt.SortOrder.AscendingOrder)
    view.setSelectionBehavior(QAbstractItemView.SelectionBehavior.SelectRows)
    view.setEditTriggers(QAbstractItemView.EditTrigger.NoEditTriggers)
    view.setAlternatingRowColors(True)
    view.setShowGrid(False)
    view.setWordWrap(False)
    view.setItemDelegateForColumn(0, NameDelegate(view))
    rows, columns = view.verticalHeader(), header(view)
    assert rows is not None
    rows.hide()
    rows.setDefaultSectionSize(ROW_HEIGHT)
    columns.setHighlightSections(False)
    columns.setSectionResizeMode(QHeaderView.ResizeMode.ResizeToContents)
    return view


def header(view: QTableView) -> QHeaderView:
    """The headings of the columns."""
    columns = view.horizontalHeader()
    assert columns is not None
    return columns


def copy_shortcut(view: QTableView) -> QShortcut:
    """Ctrl+C while the focus is in the table."""
    shortcut = QShortcut(QKeySequence(QKeySequence.StandardKey.Copy), view)
    shortcut.setContext(Qt.ShortcutContext.WidgetWithChildrenShortcut)
    return shortcut
