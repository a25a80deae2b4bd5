"""From what the stage shows to the curves along one line of it."""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass, replace

import numpy as np
from numpy.typing import NDArray

from core.line_profile import MM, ROW, Line, line_ends, line_positions, line_values, n_lines
from tlmri_gui.models.stage import Panel, StageState
from tlmri_gui.models.study_axes import Axis, value_axis
from tlmri_gui.profile_state import ProfileWish
from tlmri_gui.study_state import CurveKind

OTHER_VIEW = "The line profile is of magnitude images. Choose Magnitude above the images."

_MOST_POSITIONS, _MOST_VALUES = 10, 6
"""Ticks on the axes."""


@dataclass(frozen=True, eq=False)
class ProfileCurve:
    """One image along the line.

    Attributes
    ----------
    label
        The name a person reads.
    kind
        What the others are compared with (``NATIVE``), a network, or another method.
    colour
        Counts the methods of one kind that are shown, from 0, as the exported figure does: so no
        two share a colour while there are colours.
    values
        Intensity in the scan's units, shape `(n,)`; None while there is no image.
    status
        Why there is none.
    """

    label: str
    kind: CurveKind
    colour: int
    values: NDArray[np.float32] | None
    status: str = ""


@dataclass(frozen=True, eq=False)
class ProfileState:
    """Everything the panel of the line profile shows.

    Attributes
    ----------
    line
        The line; None where none can be drawn.
    n_lines
        How many rows or columns the images have.
    place
        Where the line lies, in words.
    curves
        Reference and methods, in the order of the stage's columns.
    positions
        Of the pixels along the line, shape `(n,)`.
    x, y
        Axes of positions and of values.
    label
        Of the axis of positions.
    ends
        Letters at the low and the high end of that axis, such as R and L; empty if unknown.
    note
        Stands in place of the curves.
    """

    line: Line | None
    n_lines: int
    place: str
    curves: tuple[ProfileCurve, ...]
    positions: NDArray[np.float64]
    x: Axis
    y: Axis
    label: str
    ends: tuple[str, str]
    note: str = ""


_NO_AXIS = Axis(0.0, 1.0, ())
EMPTY = ProfileState(None, 1, "", (), np.zeros(0), _NO_AXIS, _NO_AXIS, "", ("", ""), "No image yet")
"""Before there is an image."""


def profile_state(stage: StageState, wish: ProfileWish) -> ProfileState:
    """The images on the stage along the line that is wished for.

    Parameters
    ----------
    stage
        What is on show.
    wish
        Which line.
    """
    if stage.view is not None:
        return replace(EMPTY, note=OTHER_VIEW)
    shape = stage.image_shape
    if shape is None:
        return EMPTY
    line = wish.line_in(shape)
    own, *methods = stage.panels
    numbered = Counter[CurveKind]()
    curves = [_curve(own, CurveKind.NATIVE, 0, line)]
    for panel in methods:
        kind = CurveKind.SOURCE if panel.key.startswith("net:") else CurveKind.BASELINE
        curves.append(_curve(panel, kind, numbered[kind], line))
        numbered[kind] += 1
    positions = line_positions(shape, line.axis, stage.spacing)
    seen = [float(c.values.max()) for c in curves if c.values is not None]
    side = "left" if line.axis == ROW else "top"
    return ProfileState(
        line,
        n_lines(shape, line.axis),
        _place(line, stage),
        tuple(curves),
        positions,
        _position_axis(float(positions[-1])),
        value_axis([0.0, *seen], _MOST_VALUES),
        f"{stage.unit} from the {side}",
        line_ends(stage.edges, line.axis),
    )


def _curve(panel: Panel, kind: CurveKind, colour: int, line: Line) -> ProfileCurve:
    values = None if panel.image is None else line_values(panel.image, line)
    return ProfileCurve(panel.title, kind, colour, values, panel.status.partition(":")[0])


def _place(line: Line, stage: StageState) -> str:
    """How far the line is from the edge it is counted from; nothing where only pixels count."""
    if stage.unit != MM:
        return ""
    away = line.index * stage.spacing[0 if line.axis == ROW else 1]
    return f"{away:.1f} mm from the {'top' if line.axis == ROW else 'left'}"


def _position_axis(last: float) -> Axis:
    """From the first to the last pixel of the line."""
    high = last or 1.0
    axis = value_axis((0.0, high), _MOST_POSITIONS)
    ticks = tuple(tick for tick in axis.ticks if 0 <= tick <= high)
    return replace(axis, low=0.0, high=high, ticks=ticks)
