"""Names that are cut off in the middle, since their ends tell one from another."""

from __future__ import annotations

from PyQt6.QtCore import QModelIndex, Qt
from PyQt6.QtGui import QPaintEvent
from PyQt6.QtWidgets import (
    QComboBox,
    QStyle,
    QStyledItemDelegate,
    QStyleOptionComboBox,
    QStyleOptionViewItem,
    QStylePainter,
)

_MARGIN = 4
"""Pixels that styles leave free beside the text."""


class NameDelegate(QStyledItemDelegate):
    """Draws the names of a table."""

    def initStyleOption(self, option: QStyleOptionViewItem | None, index: QModelIndex) -> None:
        """Set where the ellipsis stands."""
        super().initStyleOption(option, index)
        if option is not None:
            option.textElideMode = Qt.TextElideMode.ElideMiddle


class NameBox(QComboBox):
    """A drop-down of names, which it shows in full in its tooltip."""

    def __init__(self) -> None:
        super().__init__()
        self.setSizeAdjustPolicy(QComboBox.SizeAdjustPolicy.AdjustToMinimumContentsLengthWithIcon)
        self.currentIndexChanged.connect(self._tell_full)

    def add(self, name: str, full: str, data: object) -> None:
        """Add an entry."""
        self.addItem(name, data)
        self.setItemData(self.count() - 1, full, Qt.ItemDataRole.ToolTipRole)
        self._tell_full()  # the first is the current one at once

    def _tell_full(self) -> None:
        self.setToolTip(self.currentData(Qt.ItemDataRole.ToolTipRole) or "")

    def shown_text(self) -> str:
        """The current name as far as there is room for it."""
        option = QStyleOptionComboBox()
        self.initStyleOption(option)
        style = self.style()
        assert style is not None
        room = style.subControlRect(
            QStyle.ComplexControl.CC_ComboBox,
            option,
            QStyle.SubControl.SC_ComboBoxEditField,
            self,
        )
        mode = Qt.TextElideMode.ElideMiddle
        return self.fontMetrics().elidedText(self.currentText(), mode, room.width() - _MARGIN)

    def paintEvent(self, e: QPaintEvent | None) -> None:
        """Draw it with what there is room for."""
        del e
        painter = QStylePainter(self)
        option = QStyleOptionComboBox()
        self.initStyleOption(option)
        option.currentText = self.shown_text()
        painter.drawComplexControl(QStyle.ComplexControl.CC_ComboBox, option)
        painter.drawControl(QStyle.ControlElement.CE_ComboBoxLabel, option)
