"""Colours of the comparison figure."""

from __future__ import annotations

from dataclasses import dataclass

from core.registry import Registry


@dataclass(frozen=True)
class Style:
    """Colours of a figure, as matplotlib names them.

    Attributes
    ----------
    background, text, muted
        The page, its text and its lesser text.
    warning
        Text that a reader must not miss.
    error_map
        Colour map of the error maps; black at zero, even in lightness.
    """

    background: str
    text: str
    muted: str
    warning: str
    error_map: str = "inferno"


STYLES: Registry[Style] = Registry("figure style")
STYLES.register("light", "Light, for paper")(Style("#ffffff", "#16181d", "#6a707c", "#a1430a"))
STYLES.register("dark", "Dark, for slides")(Style("#0f1115", "#eceef2", "#949ba8", "#f2a65a"))
