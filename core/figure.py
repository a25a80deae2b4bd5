"""The comparison figure: reference and methods side by side, their errors beneath.

Everything is placed in inches, so the images keep their shape and nothing is cropped.
"""

from __future__ import annotations

import textwrap
from collections.abc import Sequence
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Any

import numpy as np
from numpy.typing import NDArray

from core import __version__, metrics
from core.acquisition import direct_image, reference_image, volume_maximum
from core.figure_head import write_head
from core.figure_style import STYLES, Style
from core.metrics import Scored
from core.params import changed_text
from core.types import SIMULATED, Mask, SampledSlice, Scan, Score

if TYPE_CHECKING:
    from matplotlib.axes import Axes
    from matplotlib.figure import Figure

WINDOW_QUANTILE = 0.998
"""The reference's value at this quantile is white by default: bright fat and vessels may clip."""

_CELL_WIDTH, _CELL_HEIGHT, _COLUMN = 2.3, 3.1, 2.0
_GAP, _MARGIN, _ROW_LABEL, _BAR = 0.1, 0.22, 0.28, 0.75
_HEADER, _LABEL_LINE, _SCORE, _LINE = 0.68, 0.17, 0.34, 0.15

_LABEL_WRAP = 26
"""Characters of a label in one column."""

_TITLE_PITCH, _SMALL_PITCH = 0.115, 0.066
"""Width of a character of the title and of the footer, in inches."""


@dataclass(frozen=True)
class _Layout:
    """Sizes in inches; without a second row where there is no error to show."""

    columns: int
    rows: int
    image: tuple[float, float]
    pitch: float
    label: float
    footer: float

    @property
    def text_width(self) -> float:
        """Room for a line of text above or below the images."""
        return self.columns * self.pitch + _BAR

    @property
    def size(self) -> tuple[float, float]:
        """Of the figure."""
        images = self.rows * self.image[1] + _SCORE
        height = 2 * _MARGIN + _HEADER + self.label + images + self.footer
        return 2 * _MARGIN + _ROW_LABEL + self.text_width, height

    def box(self, column: int, row: int) -> tuple[float, float, float, float]:
        """Left, bottom, width, height of an image; row 0 is the upper one."""
        width, height = self.image
        left = _MARGIN + _ROW_LABEL + column * self.pitch + (self.pitch - _GAP - width) / 2
        below = (self.rows - 1 - row) * height + (_SCORE if row == 0 else 0.0)
        return left, _MARGIN + self.footer + below, width, height


def default_window(reference: NDArray[np.float32]) -> tuple[float, float]:
    """Values shown black and white: 0 and a high quantile of the reference."""
    white = float(np.quantile(reference, WINDOW_QUANTILE)) or float(reference.max())
    return 0.0, white if white > 0 else 1.0


def comparison_figure(
    comparisons: Sequence[Scored],
    window: tuple[float, float] | None = None,
    error_factor: float = 5.0,
    style: str = "light",
) -> Figure:
    """Reference and every method in one shared window, error maps on one shared scale.

    Of a scan that was acquired undersampled, which has no reference, only the methods.

    Parameters
    ----------
    comparisons
        One slice of one scan under one mask, by one method each, all scored under one definition.
    window
        Values shown black and white, in the scan's units; :func:`default_window` if None.
    error_factor
        The error maps' brightest colour stands for the scan's peak over this factor, as in the
        window.
    style
        Name in :data:`core.figure_style.STYLES`.

    Raises
    ------
    ValueError
        If there is no comparison, they are not of one slice, mask and definition, or the window
        or the factor is not positive.
    """
    from matplotlib.figure import Figure

    colours = STYLES[style].item
    _check(comparisons, window, error_factor)
    source = comparisons[0].recon.source
    window = window or default_window(direct_image(source.scan, source.slice_index))
    layout = _layout(comparisons)
    footer = _footer_lines(comparisons, window, layout, colours)
    layout = replace(layout, footer=len(footer) * _LINE + 0.1)
    figure = Figure(figsize=layout.size, facecolor=colours.background)
    _header(figure, layout, comparisons, colours)

    if source.scan.has_reference:
        reference = reference_image(source.scan, source.slice_index)
        axes = _image(figure, layout, 0, reference, window, source.scan)
        _label(axes, "Reference", colours)
        _below(axes, "fully sampled", colours.muted, 8)
        _edges(axes, source.scan)
    _sampling(figure, layout, source.mask, source.scan, colours)
    for column, item in enumerate(comparisons, start=1):
        axes = _image(figure, layout, column, item.recon.image, window, source.scan)
        _label(axes, item.recon.label, colours)
        _score(axes, item.score, colours)
        if not source.scan.has_reference:
            _edges(axes, source.scan)
    if source.scan.has_reference:
        _errors(figure, layout, comparisons, reference, error_factor, colours)
    _footer(figure, layout, footer)
    return figure


