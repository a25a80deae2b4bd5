"""What the colours of a view stand for."""

from __future__ import annotations

from typing import TYPE_CHECKING

from PyQt6.QtWidgets import QHBoxLayout, QWidget

from tlmri_gui import theme
from tlmri_gui.widgets.colour_bar import ColourBar
from tlmri_gui.widgets.labels import line

if TYPE_CHECKING:
    from core.views import Picture, View

_WIDTH = 240


class ViewScale(QWidget):
    """Colour bar with the values at its ends, and what brightness says."""

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.bar = ColourBar()
        self.bar.setFixedWidth(_WIDTH)
        self._brightness = line("muted")
        row = QHBoxLayout(self)
        row.setContentsMargins(0, 0, 0, 0)
        row.setSpacing(theme.SPACE)
        row.addWidget(self._brightness)
        row.addWidget(self.bar)

    def show_scale(self, view: View, picture: Picture) -> None:
        """Show the scale of a view, taken from one of its pictures, which share it."""
        self.bar.show_scale(view.colours, scale_words(view, picture))
        self._brightness.setVisible(bool(view.magnitude_name))
        self._brightness.setText(f"brightness: {view.magnitude_name}")


def scale_words(view: View, picture: Picture) -> tuple[str, str, str]:
    """Values at the low end, in the middle and at the high end of the colours."""
    from core.views import PHASE

    if view.colours == PHASE:
        return (f"−π {view.unit}", "0", f"π {view.unit}")
    low, high = picture.limits
    return (_worded(low, view), _worded((low + high) / 2, view), _worded(high, view))


def _worded(value: float, view: View) -> str:
    return f"{value:.3g} {view.unit}".strip().replace("-", "−")
