"""A list of which one entry is chosen, with those that are not possible now in grey."""

from __future__ import annotations

from collections.abc import Sequence

from PyQt6.QtCore import Qt, pyqtSignal
from PyQt6.QtGui import QStandardItem, QStandardItemModel
from PyQt6.QtWidgets import QComboBox, QWidget

from tlmri_gui.models.offer import Offer
from tlmri_gui.widgets.wheel import guard_wheel


class Chooser(QComboBox):
    """Offers them all; those that the scan does not allow are grey and say why.

    It names what is on show: what the user chooses is a wish, named once it is told to be on show.

    Parameters
    ----------
    tip
        What is chosen, as a tooltip.

    Signals
    -------
    chosen
        The user chose the entry of this name.
    """

    chosen = pyqtSignal(str)

    def __init__(self, tip: str, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._offers: tuple[Offer, ...] = ()
        self._shown = -1
        self._items = QStandardItemModel(self)
        self.setModel(self._items)
        self.setSizeAdjustPolicy(QComboBox.SizeAdjustPolicy.AdjustToContents)
        self.setToolTip(tip)
        guard_wheel(self)
        self.activated.connect(self._choose)

    def show_offers(self, offers: Sequence[Offer], chosen: str) -> None:
        """Offer these, of which one is chosen; emits nothing."""
        if tuple(offers) != self._offers:
            self._offers = tuple(offers)
            self._items.clear()
            for offer in offers:
                self._items.appendRow(_item(offer))
        names = [offer.name for offer in self._offers]
        if chosen in names:
            self._shown = names.index(chosen)
            self.setCurrentIndex(self._shown)

    def _choose(self, row: int) -> None:
        self.setCurrentIndex(self._shown)
        self.chosen.emit(self._offers[row].name)


def _item(offer: Offer) -> QStandardItem:
    item = QStandardItem(offer.label)
    item.setEnabled(not offer.unavailable)
    why = f"Not possible: {offer.unavailable}." if offer.unavailable else offer.help
    item.setData(why, Qt.ItemDataRole.ToolTipRole)
    return item
