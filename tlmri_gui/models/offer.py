"""One entry of a list that a person chooses from."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True)
class Offer:
    """A way to look at what is on show.

    Attributes
    ----------
    name, label
        What asks for it, and what a person reads.
    help
        What it does, in a line.
    unavailable
        Why the scan on show does not allow it; empty if it does.
    """

    name: str
    label: str
    help: str
    unavailable: str = ""