def _image(
    figure: Figure,
    layout: _Layout,
    column: int,
    image: NDArray[np.float32],
    window: tuple[float, float],
    scan: Scan,
) -> Axes:
    axes = _axes(figure, layout, column, 0)
    axes.imshow(image, cmap="gray", vmin=window[0], vmax=window[1], aspect=_aspect(scan))
    return axes


def _aspect(scan: Scan) -> float:
    return scan.spacing_mm[1] / scan.spacing_mm[2]


def _errors(
    figure: Figure,
    layout: _Layout,
    comparisons: Sequence[Scored],
    reference: NDArray[np.float32],
    error_factor: float,
    colours: Style,
) -> None:
    """Each method's error under its image, and the bar of their scale."""
    scan = comparisons[0].recon.source.scan
    for column, item in enumerate(comparisons, start=1):
        error = _axes(figure, layout, column, 1).imshow(
            np.abs(item.recon.image - reference),
            cmap=colours.error_map,
            vmin=0,
            vmax=volume_maximum(scan) / error_factor,  # as in the window
            aspect=_aspect(scan),
        )
    _error_bar(figure, layout, error, error_factor, colours)


def _check(
    comparisons: Sequence[Scored], window: tuple[float, float] | None, error_factor: float
) -> None:
    if not comparisons:
        raise ValueError("comparisons must hold at least one method, got none")
    sources = {
        (id(item.recon.source.scan), item.recon.source.slice_index, id(item.recon.source.mask))
        for item in comparisons
    }
    if len(sources) > 1:
        raise ValueError(
            f"comparisons must be of one slice of one scan under one mask, got {len(sources)}"
        )
    definitions = sorted({item.score.definition for item in comparisons})
    if len(definitions) > 1:
        raise ValueError(f"comparisons must share one definition, got {', '.join(definitions)}")
    if window is not None and not window[1] > window[0]:
        raise ValueError(f"window must run from a lower to a higher value, got {window}")
    if not error_factor > 0:
        raise ValueError(f"error_factor must be greater than 0, got {error_factor}")


def _layout(comparisons: Sequence[Scored]) -> _Layout:
    scan = comparisons[0].recon.source.scan
    y, x = scan.slice_shape
    ratio = (y * scan.spacing_mm[1]) / (x * scan.spacing_mm[2])
    width = min(_CELL_WIDTH, _CELL_HEIGHT / ratio)
    lines = max(len(textwrap.wrap(item.recon.label, _LABEL_WRAP)) for item in comparisons)
    return _Layout(
        columns=len(comparisons) + 1,
        rows=2 if scan.has_reference else 1,
        image=(width, width * ratio),
        pitch=max(width, _COLUMN) + _GAP,
        label=lines * _LABEL_LINE + 0.12,
        footer=0.0,
    )


def _axes(figure: Figure, layout: _Layout, column: int, row: int) -> Axes:
    axes = figure.add_axes(_fraction(layout, layout.box(column, row)))
    axes.set_axis_off()
    return axes


def _fraction(
    layout: _Layout, box: tuple[float, float, float, float]
) -> tuple[float, float, float, float]:
    width, height = layout.size
    return box[0] / width, box[1] / height, box[2] / width, box[3] / height


def _header(figure: Figure, layout: _Layout, comparisons: Sequence[Scored], colours: Style) -> None:
    source = comparisons[0].recon.source
    scan = source.scan
    ending = f", slice {source.slice_index}"
    room = int(layout.text_width / _TITLE_PITCH) - len(ending)
    name = scan.name if len(scan.name) <= room else f"{scan.name[: room - 1]}…"
    origin = colours.warning if SIMULATED in scan.provenance else colours.muted
    lines = (
        (name + ending, colours.text, 0.0),
        (sampling_words(source), colours.muted, 0.24),
        (scan.provenance, origin, 0.41),
    )
    write_head(figure, layout.size, (_MARGIN + _ROW_LABEL, _MARGIN), lines)


def sampling_words(source: SampledSlice) -> str:
    """One line on the mask of a result."""
    mask = source.mask
    words = (
        f"R = {mask.acceleration:g} (achieved {mask.achieved_acceleration:.2f}), "
        f"{mask.pattern} mask, seed {mask.seed}"
    )
    if not source.scan.has_reference:
        words = f"R = {mask.acceleration:.2f}, as acquired"
    settings = changed_text(mask.params)
    return f"{words}, {settings}" if settings else words


def _label(axes: Axes, label: str, colours: Style) -> None:
    lines = textwrap.wrap(label, _LABEL_WRAP)
    axes.set_title("\n".join(lines), color=colours.text, fontsize=9.5, pad=5)


