"""The badge that says where k-space comes from."""

from __future__ import annotations

from PyQt6.QtWidgets import QLabel, QWidget

from core.types import MEASURED
from tlmri_gui.widgets.roles import set_role


class Badge(QLabel):
    """A provenance in a frame: calm if measured, in a warning's colour otherwise."""

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.setWordWrap(True)
        self.show_provenance("")

    def show_provenance(self, provenance: str) -> None:
        """Show this phrase; hidden if it is empty."""
        self.setText(provenance)
        self.setVisible(bool(provenance))
        set_role(self, "badge-calm" if provenance.startswith(MEASURED) else "badge")
