"""The arrow behind which settings are folded away."""

from __future__ import annotations

from PyQt6.QtWidgets import QToolButton, QWidget

from tlmri_gui import theme


class FoldButton(QToolButton):
    """Shows and hides a widget, which starts hidden."""

    def __init__(self, folded: QWidget, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._folded = folded
        self.setToolTip("Settings")
        self.setCheckable(True)
        self.setAutoRaise(True)
        self.toggled.connect(self._unfold)
        self._unfold(False)

    def _unfold(self, is_open: bool) -> None:
        self.setIcon(theme.icon("chevron-down" if is_open else "chevron-right"))
        self._folded.setVisible(is_open)
