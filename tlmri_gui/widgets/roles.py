"""The roles of the style sheet: what a widget is for, and so how it looks."""

from __future__ import annotations

from PyQt6.QtWidgets import QWidget


def set_role(widget: QWidget, role: str) -> None:
    """Give a widget a role of ``resources/style.qss``, also once it is on the screen.

    Qt reads the property when it first draws a widget, and again only when told to.
    """
    if widget.property("role") != role:
        widget.setProperty("role", role)
        style = widget.style()
        assert style is not None
        style.unpolish(widget)
        style.polish(widget)
