"""Buttons with an icon of the theme."""

from __future__ import annotations

from PyQt6.QtCore import Qt
from PyQt6.QtWidgets import QPushButton, QToolButton

from tlmri_gui import theme
from tlmri_gui.widgets.roles import set_role


def push_button(icon: str, text: str, tip: str = "", role: str = "") -> QPushButton:
    """A button with an icon, what it does in a tooltip, and a role of the style sheet."""
    button = QPushButton(theme.icon(icon), text)
    button.setToolTip(tip)
    if role:
        set_role(button, role)
    return button


def tool_button(icon: str, text: str, tip: str) -> QToolButton:
    """A flatter button with its text beside the icon, for bars."""
    button = QToolButton()
    button.setIcon(theme.icon(icon))
    button.setText(text)
    button.setToolButtonStyle(Qt.ToolButtonStyle.ToolButtonTextBesideIcon)
    button.setToolTip(tip)
    return button
