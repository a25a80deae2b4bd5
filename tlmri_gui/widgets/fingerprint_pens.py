"""Pens of the methods of fingerprinting, and of the truth."""

from __future__ import annotations

from PyQt6.QtCore import Qt
from PyQt6.QtGui import QColor, QPen

from core.figure_style import method_stroke
from tlmri_gui.models.fingerprint_strokes import STYLE, MethodStroke


def method_pen(stroke: MethodStroke, width: float = 1.6) -> QPen:
    """Colour and dashes of a method."""
    drawn = method_stroke(STYLE, stroke.number, stroke.is_network)
    pen = QPen(QColor(drawn.colour), width)
    pen.setCapStyle(Qt.PenCapStyle.FlatCap)  # other caps would fill the gaps
    pen.setJoinStyle(Qt.PenJoinStyle.RoundJoin)
    if drawn.dashes:
        pen.setDashPattern(drawn.dashes)
    return pen
