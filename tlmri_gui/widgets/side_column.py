"""The column of panels at the left of every page: it scrolls, above what is always in sight."""

from __future__ import annotations

from collections.abc import Sequence

from PyQt6.QtCore import Qt
from PyQt6.QtWidgets import QFrame, QScrollArea, QVBoxLayout, QWidget

from tlmri_gui import theme

COLUMN_WIDTH = 372
"""Of the column of panels, in pixels."""


def scrolling(panels: Sequence[QWidget]) -> QScrollArea:
    """Panels above each other, which scroll where they do not fit."""
    content = QWidget()
    column = QVBoxLayout(content)
    column.setContentsMargins(theme.SPACE, theme.SPACE, theme.SPACE, theme.SPACE)
    column.setSpacing(theme.SPACE)
    for panel in panels:
        column.addWidget(panel)
    column.addStretch(1)
    area = QScrollArea()
    area.setWidget(content)
    area.setWidgetResizable(True)
    area.setFrameShape(QFrame.Shape.NoFrame)
    area.setHorizontalScrollBarPolicy(Qt.ScrollBarPolicy.ScrollBarAlwaysOff)
    return area


def side_column(panels: Sequence[QWidget], bar: QWidget) -> QWidget:
    """Panels that scroll, and a bar under them that does not."""
    column = QWidget()
    column.setFixedWidth(COLUMN_WIDTH)
    layout = QVBoxLayout(column)
    layout.setContentsMargins(0, 0, 0, 0)
    layout.setSpacing(0)
    layout.addWidget(scrolling(panels), 1)
    layout.addWidget(bar)
    return column