def _below(axes: Axes, text: str, colour: str, size: float) -> None:
    axes.annotate(
        text,
        (0.5, 0),
        (0, -4),
        "axes fraction",
        "offset points",
        color=colour,
        fontsize=size,
        ha="center",
        va="top",
    )


def _score(axes: Axes, score: Score, colours: Style) -> None:
    if score.excluded is None:
        figures = f"PSNR {score.psnr_db:.2f} dB   SSIM {score.ssim:.4f}"
        _below(axes, figures, colours.text, 8.5)
    else:
        reason = textwrap.fill(f"no score: {score.excluded}", 32)
        _below(axes, reason, colours.warning, 7.5)


def _edges(axes: Axes, scan: Scan) -> None:
    if scan.edges is None:
        return
    from matplotlib.patheffects import withStroke

    places = (
        (0.02, 0.5, "left", "center"),
        (0.98, 0.5, "right", "center"),
        (0.5, 0.98, "center", "top"),
        (0.5, 0.02, "center", "bottom"),
    )
    for letter, (x, y, ha, va) in zip(scan.edges, places, strict=True):
        axes.text(
            x, y, letter, color="white", fontsize=8, ha=ha, va=va, transform=axes.transAxes,
            path_effects=[withStroke(linewidth=1.6, foreground="black")],
        )  # fmt: skip


def _sampling(figure: Figure, layout: _Layout, mask: Mask, scan: Scan, colours: Style) -> None:
    """The mask under the reference, or in its place; k-space is square in 1/mm."""
    left, bottom, width, height = layout.box(0, layout.rows - 1)
    ratio = scan.spacing_mm[2] / scan.spacing_mm[1]
    drawn = min(width, height / ratio, 1.7)
    box = (left + (width - drawn) / 2, bottom + (height - drawn * ratio) / 2, drawn, drawn * ratio)
    axes = figure.add_axes(_fraction(layout, box))
    axes.imshow(mask.samples, cmap="gray", vmin=0, vmax=1, aspect="auto")
    axes.set_xticks([])
    axes.set_yticks([])
    axes.spines[:].set_color(colours.muted)
    axes.spines[:].set_linewidth(0.6)
    axes.set_title("sampled k-space", color=colours.muted, fontsize=8, pad=4)


def _error_bar(
    figure: Figure,
    layout: _Layout,
    error: Any,  # noqa: ANN401 - matplotlib's mappable
    factor: float,
    colours: Style,
) -> None:
    left, bottom, width, height = layout.box(layout.columns - 1, 1)
    box = (left + width + 0.1, bottom + 0.05 * height, 0.09, 0.9 * height)
    bar_axes = figure.add_axes(_fraction(layout, box))
    bar = figure.colorbar(error, cax=bar_axes)
    bar.outline.set_visible(False)
    bar_axes.tick_params(labelsize=7, colors=colours.muted, length=2, width=0.5)
    bar_axes.yaxis.get_offset_text().set(color=colours.muted, fontsize=7)
    left, bottom, _, height = layout.box(1, 1)
    figure.text(
        (left - 0.05) / layout.size[0],
        (bottom + height / 2) / layout.size[1],
        f"|error| × {factor:g}",
        color=colours.text,
        fontsize=9.5,
        rotation=90,
        ha="right",
        va="center",
    )


def _footer_lines(
    comparisons: Sequence[Scored], window: tuple[float, float], layout: _Layout, colours: Style
) -> list[tuple[str, str]]:
    """Lines of text with their colours, wrapped to the figure's width."""
    definition = metrics.label(comparisons[0].score.definition)
    if comparisons[0].recon.source.scan.has_reference:
        measure, errors = f"PSNR and SSIM: {definition}", "; all error maps share one scale"
    else:
        measure, errors = "No PSNR, SSIM or error map without a reference", ""
    shared = f"All images share the window {window[0]:.4g} to {window[1]:.4g}{errors}"
    paragraphs = [
        (f"{measure}. tlmri {__version__}.", colours.muted),
        (f"{shared}, in the scan's units.", colours.muted),
    ]
    for item in comparisons:
        for remark in item.recon.remarks:
            paragraphs.append((f"{item.recon.label}: {remark}", colours.warning))
    room = int(layout.text_width / _SMALL_PITCH)
    return [(line, colour) for text, colour in paragraphs for line in textwrap.wrap(text, room)]


def _footer(figure: Figure, layout: _Layout, lines: Sequence[tuple[str, str]]) -> None:
    width, height = layout.size
    for i, (line, colour) in enumerate(lines):
        figure.text(
            (_MARGIN + _ROW_LABEL) / width,
            (_MARGIN + (len(lines) - i) * _LINE) / height,
            line,
            color=colour,
            fontsize=7.5,
            va="top",
        )
