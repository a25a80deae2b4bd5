"""Maps of one slice as a figure: truth and methods, their errors beside, errors by tissue beneath.

Everything is placed in inches, so the images keep their shape and nothing is cropped.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING, Any

import numpy as np
from numpy.typing import NDArray

from core.figure_style import STYLES, Style
from core.fingerprinting.maps_boxes import BOXES_HEIGHT, draw_boxes, shown_tissues
from core.fingerprinting.maps_layout import BAR_HEIGHT, LINE, MARGIN, Layout, image_size
from core.fingerprinting.maps_text import (
    draw_header,
    draw_label,
    draw_small_print,
    row_label,
    small_print,
)
from core.fingerprinting.parameters import PARAMETERS
from core.fingerprinting.scores import PD, UNITS, TissueScore, score
from core.fingerprinting.series import Mapped, Maps
from core.phantom import Label

if TYPE_CHECKING:
    from matplotlib.axes import Axes
    from matplotlib.figure import Figure

COLOUR_MAPS = {"t1": "inferno", "t2": "viridis", "adc": "plasma", PD: "gray"}
"""Even in lightness; those of the window."""

ERROR_COLOURS = "RdBu_r"
"""Blue below the truth, white at it, red above."""

ERROR_PERCENT = 20.0
"""Ends of the error maps' scale, in percent of the truth."""

_ABOVE_BOXES, _BELOW_BOXES = 0.3, 0.45
"""Room for the legend and for the names of tissues, in inches."""

_MAIN = {Label.WHITE_MATTER: "WM", Label.GREY_MATTER: "GM"}

_LABELS = {**{p.name: p.label for p in PARAMETERS}, PD: "PD"}


def maps_figure(
    results: Sequence[Mapped],
    slice_index: int | None = None,
    ranges: Mapping[str, tuple[float, float]] | None = None,
    error_percent: float = ERROR_PERCENT,
    shows_pd: bool = False,
    style: str = "light",
) -> Figure:
    """The truth, if known, and every method's maps of one slice on shared scales.

    Beside them their errors in percent of the truth, beneath the errors of all slices by tissue.

    Parameters
    ----------
    results
        Of one series, by one method each; at least one.
    slice_index
        Which slice; the middle one if None.
    ranges
        By the parameters' names, what the colours run between, where it is not the usual range.
    error_percent
        Ends of the error maps' scale.
    shows_pd
        Whether proton density has a column.
    style
        Name in :data:`core.figure_style.STYLES`.

    Raises
    ------
    ValueError
        If there are no maps, they are of several series, there is no such slice, or a scale is
        empty.
    """
    from matplotlib.figure import Figure

    look = STYLES[style].item
    index = _check(results, slice_index, error_percent)
    series = results[0].series
    shown = _ranges(results, shows_pd, ranges or {})
    has_truth = series.truth is not None
    has_boxes = bool(shown_tissues(results))
    notes = small_print(results, look, len(shown) * (2 if has_truth else 1), has_boxes)
    layout = Layout(
        rows=len(results) + has_truth,
        maps=len(shown),
        errors=len(shown) if has_truth else 0,
        image=image_size(series),
        boxes=len(shown) * BOXES_HEIGHT + _ABOVE_BOXES + _BELOW_BOXES if has_boxes else 0.0,
        n_notes=len(notes),
    )
    figure = Figure(figsize=layout.size, facecolor=look.background)
    draw_header(figure, layout, series, index, look)
    rows = [("Truth", series.truth.maps)] if series.truth is not None else []
    rows += [(row_label(mapped), mapped.maps) for mapped in results]
    _draw_maps(figure, layout, rows, index, shown, look)
    if series.truth is not None:
        _draw_errors(figure, layout, results, index, tuple(shown), error_percent, look)
    if has_boxes:
        bottom = MARGIN + len(notes) * LINE + _BELOW_BOXES
        place = (layout.left - 0.55, bottom, layout.width + 0.55)
        draw_boxes(figure, results, tuple(shown), place, look)
    draw_small_print(figure, layout, notes)
    return figure


def _check(results: Sequence[Mapped], slice_index: int | None, error_percent: float) -> int:
    if not results:
        raise ValueError("results must hold at least one method, got none")
    series = results[0].series
    if any(mapped.series is not series for mapped in results):
        raise ValueError("results must be of one series, got several")
    n_slices = series.shape[0]
    index = n_slices // 2 if slice_index is None else slice_index
    if not 0 <= index < n_slices:
        raise ValueError(f"slice of {series.name} must be from 0 to {n_slices - 1}, got {index}")
    if not error_percent > 0:
        raise ValueError(f"error_percent must be greater than 0, got {error_percent}")
    return index


