"""Labels in a role of the style sheet, of one line or of as many as the text takes."""

from __future__ import annotations

from PyQt6.QtCore import Qt
from PyQt6.QtGui import QResizeEvent
from PyQt6.QtWidgets import QLabel

from tlmri_gui.widgets.roles import set_role


class WholeLabel(QLabel):
    """Wrapped lines of which a layout short of room cuts none off."""

    def __init__(self) -> None:
        super().__init__()
        self.setWordWrap(True)

    def setText(self, a0: str | None) -> None:
        """Say this, and ask for the lines it takes."""
        super().setText(a0)
        self._fit()

    def resizeEvent(self, a0: QResizeEvent | None) -> None:
        """Ask for the lines that the text takes at this width."""
        super().resizeEvent(a0)
        self._fit()

    def _fit(self) -> None:
        self.setMinimumHeight(0)  # the height for a width is never below it
        self.setMinimumHeight(max(self.heightForWidth(self.width()), 0))


def line(role: str, text: str = "") -> QLabel:
    """One line of plain text."""
    label = QLabel(text)
    label.setTextFormat(Qt.TextFormat.PlainText)
    set_role(label, role)
    return label


def wrapped(role: str, text: str = "") -> QLabel:
    """Lines of plain text that break between words."""
    label = line(role, text)
    label.setWordWrap(True)
    return label


def whole(role: str) -> WholeLabel:
    """Wrapped lines of plain text that are always seen in full."""
    label = WholeLabel()
    label.setTextFormat(Qt.TextFormat.PlainText)
    set_role(label, role)
    return label


def say(label: QLabel, text: str) -> None:
    """Show this text; hide the label if there is none."""
    if label.text() != text:
        label.setText(text)
    label.setVisible(bool(text))
