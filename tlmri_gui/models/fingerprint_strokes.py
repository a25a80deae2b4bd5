"""Which colour each method has in box plots and in fits, whichever of them are shown."""

from __future__ import annotations

from dataclasses import dataclass

from tlmri_gui.fingerprint_state import FingerprintPlan


@dataclass(frozen=True)
class MethodStroke:
    """A method's place among those of its kind, from 0, and whether it is a network."""

    number: int
    is_network: bool


def strokes(plan: FingerprintPlan) -> dict[str, MethodStroke]:
    """By the methods' names: networks and others are counted apart, in the order of the list."""
    found: dict[str, MethodStroke] = {}
    for method in plan.methods:
        number = sum(stroke.is_network == method.is_network for stroke in found.values())
        found[method.name] = MethodStroke(number, method.is_network)
    return found
