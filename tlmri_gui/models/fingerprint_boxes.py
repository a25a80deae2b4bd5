"""From the session to box plots of errors by tissue: one box for each method."""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass
from statistics import median
from typing import TYPE_CHECKING

from core.fingerprinting.parameters import PARAMETERS, Parameter
from tlmri_gui.models.fingerprint_strokes import MethodStroke, strokes
from tlmri_gui.models.fingerprint_text import value_text
from tlmri_gui.models.study_axes import Axis
from tlmri_gui.session import Session

if TYPE_CHECKING:
    from core.fingerprinting.scores import TissueScore

NO_TRUTH = "Errors by tissue need the truth, which only a simulated series has"
NO_SCORES = "Errors by tissue are shown once a method has mapped the series"
_LEAST_PERCENT = 2.0
_OUTLYING = 4.0
"""The axis ends at this many times the median whisker; boxes beyond are cut off there."""
_STEPS = (1.0, 2.0, 5.0, 10.0, 20.0, 50.0, 100.0, 200.0, 500.0, 1000.0)
_TICKS_A_SIDE = 2.6
NO_AXIS = Axis(-1.0, 1.0, (0.0,))


@dataclass(frozen=True)
class Box:
    """Errors of one method in one tissue, in percent of the truth.

    Attributes
    ----------
    label, stroke
        The method's name, and its colour.
    low, q1, middle, q3, high
        Their percentiles 5, 25, 50, 75 and 95.
    words
        What is said of it, line by line, in the parameter's unit.
    """

    label: str
    stroke: MethodStroke
    low: float
    q1: float
    middle: float
    q3: float
    high: float
    words: tuple[str, ...]


@dataclass(frozen=True)
class TissueBoxes:
    """A tissue with its true mean in the parameter's unit, and a box for each method."""

    tissue: str
    truth: str
    boxes: tuple[Box, ...]


@dataclass(frozen=True)
class BoxesState:
    """Everything the box plots show.

    Attributes
    ----------
    parameter
        What the errors are of.
    tissues
        The whole brain first, then by size.
    legend
        Names and colours of the methods.
    x
        Axis of the errors, in percent.
    note
        Stands in place of the boxes.
    """

    parameter: Parameter = PARAMETERS[0]
    tissues: tuple[TissueBoxes, ...] = ()
    legend: tuple[tuple[str, MethodStroke], ...] = ()
    x: Axis = NO_AXIS
    note: str = NO_SCORES


def boxes_state(session: Session, parameter: Parameter) -> BoxesState:
    """The errors of a parameter by every chosen method that has mapped the series."""
    run, plan = session.fingerprint, session.fingerprint_plan
    if run.series is not None and run.series.truth is None:
        return BoxesState(parameter, note=NO_TRUTH)
    drawn = strokes(plan)
    found: dict[str, list[Box]] = {}
    first: dict[str, TissueScore] = {}
    legend = []
    for method in plan.chosen:
        outcome = run.outcomes.get(method.name)
        scores = [] if outcome is None else of_parameter(outcome.scores, parameter)
        if scores:
            legend.append((method.label, drawn[method.name]))
        for score in scores:
            first.setdefault(score.tissue, score)
            box = _box(score, parameter, method.label, drawn[method.name])
            found.setdefault(score.tissue, []).append(box)
    if not found:
        return BoxesState(parameter)
    order = sorted(first.values(), key=_order)
    tissues = tuple(
        TissueBoxes(
            tissue_label(score),
            value_text(score.true_mean, parameter.decimals),
            tuple(found[score.tissue]),
        )
        for score in order
    )
    boxes = [box for tissue in tissues for box in tissue.boxes]
    return BoxesState(parameter, tissues, tuple(legend), percent_axis(boxes), "")


def _order(score: TissueScore) -> tuple[bool, bool, int]:
    """The whole brain, its tissues by size, then what lies around it."""
    from core.fingerprinting.foreground import BRAIN

    return score.label is not None, score.label not in (None, *BRAIN), -score.n_voxels


def of_parameter(scores: Sequence[TissueScore], parameter: Parameter) -> list[TissueScore]:
    """Those of one parameter."""
    return [score for score in scores if score.parameter == parameter.name]


def tissue_label(score: TissueScore) -> str:
    """A tissue as a person reads it."""
    name = "whole brain" if score.label is None else score.tissue
    return name[:1].upper() + name[1:]


def percent_axis(boxes: Sequence[Box]) -> Axis:
    """Axis about 0 that holds all but outlying whiskers, with round ticks."""
    reaches = [max(abs(box.low), abs(box.high)) for box in boxes]
    reaches = [reach for reach in reaches if math.isfinite(reach)] or [1.0]
    end = max(min(max(reaches), _OUTLYING * median(reaches)), _LEAST_PERCENT) * 1.06
    step = next((step for step in _STEPS if end / step <= _TICKS_A_SIDE), _STEPS[-1])
    n = math.floor(end / step)
    return Axis(-end, end, tuple(i * step for i in range(-n, n + 1)))


def _box(score: TissueScore, parameter: Parameter, label: str, stroke: MethodStroke) -> Box:
    low, q1, middle, q3, high = score.percent_percentiles

    def said(value: float) -> str:
        return f"{value_text(value, parameter.decimals)} {parameter.unit}"

    words = (
        f"{tissue_label(score)} · {label}",
        f"true {parameter.label} {said(score.true_mean)}, {score.n_voxels} voxels",
        f"median error {middle:+.1f} %, half of all from {q1:+.1f} to {q3:+.1f} %",
        f"bias {said(score.bias)}, SD {said(score.sd)}, RMSE {said(score.rmse)}",
    )
    return Box(label, stroke, low, q1, middle, q3, high, tuple(w.replace("-", "−") for w in words))
