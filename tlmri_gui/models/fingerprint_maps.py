"""From the session to the grid of maps: a row for each method, a column for each parameter."""

from __future__ import annotations

import math
from collections.abc import Mapping
from dataclasses import dataclass, field, replace

import numpy as np
from numpy.typing import NDArray

from core.fingerprinting.parameters import PARAMETERS, Parameter
from core.fingerprinting.series import Maps, Series
from tlmri_gui.fingerprint_state import FingerprintMethod, FingerprintRun, MapOutcome, Voxel
from tlmri_gui.models.fingerprint_text import TRUTH, value_text
from tlmri_gui.session import Session

PD = Parameter("pd", "PD", "", 0.0, np.inf, 0.0, 1.0, decimals=2)
"""Proton density; its unit is the series' own."""

ERROR_PERCENT = 20.0
"""Scale of the error maps unless another is chosen, in percent of the truth."""

TRUTH_KEY = "truth"
FAILED = "failed"
_NO_TIME = 0.05
"""Preparations shorter than this are not told, seconds."""
_ROOM = 0.03
"""Air around what is mapped, part of the field of view."""
_EVERYWHERE = (2.0, 98.0)
"""Percentiles between which an unlocked range lies."""


@dataclass(frozen=True)
class Range:
    """What the colours of a column run between, and whether that stays for other series."""

    low: float
    high: float
    is_locked: bool = True


@dataclass(frozen=True)
class MapView:
    """How maps are looked at.

    Attributes
    ----------
    shows_errors
        Whether errors in percent of the truth are shown in place of values.
    shows_pd
        Whether proton density has a column.
    ranges
        By the parameters' names, as chosen; others have those of brain tissue.
    error_percent
        Scale of all error maps, from minus to plus this.
    """

    shows_errors: bool = False
    shows_pd: bool = False
    ranges: Mapping[str, Range] = field(default_factory=dict)
    error_percent: float = ERROR_PERCENT


@dataclass(frozen=True)
class MapColumn:
    """A parameter with the range of its colours, which all rows share."""

    parameter: Parameter
    range: Range


@dataclass(frozen=True, eq=False)
class MapRow:
    """Maps of one slice by one method.

    Attributes
    ----------
    key
        ``truth`` or the method's name.
    title, details
        Its name, and lines under it such as the time it took, or why it failed.
    images
        The whole slice for each column, shape `(y, x)`, NaN where nothing is known: values, or
        errors in percent of the truth. Empty while there are none.
    tags
        Small print of each image.
    status
        Stands in place of images.
    maps
        What the images are of.
    """

    key: str
    title: str
    details: tuple[str, ...] = ()
    images: tuple[NDArray[np.float32], ...] = ()
    tags: tuple[str, ...] = ()
    status: str = ""
    maps: Maps | None = None

    def words_at(self, voxel: Voxel, column: MapColumn) -> str:
        """What the method says of a voxel, in the parameter's unit; empty if nothing."""
        value = math.nan if self.maps is None else float(self.maps[column.parameter.name][voxel])
        if not math.isfinite(value):
            return ""
        parameter = column.parameter
        return f"{value_text(value, parameter.decimals)} {parameter.unit}".strip()


@dataclass(frozen=True)
class Window:
    """The part of a slice that is shown: from (top, left), of so many voxels."""

    top: int
    left: int
    height: int
    width: int

    def of(self, image: NDArray[np.float32]) -> NDArray[np.float32]:
        """The part of an image of shape `(y, x)`."""
        return image[self.top : self.top + self.height, self.left : self.left + self.width]

    def nearest(self, y: int, x: int) -> tuple[int, int]:
        """The voxel of it that is nearest to one of the slice."""
        bottom, right = self.top + self.height - 1, self.left + self.width - 1
        return min(max(y, self.top), bottom), min(max(x, self.left), right)

    def holds(self, y: int, x: int) -> bool:
        """Whether a voxel of the slice lies in it."""
        return 0 <= y - self.top < self.height and 0 <= x - self.left < self.width


@dataclass(frozen=True, eq=False)
class MapsState:
    """Everything the grid of maps shows; of every image the same window of the slice."""

    columns: tuple[MapColumn, ...] = ()
    rows: tuple[MapRow, ...] = ()
    view: MapView = MapView()
    window: Window = Window(0, 0, 0, 0)
    spacing: tuple[float, float] = (1.0, 1.0)
    edges: tuple[str, str, str, str] | None = None
    slice_index: int = 0
    can_show_errors: bool = False
    busy: str = ""

    @property
    def shows_errors(self) -> bool:
        """Whether errors are shown: they are wished for, and the truth is known."""
        return self.view.shows_errors and self.can_show_errors


def maps_state(session: Session, view: MapView) -> MapsState:
    """The slice on show by every chosen method, after the truth where it is known."""
    run = session.fingerprint
    series = run.series
    if series is None:
        return MapsState(view=view, busy=run.busy)
    parameters = (*PARAMETERS, PD) if view.shows_pd else PARAMETERS
    shows_errors = view.shows_errors and series.truth is not None
    methods = session.fingerprint_plan.chosen
    rows = [_method_row(run, method, parameters, shows_errors) for method in methods]
    if series.truth is not None and not shows_errors:
        images = _images(series.truth.maps, run.slice_index, parameters)
        rows.insert(0, MapRow(TRUTH_KEY, TRUTH, images=images, maps=series.truth.maps))
    return MapsState(
        columns=tuple(MapColumn(p, shown_range(run, view, p)) for p in parameters),
        rows=tuple(rows),
        view=view,
        window=mapped_window(series),
        spacing=series.spacing_mm[1:],
        edges=series.edges,
        slice_index=run.slice_index,
        can_show_errors=series.truth is not None,
        busy=run.busy,
    )


