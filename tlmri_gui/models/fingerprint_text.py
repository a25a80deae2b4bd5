"""What the Fingerprinting page says in words."""

from __future__ import annotations

import math
from collections.abc import Sequence
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
NO_BREAK = "\u00a0"


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
    """``850 ms · 70 ms · 0.80 µm²/ms``: T1, T2 and ADC of a voxel."""
    return _worded([float(maps[parameter.name][voxel]) for parameter in PARAMETERS])


def _worded(values: Sequence[float]) -> str:
    return " · ".join(
        f"{value_text(value, p.decimals)} {p.unit}"
        for value, p in zip(values, PARAMETERS, strict=True)
    )


def tissue_name(truth: Truth | None, voxel: Voxel) -> str:
    """What fills most of a voxel; empty where that is not known."""
    if truth is None:
        return ""
    from core.phantom import TISSUES

    name = TISSUES[int(truth.labels[voxel])].name
    return name[:1].upper() + name[1:]


def readout_text(session: Session, voxel: Voxel | None) -> str:
    """The place and the tissue of a voxel, then its values by every method on show."""
    run, plan = session.fingerprint, session.fingerprint_plan
    series = run.series
    if series is None or voxel is None:
        return ""
    place = [f"x {voxel[2]}, y {voxel[1]}"]
    name = tissue_name(series.truth, voxel)
    place += [name] if name else []
    if not series.mask[voxel]:
        return " · ".join([*place, NOT_MAPPED])
    found = [] if series.truth is None else [(TRUTH, series.truth.maps)]
    for method in plan.chosen:
        outcome = run.outcomes.get(method.name)
        if outcome is not None and outcome.mapped is not None:
            found.append((method.label, outcome.mapped.maps))
    place.append(" · ".join(p.label for p in PARAMETERS))
    values = [f"{label}: {values_text(maps, voxel)}" for label, maps in found]
    return "\n".join([" · ".join(place), _in_a_row(values)])


def longest_readout(names: Sequence[str]) -> str:
    """What :func:`readout_text` says at most of rows of maps with these names, and of the truth."""
    longest = _worded([parameter.high for parameter in PARAMETERS])
    return "\n".join(
        ["x", _in_a_row([f"{name}: {longest}" for name in dict.fromkeys([TRUTH, *names])])]
    )


def _in_a_row(values: Sequence[str]) -> str:
    """Lines break between the methods only."""
    return f"{4 * NO_BREAK} ".join(text.replace(" ", NO_BREAK) for text in values)
