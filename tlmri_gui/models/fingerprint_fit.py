"""From the session to the signal of one voxel: measured, and as each method's values explain it."""

from __future__ import annotations

from dataclasses import dataclass, replace

import numpy as np
from numpy.typing import NDArray

from core.fingerprinting.sequence import (
    DIFFUSION,
    INVERSION,
    NONE,
    T2_PREPARATION,
    FingerprintSequence,
    Preparation,
)
from tlmri_gui.models.fingerprint_strokes import MethodStroke, strokes
from tlmri_gui.models.fingerprint_text import NOT_MAPPED, tissue_name
from tlmri_gui.models.study_axes import Axis, value_axis
from tlmri_gui.session import Session

NO_VOXEL = "Point at a voxel of a map to see its signal; click to stay with it"
NO_MAPS = "The signal is shown once a method has mapped the series"
FITTING = "fitting…"
_MOST_READOUTS, _MOST_VALUES = 9, 6
"""Ticks on the axes."""


@dataclass(frozen=True, eq=False)
class FitCurve:
    """What a method's values say the signal is.

    Attributes
    ----------
    label
        The method's name.
    stroke
        How it is drawn.
    fitted
        One value a read-out.
    residual
        Root mean square of measured minus fitted, in percent of that of the measured signal.
    """

    label: str
    stroke: MethodStroke
    fitted: NDArray[np.float32]
    residual: float


@dataclass(frozen=True)
class SegmentMark:
    """Where a segment begins, and how it is prepared: in few letters and in words."""

    start: int
    short: str
    words: str


@dataclass(frozen=True, eq=False)
class FitState:
    """Everything the plot of a voxel's signal shows.

    Attributes
    ----------
    title
        Which voxel, and of what.
    is_pinned
        Whether it stays while the pointer moves.
    measured
        Real part of the signal, its phase taken off; empty while there is none.
    curves
        One a method.
    segments
        Of the sequence.
    x, y
        Axes of the read-outs, counted from 1, and of the signal.
    note
        Stands in place of the curves.
    """

    title: str
    is_pinned: bool
    measured: NDArray[np.float32]
    curves: tuple[FitCurve, ...]
    segments: tuple[SegmentMark, ...]
    x: Axis
    y: Axis
    note: str = ""


_NO_AXIS = Axis(0.0, 1.0, ())
EMPTY = FitState("", False, np.zeros(0, np.float32), (), (), _NO_AXIS, _NO_AXIS, NO_VOXEL)
"""Before the pointer has been over a map."""


def fit_state(session: Session) -> FitState:
    """The voxel that is looked at."""
    run, plan, view = session.fingerprint, session.fingerprint_plan, session.voxel
    series, voxel = run.series, view.voxel
    if series is None or not run.mapped(plan):
        return replace(EMPTY, note=NO_MAPS)
    if voxel is None:
        return EMPTY
    words = (f"x {voxel[2]}, y {voxel[1]}", tissue_name(series.truth, voxel))
    title = " · ".join(word for word in words if word)
    empty = replace(EMPTY, title=title, is_pinned=view.is_pinned)
    if not series.mask[voxel]:
        return replace(empty, note=NOT_MAPPED)
    drawn = strokes(plan)
    curves = []
    for method in plan.chosen:
        fit = view.fits.get(method.name)
        if fit is not None:
            residual = 100 * fit.residual_share
            curves.append(FitCurve(method.label, drawn[method.name], fit.fitted, residual))
    if not curves:
        return replace(empty, note=view.error or FITTING)
    measured = next(iter(view.fits.values())).measured
    return replace(
        empty,
        measured=measured,
        curves=tuple(curves),
        segments=segment_marks(series.sequence),
        x=_readout_axis(series.sequence.n_readouts),
        y=_signal_axis(measured, curves),
        note="",
    )


def segment_marks(sequence: FingerprintSequence) -> tuple[SegmentMark, ...]:
    """One a segment, in the order they are played."""
    return tuple(
        SegmentMark(start, _short(segment.preparation), segment.preparation.words)
        for start, segment in zip(sequence.starts, sequence.segments, strict=True)
    )


def _short(preparation: Preparation) -> str:
    return {
        NONE: "–",
        INVERSION: f"TI {preparation.wait_ms:g}",
        T2_PREPARATION: f"TE {preparation.te_ms:g}",
        DIFFUSION: f"b {preparation.b_s_per_mm2:g}",
    }[preparation.kind]


def _readout_axis(n_readouts: int) -> Axis:
    axis = value_axis([1.0, float(n_readouts)], _MOST_READOUTS)
    ticks = tuple(tick for tick in axis.ticks if 1 <= tick <= n_readouts)
    room = 0.01 * n_readouts
    return Axis(1 - room, n_readouts + room, ticks, axis.digits)


def _signal_axis(measured: NDArray[np.float32], curves: list[FitCurve]) -> Axis:
    all_values = np.concatenate([measured, *(curve.fitted for curve in curves)])
    finite = all_values[np.isfinite(all_values)]
    ends = [float(finite.min()), float(finite.max())] if finite.size else []
    return value_axis(ends, _MOST_VALUES)