def _ranges(
    results: Sequence[Mapped], shows_pd: bool, chosen: Mapping[str, tuple[float, float]]
) -> dict[str, tuple[float, float]]:
    """What the colours of each column run between."""
    ranges = {p.name: (p.shown_low, p.shown_high) for p in PARAMETERS}
    if shows_pd:
        truth = results[0].series.truth
        values = (results[0].maps if truth is None else truth.maps).pd
        finite = values[np.isfinite(values)]
        high = float(np.quantile(finite, 0.98)) if finite.size else 1.0
        ranges[PD] = (0.0, high if high > 0 else 1.0)
    ranges.update({name: ends for name, ends in chosen.items() if name in ranges})
    for name, (low, high) in ranges.items():
        if not high > low:
            raise ValueError(f"range of {name} must run from low to high, got {low:g} to {high:g}")
    return ranges


def _draw_maps(
    figure: Figure,
    layout: Layout,
    rows: Sequence[tuple[str, Maps]],
    index: int,
    ranges: Mapping[str, tuple[float, float]],
    look: Style,
) -> None:
    for row, (label, maps) in enumerate(rows):
        draw_label(figure, layout, row, label, look)
        for column, (name, ends) in enumerate(ranges.items()):
            axes = _axes(figure, layout, row, column)
            image = _show(axes, maps[name][index], COLOUR_MAPS[name], ends)
            if row == 0:
                _title(axes, _LABELS[name], look)
            if row == len(rows) - 1:
                _bar(figure, layout, column, image, UNITS[name] or "units of the series", look)


def _draw_errors(
    figure: Figure,
    layout: Layout,
    results: Sequence[Mapped],
    index: int,
    names: Sequence[str],
    error_percent: float,
    look: Style,
) -> None:
    truth = results[0].series.truth
    assert truth is not None
    ends = (-error_percent, error_percent)
    for row, mapped in enumerate(results, start=1):
        scores = score(mapped)
        for column, name in enumerate(names, start=layout.maps):
            axes = _axes(figure, layout, row, column)
            true = truth.maps[name][index]
            with np.errstate(divide="ignore", invalid="ignore"):
                percent = 100 * (mapped.maps[name][index] - true) / true
            image = _show(axes, percent, ERROR_COLOURS, ends)
            _tag(axes, scores, name, look)
            if row == 1:
                _title(axes, f"{_LABELS[name]} error", look)
            if row == len(results):
                _bar(figure, layout, column, image, "% of the truth", look)


def _axes(figure: Figure, layout: Layout, row: int, column: int) -> Axes:
    axes = figure.add_axes(layout.box(row, column))
    axes.set_xticks([])
    axes.set_yticks([])
    axes.spines[:].set_visible(False)
    axes.set_facecolor("black")
    return axes


def _show(axes: Axes, values: NDArray[np.float32], colours: str, ends: tuple[float, float]) -> Any:  # noqa: ANN401 - matplotlib's mappable
    """An image; black where nothing is known."""
    shown = np.ma.masked_invalid(values)
    return axes.imshow(
        shown, cmap=colours, vmin=ends[0], vmax=ends[1], aspect="auto", interpolation="nearest"
    )


def _title(axes: Axes, text: str, look: Style) -> None:
    axes.set_title(text, color=look.text, fontsize=9.5, pad=4)


def _tag(axes: Axes, scores: Sequence[TissueScore], name: str, look: Style) -> None:
    """Root mean square errors under an image: the brain's, then those of its main tissues."""
    by_label = {line.label: line for line in scores if line.parameter == name}
    if None in by_label:
        whole = by_label[None]
        parts = [f"{short} {by_label[k].rmse:.3g}" for k, short in _MAIN.items() if k in by_label]
        text = f"RMSE {whole.rmse:.3g} {whole.unit}\n{', '.join(parts)}".rstrip()
        axes.annotate(
            text,
            (0.5, 0),
            (0, -2.5),
            "axes fraction",
            "offset points",
            color=look.muted,
            fontsize=7.5,
            ha="center",
            va="top",
            linespacing=1.05,
        )


def _bar(
    figure: Figure,
    layout: Layout,
    column: int,
    image: Any,  # noqa: ANN401 - matplotlib's mappable
    unit: str,
    look: Style,
) -> None:
    """The scale of a column under its last image."""
    left, _, width, _ = layout.box(layout.rows - 1, column)
    height = layout.size[1]
    bottom = (layout.images_bottom - layout.tag - 0.06 - BAR_HEIGHT) / height
    place = (left + 0.1 * width, bottom, 0.8 * width, BAR_HEIGHT / height)
    axes = figure.add_axes(place)
    bar = figure.colorbar(image, cax=axes, orientation="horizontal")
    bar.outline.set_visible(False)
    bar.locator = _few_ticks()
    bar.update_ticks()
    axes.tick_params(labelsize=7, colors=look.muted, length=2, width=0.5, pad=1.5)
    axes.set_xlabel(unit, color=look.muted, fontsize=7.5, labelpad=1)


def _few_ticks() -> Any:  # noqa: ANN401 - matplotlib's locator
    from matplotlib.ticker import MaxNLocator

    return MaxNLocator(4, steps=[1, 2, 2.5, 5, 10])
