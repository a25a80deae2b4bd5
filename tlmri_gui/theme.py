"""How the window looks: colours, spacing, fonts, style sheet, icons."""

from __future__ import annotations

from functools import cache
from pathlib import Path

from PyQt6.QtCore import QDir
from PyQt6.QtGui import QColor, QFont, QIcon, QPalette
from PyQt6.QtWidgets import QApplication

from core.paths import resources

SPACE = 8
"""Distance between neighbours, pixels; other distances are its multiples or its half."""

BACKGROUND = "#15181d"
SURFACE = "#1d2127"
RAISED = "#282d35"
HOVER = "#323842"
OUTLINE = "#3a414c"
TEXT = "#e8eaed"
MUTED = "#9aa3af"
DISABLED = "#5c6571"
ACCENT = "#5aa9ff"
ACCENT_DARK = "#2b6cb8"
BEST = "#63d297"
WARNING = "#f2b84b"
ERROR = "#ff7b72"
IMAGE_GROUND = "#000000"

_FAMILIES = ("Inter", "Segoe UI", "SF Pro Text", "Ubuntu", "Cantarell", "Noto Sans", "DejaVu Sans")


_ICONS = "icons"
"""Prefix of icons in the style sheet."""


def apply(app: QApplication) -> None:
    """Give the whole application its look."""
    app.setStyle("Fusion")
    app.setPalette(_palette())
    font = QFont()
    font.setFamilies(list(_FAMILIES))
    font.setPointSizeF(9.5)
    app.setFont(font)
    app.setStyleSheet(style_sheet())


@cache
def _icon_folder() -> Path:
    return resources() / "icons"


def icon(name: str) -> QIcon:
    """Icon drawn in ``resources/icons/<name>.svg``.

    Raises
    ------
    ValueError
        If there is no such drawing.
    """
    path = _icon_folder() / f"{name}.svg"
    if not path.is_file():
        raise ValueError(f"icon must be one of those in resources/icons, got {name!r}")
    return QIcon(str(path))


def style_sheet() -> str:
    """The style sheet; Qt finds its icons once this was called."""
    text = (_icon_folder().parent / "style.qss").read_text(encoding="utf-8")
    for name, value in _tokens().items():
        text = text.replace(f"@{name};", f"{value};")
    # A search path, since no escape has Qt's style sheets take a backslash in the folder's name.
    QDir.setSearchPaths(_ICONS, [str(_icon_folder())])
    return text


def _tokens() -> dict[str, str]:
    return {
        "background": BACKGROUND,
        "surface": SURFACE,
        "raised": RAISED,
        "hover": HOVER,
        "outline": OUTLINE,
        "text": TEXT,
        "muted": MUTED,
        "disabled": DISABLED,
        "accent": ACCENT,
        "accent-dark": ACCENT_DARK,
        "best": BEST,
        "warning": WARNING,
        "error": ERROR,
    }


def _palette() -> QPalette:
    palette = QPalette()
    role, group = QPalette.ColorRole, QPalette.ColorGroup
    colours = {
        role.Window: BACKGROUND,
        role.WindowText: TEXT,
        role.Base: SURFACE,
        role.AlternateBase: "#21262d",
        role.Text: TEXT,
        role.PlaceholderText: MUTED,
        role.Button: RAISED,
        role.ButtonText: TEXT,
        role.BrightText: ERROR,
        role.Highlight: ACCENT_DARK,
        role.HighlightedText: "#ffffff",
        role.ToolTipBase: RAISED,
        role.ToolTipText: TEXT,
        role.Link: ACCENT,
    }
    for which, colour in colours.items():
        palette.setColor(which, QColor(colour))
    for which in (role.WindowText, role.Text, role.ButtonText):
        palette.setColor(group.Disabled, which, QColor(DISABLED))
    return palette
