"""Numbers of things and moments, as a person says them."""

from __future__ import annotations

from datetime import datetime

_MONTHS = ("Jan", "Feb", "Mar", "Apr", "May", "Jun", "Jul", "Aug", "Sep", "Oct", "Nov", "Dec")


def counted(number: int, thing: str, things: str = "") -> str:
    """``1 slice``, ``5 slices``, ``2 people``; ``things`` where it takes more than an s."""
    return f"1 {thing}" if number == 1 else f"{number} {things or thing + 's'}"


def moment(when: datetime) -> str:
    """Day and time such as ``21 Nov 14:05``, in English whatever language the system speaks."""
    return f"{when.day} {_MONTHS[when.month - 1]} {when:%H:%M}"
