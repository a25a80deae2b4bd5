"""Colours and dashes of figures."""

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
    curves
        Colours of curves that lie over each other, told apart by readers of any colour vision.
    error_map
        Colour map of the error maps; black at zero, even in lightness.
    """

    background: str
    text: str
    muted: str
    warning: str
    curves: tuple[str, ...]
    error_map: str = "inferno"


@dataclass(frozen=True)
class Stroke:
    """How one curve among others is drawn.

    Attributes
    ----------
    colour
        As matplotlib and Qt name it.
    dashes
        Lengths of dashes and of the gaps after them, in widths of the line; empty for none.
    """

    colour: str
    dashes: tuple[float, ...] = ()


_DASHES: dict[bool, tuple[tuple[float, ...], ...]] = {
    True: ((), (4.0, 1.5, 1.5, 1.5)),
    False: ((4.0, 1.5), (1.5, 1.5)),
}
"""Of networks and of other methods, while the colours are new and once they have begun anew."""


def method_stroke(style: Style, number: int, is_network: bool) -> Stroke:
    """The curve of a method beside those of others.

    Networks and other methods begin half the cycle of colours apart, so that three of
    each share none; more of them differ in dashes.

    Parameters
    ----------
    style
        Whose colours.
    number
        Counts the methods of its kind, from 0.
    is_network
        Of which kind it is.
    """
    n = len(style.curves)
    dashes = _DASHES[is_network]
    first = 0 if is_network else n // 2
    return Stroke(style.curves[(first + number) % n], dashes[number // n % len(dashes)])


def beside_a_baseline(style: Style, number: int) -> int:
    """Number of a network, for :func:`method_stroke`, where one other method is shown with it.

    Leaves out that method's colour, so that networks differ from it where nothing is dashed.
    """
    n = len(style.curves)
    rounds, place = divmod(number, n - 1)
    return rounds * n + place + (place >= n // 2)


NETWORK_COLOURS = ("#0072b2", "#d55e00", "#009e73", "#cc79a7", "#56b4e9", "#e69f00")
"""Of Okabe and Ito, for readers of any colour vision."""

BASELINE_COLOURS = ("#7a828e", "#2f8f4e", "#c2546e", "#a04fa0", "#6273c9", "#8c8527", "#9a6a33")
"""Muted beside the networks' curves, and seen on paper as on slides."""

_ON_DARK = ("#56b4e9", "#e69f00", "#009e73", "#cc79a7", "#f0e442", "#d55e00")
"""Of Okabe and Ito too: yellow, which is too pale for paper, in place of the dark blue."""

STYLES: Registry[Style] = Registry("figure style")
STYLES.register("light", "Light, for paper")(
    Style("#ffffff", "#16181d", "#6a707c", "#a1430a", NETWORK_COLOURS)
)
STYLES.register("dark", "Dark, for slides")(
    Style("#0f1115", "#eceef2", "#949ba8", "#f2a65a", _ON_DARK)
)
