"""Other forms of a scan's coils: simulated ones for magnitude images, fewer for many."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

from core.domains.simulated_coils import with_simulated_coils
from core.progress import Progress
from core.registry import Registry
from core.types import Scan
from core.virtual_coils import with_virtual_coils

N_COILS = 8
"""Number of coils of every form: to as many the paper compressed its array of 32 channels."""


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
        ``of(scan, progress)``: the scan in this form; calls the hook for every slice.
    option
        What ``tlmri recon`` is told for the same.
    """

    help: str
    unavailable: Callable[[Scan], str]
    of: Callable[[Scan, Progress], Scan]
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
        lambda scan, progress: with_simulated_coils(scan, N_COILS, progress=progress),
        ("--simulate-coils", str(N_COILS)),
    )
)
COIL_FORMS.register("virtual", f"{N_COILS} virtual coils")(
    CoilForm(
        "Compress the coils to those combinations that hold most signal: methods take less time.",
        _has_few,
        lambda scan, progress: with_virtual_coils(scan, N_COILS, progress),
        ("--coils", str(N_COILS)),
    )
)
