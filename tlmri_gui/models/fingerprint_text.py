"""What the Fingerprinting page says in words."""

from __future__ import annotations

import math
from typing import TYPE_CHECKING

from core.fingerprinting.parameters import PARAMETERS
from tlmri_gui.models.columns import MISSING
from tlmri_gui.models.words import counted
from tlmri_gui.session import Session

if TYPE_CHECKING:
    from core.fingerprinting.series import Maps, Series, Truth
    from tlmri_gui.fingerprint_state import Voxel

TRUTH = "Truth"
NOT_MAPPED = "not mapped here"
_NETWORK = "Network, "


def series_facts(series: Series) -> str:
    """Size, sequence and duration of a series, in three lines."""
    n_slices, ny, nx = series.shape
    z, y, x = series.spacing_mm
    sequence = series.sequence
    return "\n".join(
        (
            f"{counted(n_slices, 'slice')} of {nx} × {ny} · {x:.3g} × {y:.3g} × {z:.3g} mm",
            f"{counted(sequence.n_readouts, 'read-out')} in "
            f"{counted(len(sequence.segments), 'segment')} · {sequence.duration_ms / 1000:.1f} s",
            f"{sequence.name} · {int(series.mask.sum()):,} voxels to map",
        )
    )


def notes_text(series: Series) -> str:
    """What was decided or mended in reading or simulating a series, a line each."""
    return "\n".join(f"{note[:1].upper()}{note[1:]}" for note in series.notes)


def map_problem(session: Session) -> str:
    """Why nothing can be mapped; empty if it can."""
    if session.fingerprint.series is None:
        return "No series is open: simulate or open one first"
    if not session.fingerprint_plan.chosen:
        return "No method is chosen"
    return ""


def value_text(value: float, decimals: int) -> str:
    """A value in as many digits as are worth reading."""
    return f"{value:.{decimals}f}" if math.isfinite(value) else MISSING


def values_text(maps: Maps, voxel: Voxel) -> str:
    """``T1 850 ms · T2 70 ms · ADC 0.80 µm²/ms`` of a voxel."""
    return " · ".join(
        f"{p.label} {value_text(float(maps[p.name][voxel]), p.decimals)} {p.unit}"
        for p in PARAMETERS
    )


def tissue_name(truth: Truth | None, voxel: Voxel) -> str:
    """What fills most of a voxel; empty where that is not known."""
    if truth is None:
        return ""
    from core.phantom import TISSUES

    name = TISSUES[int(truth.labels[voxel])].name
    return name[:1].upper() + name[1:]


def readout_texts(series: Series | None, voxel: Voxel | None) -> tuple[str, ...]:
    """Place, tissue and true values of a voxel, in long and in short; none where there is none.

    What methods say of it stands in their maps.
    """
    if series is None or voxel is None:
        return ()
    words = [f"x {voxel[2]}, y {voxel[1]}"]
    name = tissue_name(series.truth, voxel)
    words += [name] if name else []
    if not series.mask[voxel]:
        words.append(NOT_MAPPED)
    place = " · ".join(words)
    if series.truth is None or not series.mask[voxel]:
        return (place,)
    values = values_text(series.truth.maps, voxel)
    return f"{place} · truth: {values}", f"{place} · {values}", place


def short_name(label: str) -> str:
    """A method's name where there is little room: ``Transferred`` of ``Network, transferred``."""
    name = label.removeprefix(_NETWORK)
    return name[:1].upper() + name[1:]
