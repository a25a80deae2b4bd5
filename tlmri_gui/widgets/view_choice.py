"""The list of ways to look at a slice."""

from __future__ import annotations

from collections.abc import Sequence

from PyQt6.QtCore import Qt, pyqtSignal
from PyQt6.QtGui import QStandardItem, QStandardItemModel
from PyQt6.QtWidgets import QComboBox, QWidget

from tlmri_gui.models.stage import ViewChoice
from tlmri_gui.widgets.wheel import guard_wheel


class ViewChooser(QComboBox):
    """Offers the views; those that the scan does not allow are grey and say why.

    Signals
    -------
    view_chosen
        The user chose the view of this name.
    """

    view_chosen = pyqtSignal(str)

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._choices: tuple[ViewChoice, ...] = ()
        self._items = QStandardItemModel(self)
        self.setModel(self._items)
        self.setSizeAdjustPolicy(QComboBox.SizeAdjustPolicy.AdjustToContents)
        self.setToolTip("What is shown of the slice")
        guard_wheel(self)
        self.activated.connect(self._choose)

    def show_choices(self, choices: Sequence[ViewChoice], shown: str) -> None:
        """Offer these, of which one is shown; emits nothing."""
        if tuple(choices) != self._choices:
            self._choices = tuple(choices)
            self._items.clear()
            for choice in choices:
                self._items.appendRow(_item(choice))
        names = [choice.name for choice in self._choices]
        if shown in names:
            self.setCurrentIndex(names.index(shown))

    def _choose(self, row: int) -> None:
        self.view_chosen.emit(self._choices[row].name)


def _item(choice: ViewChoice) -> QStandardItem:
    item = QStandardItem(choice.label)
    item.setEnabled(not choice.unavailable)
    why = f"Not possible: {choice.unavailable}." if choice.unavailable else choice.help
    item.setData(why, Qt.ItemDataRole.ToolTipRole)
    return item
