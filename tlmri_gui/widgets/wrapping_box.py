"""A check box whose label takes as many lines as its width asks for."""

from __future__ import annotations

from PyQt6.QtCore import QSize
from PyQt6.QtGui import QResizeEvent
from PyQt6.QtWidgets import QCheckBox, QSizePolicy, QWidget


class WrappingCheckBox(QCheckBox):
    """Breaks its label between words, so that a long one widens no panel.

    Parameters
    ----------
    label
        What it says; ``text`` has the same with line breaks.
    """

    def __init__(self, label: str, parent: QWidget | None = None) -> None:
        super().__init__(label, parent)
        self._label = label
        self.setSizePolicy(QSizePolicy.Policy.Ignored, QSizePolicy.Policy.Fixed)

    def minimumSizeHint(self) -> QSize:
        """No width of its own."""
        return QSize(0, super().minimumSizeHint().height())

    def resizeEvent(self, a0: QResizeEvent | None) -> None:
        """Break the label afresh."""
        super().resizeEvent(a0)
        said = self._broken(self.width() - self._beside_text())
        if said != self.text():
            self.setText(said)

    def _beside_text(self) -> int:
        """Width of the indicator and the gaps, pixels."""
        return self.sizeHint().width() - self.fontMetrics().size(0, self.text()).width()

    def _broken(self, width: int) -> str:
        lines: list[str] = []
        for word in self._label.split(" "):
            longer = f"{lines[-1]} {word}" if lines else word
            if lines and self.fontMetrics().horizontalAdvance(longer) <= width:
                lines[-1] = longer
            else:
                lines.append(word)
        return "\n".join(lines)
