"""The badge that says where k-space comes from."""

from __future__ import annotations

from PyQt6.QtWidgets import QLabel, QWidget

from core.types import MEASURED
from tlmri_gui.widgets.roles import set_role

_ANY_WIDTH = 16_777_215
"""Qt's own bound of a widget's size."""


class Badge(QLabel):
    """A provenance in a frame: calm if measured, in a warning's colour otherwise.

    Parameters
    ----------
    most
        Width in pixels from which on it takes several lines; 0 for always one.
    """

    def __init__(self, most: int = 0, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._most = most
        self.show_provenance("")

    def show_provenance(self, provenance: str) -> None:
        """Show this phrase; hidden if it is empty."""
        self.setText(provenance)
        self.setVisible(bool(provenance))
        set_role(self, "badge-calm" if provenance.startswith(MEASURED) else "badge")
        self._fit()

    def _fit(self) -> None:
        self.ensurePolished()
        self.setWordWrap(False)
        is_long = 0 < self._most < self.sizeHint().width()
        self.setWordWrap(is_long)
        self.setMinimumWidth(self._most if is_long else 0)
        self.setMaximumWidth(self._most if is_long else _ANY_WIDTH)
        self.setMinimumHeight(self.heightForWidth(self._most) if is_long else 0)
