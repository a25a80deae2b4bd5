"""Other forms of a scan's coils: simulated ones for magnitude images, fewer for many."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

from core.domains.simulated_coils import with_simulated_coils
from core.registry import Registry
from core.types import Scan
from core.virtual_coils import with_virtual_coils

N_COILS = 8
"""Number of coils of every form: that of head arrays in the paper."""


@dataclass(frozen=True)
class CoilForm:
    """A scan seen by other coils.

    Attributes
    ----------
    help
        What it does, in a line.
    unavailable
        Why a scan has no such form; empty if it has.
    of
        The scan in this form.
    option
        What ``tlmri recon`` is told for the same.
    """

    help: str
    unavailable: Callable[[Scan], str]
    of: Callable[[Scan], Scan]
    option: tuple[str, ...]


COIL_FORMS: Registry[CoilForm] = Registry("form of coils")


def _is_measured(scan: Scan) -> str:
    return "" if scan.is_simulated else "this scan has coils of its own"


def _has_few(scan: Scan) -> str:
    if scan.n_coils > N_COILS:
        return ""
    return f"this scan has {scan.n_coils} coil{'s' if scan.n_coils > 1 else ''}"


COIL_FORMS.register("simulated", f"{N_COILS} simulated coils")(
    CoilForm(
        "See the magnitude images as the coils of a head array would, with phase and a little "
        "noise, to try methods for several coils.",
        _is_measured,
        lambda scan: with_simulated_coils(scan, N_COILS),
        ("--simulate-coils", str(N_COILS)),
    )
)
COIL_FORMS.register("virtual", f"{N_COILS} virtual coils")(
    CoilForm(
        "Compress the coils to those combinations that hold most signal: methods take less time.",
        _has_few,
        lambda scan: with_virtual_coils(scan, N_COILS),
        ("--coils", str(N_COILS)),
    )
)