def mapped_window(series: Series) -> Window:
    """What holds every voxel that can be mapped, of any slice, with some air around."""
    places = [np.flatnonzero(series.mask.any(axis=axes)) for axes in ((0, 2), (0, 1))]
    ends = []
    for found, n in zip(places, series.shape[1:], strict=True):
        room = max(round(_ROOM * n), 2)
        ends.append((max(int(found[0]) - room, 0), min(int(found[-1]) + 1 + room, n)))
    (top, bottom), (left, right) = ends
    return Window(top, left, bottom - top, right - left)


def shown_range(run: FingerprintRun, view: MapView, parameter: Parameter) -> Range:
    """The range of a column: as chosen, that of brain tissue, or what its maps hold."""
    chosen = view.ranges.get(parameter.name)
    if chosen is None and parameter is not PD:
        return Range(parameter.shown_low, parameter.shown_high)
    if chosen is not None and chosen.is_locked:
        return chosen
    return _range_of(run, parameter)


def _range_of(run: FingerprintRun, parameter: Parameter) -> Range:
    """What the maps of all slices hold but for outliers: the truth, or the first method's."""
    series = run.series
    found = [o.mapped.maps for o in run.outcomes.values() if o.mapped is not None]
    if series is not None and series.truth is not None:
        found.insert(0, series.truth.maps)
    values = found[0][parameter.name] if found else np.zeros(0, np.float32)
    values = values[np.isfinite(values)]
    if not values.size:
        return Range(parameter.shown_low, parameter.shown_high, is_locked=False)
    low, high = (float(v) for v in np.percentile(values, _EVERYWHERE))
    if not high > low:
        low, high = min(low, 0.0), max(high, low + 10.0**-parameter.decimals)
    return Range(low, high, is_locked=False)


def range_problem(name: str, chosen: Range) -> str:
    """Why a range of a parameter cannot be taken; empty if it can."""
    if not chosen.is_locked or chosen.high > chosen.low:
        return ""
    label = next(p.label for p in (*PARAMETERS, PD) if p.name == name)
    ends = f"{chosen.low:g} to {chosen.high:g}"
    return f"{label}: the highest value of the colours must be above the lowest, got {ends}"


def with_range(view: MapView, name: str, chosen: Range) -> MapView:
    """The view with another range of a parameter."""
    return replace(view, ranges={**view.ranges, name: chosen})


def _method_row(
    run: FingerprintRun,
    method: FingerprintMethod,
    parameters: tuple[Parameter, ...],
    shows_errors: bool,
) -> MapRow:
    outcome = run.outcomes.get(method.name)
    if outcome is None or outcome.mapped is None:
        why = () if outcome is None else (outcome.error,)
        return MapRow(method.name, method.label, why, status=_status(run, method.name, outcome))
    mapped, series = outcome.mapped, outcome.mapped.series
    images = _images(mapped.maps, run.slice_index, parameters)
    tags: tuple[str, ...] = ()
    if shows_errors:
        images = _errors(images, series, run.slice_index, parameters)
        tags = tuple(_rmse_tag(outcome, parameter) for parameter in parameters)
    details = _times(mapped.seconds, mapped.preparation_seconds)
    return MapRow(
        method.name, mapped.label, (*details, *mapped.remarks), images, tags, maps=mapped.maps
    )


def _status(run: FingerprintRun, name: str, outcome: MapOutcome | None) -> str:
    if name in run.pending:
        return "mapping…" if run.pending[0] == name else "waiting…"
    return FAILED if outcome is not None else "not mapped yet"


def _times(seconds: float, preparation: float) -> tuple[str, ...]:
    words = (_seconds(seconds),)
    return (*words, f"set-up {_seconds(preparation)}") if preparation >= _NO_TIME else words


def _seconds(time: float) -> str:
    return f"{time:.2g} s" if time < 10 else f"{time:.0f} s"


def _images(
    maps: Maps, slice_index: int, parameters: tuple[Parameter, ...]
) -> tuple[NDArray[np.float32], ...]:
    return tuple(maps[parameter.name][slice_index] for parameter in parameters)


def _errors(
    images: tuple[NDArray[np.float32], ...],
    series: Series,
    slice_index: int,
    parameters: tuple[Parameter, ...],
) -> tuple[NDArray[np.float32], ...]:
    """Percent of the truth; NaN where that is not above 0."""
    assert series.truth is not None
    truths = _images(series.truth.maps, slice_index, parameters)
    found = []
    for image, truth in zip(images, truths, strict=True):
        above = np.where(truth > 0, truth, np.float32(np.nan))
        found.append(np.asarray(100 * (image - above) / above, dtype=np.float32))
    return tuple(found)


def _rmse_tag(outcome: MapOutcome, parameter: Parameter) -> str:
    """Root mean square error over the whole brain, in the parameter's unit."""
    for score in outcome.scores:
        if score.parameter == parameter.name and score.label is None:
            return f"RMSE  {value_text(score.rmse, parameter.decimals)} {parameter.unit}"
    return ""
