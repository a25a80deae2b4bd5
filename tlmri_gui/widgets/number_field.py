"""A field for a number that takes a comma for the point it is in many languages."""

from __future__ import annotations

from PyQt6.QtGui import QValidator
from PyQt6.QtWidgets import QDoubleSpinBox


class NumberField(QDoubleSpinBox):
    """A number with a point. Qt's own field would drop a comma: 4,5 would become 45."""

    def validate(self, input: str | None, pos: int) -> tuple[QValidator.State, str, int]:
        """Judge the text with points for commas, and put it in the place of what was typed."""
        return super().validate((input or "").replace(",", "."), pos)
