"""Colours of figures."""

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


NETWORK_COLOURS = ("#0072b2", "#d55e00", "#009e73", "#cc79a7", "#56b4e9", "#e69f00")
"""Of Okabe and Ito, for readers of any colour vision."""

BASELINE_COLOURS = ("#7a828e", "#2f8f4e", "#c2546e", "#a04fa0", "#6273c9", "#8c8527", "#9a6a33")
"""Muted beside the networks' curves, and seen on paper as on slides."""

STYLES: Registry[Style] = Registry("figure style")
STYLES.register("light", "Light, for paper")(Style("#ffffff", "#16181d", "#6a707c", "#a1430a"))
STYLES.register("dark", "Dark, for slides")(Style("#0f1115", "#eceef2", "#949ba8", "#f2a65a"))
