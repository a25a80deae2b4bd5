"""Which colour each method has in box plots and in fits, whichever of them are shown."""

from __future__ import annotations

from dataclasses import dataclass

from core.figure_style import STYLES, beside_a_baseline
from tlmri_gui.fingerprint_state import FingerprintPlan

STYLE = STYLES["dark"].item
"""Of figures on a ground like the window's."""


@dataclass(frozen=True)
class MethodStroke:
    """A method's number among those of its kind, from 0, and whether it is a network."""

    number: int
    is_network: bool


def strokes(plan: FingerprintPlan) -> dict[str, MethodStroke]:
    """By the methods' names: networks and others are counted apart, in the order of the list.

    No network has the dictionary's colour, since box plots have no dashes to tell them apart.
    """
    found: dict[str, MethodStroke] = {}
    for method in plan.methods:
        number = sum(stroke.is_network == method.is_network for stroke in found.values())
        number = beside_a_baseline(STYLE, number) if method.is_network else number
        found[method.name] = MethodStroke(number, method.is_network)
    return found
