"""The values under the pointer, with room kept for the longest, so that no map moves meanwhile."""

from __future__ import annotations

from PyQt6.QtCore import QRect, Qt
from PyQt6.QtGui import QResizeEvent
from PyQt6.QtWidgets import QLabel

from tlmri_gui.widgets.roles import set_role

_TALL = 10_000


class Readout(QLabel):
    """Lines of plain text that break between words."""

    def __init__(self) -> None:
        super().__init__()
        self._longest = ""
        self.setTextFormat(Qt.TextFormat.PlainText)
        self.setWordWrap(True)
        self.setAlignment(Qt.AlignmentFlag.AlignTop | Qt.AlignmentFlag.AlignLeft)
        set_role(self, "muted")

    def keep_room_for(self, text: str) -> None:
        """Be as tall as this text needs, whatever is said."""
        self._longest = text
        self._fit()

    def resizeEvent(self, a0: QResizeEvent | None) -> None:
        """Find the height at this width."""
        super().resizeEvent(a0)
        if a0 is not None and a0.oldSize().width() != self.width():
            self._fit()

    def _fit(self) -> None:
        room = QRect(0, 0, max(self.width(), 1), _TALL)
        flags = int(Qt.TextFlag.TextWordWrap)
        self.setFixedHeight(
            self.fontMetrics().boundingRect(room, flags, self._longest).height() + 2
        )
