"""``--views``: the middle slice otherwise than as magnitude, one figure a view."""

from __future__ import annotations

import argparse
from collections.abc import Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from core.pipeline import Comparison, MethodChoice
    from core.registry import Entry
    from core.types import SampledSlice, Scan
    from core.view_pictures import Shown
    from core.views import View

NAMES = ("phase", "coil-images", "coil-maps", "kspace", "residual")
"""Those of :data:`core.views.VIEWS`, which needs torch."""


@dataclass(frozen=True, eq=False)
class Seen:
    """A view of a slice with its pictures so far."""

    view: Entry[View]
    shown: tuple[Shown, ...]

    @property
    def file_name(self) -> str:
        """Of its figure."""
        return f"view-{self.view.name}.png"


def add(parser: argparse.ArgumentParser) -> None:
    """``--views``."""
    parser.add_argument(
        "--views",
        metavar="LIST",
        help="also write view-NAME.png of the middle slice in these views, with commas between: "
        f"{', '.join(NAMES)}",
    )


def parse_views(text: str | None) -> tuple[Entry[View], ...]:
    """The views in a list such as ``phase,residual``; none for None.

    Raises
    ------
    ValueError
        If there is no such view, or one is named twice.
    """
    from core.views import VIEWS

    names = [] if text is None else [name.strip() for name in text.split(",")]
    if len(set(names)) < len(names) or not all(name in VIEWS for name in names):
        known = ", ".join(VIEWS.names())
        raise ValueError(
            f"--views must be different names of {known} with commas between, got {text!r}"
        )
    return tuple(VIEWS[name] for name in names)


def see_data(views: Sequence[Entry[View]], scan: Scan, slice_index: int) -> tuple[Seen, ...]:
    """Every view of the scan's own data.

    Raises
    ------
    ValueError
        If the scan or the slice cannot be seen so.
    """
    from core.view_pictures import of_data

    seen = []
    for view in views:
        why = view.item.unavailable(scan)
        if why:
            raise ValueError(f"--views {view.name} cannot be made of {scan.name}: {why}")
        try:
            seen.append(Seen(view, of_data(view.item, scan, slice_index)))
        except ValueError as error:
            raise ValueError(f"--views {view.name}: {error}") from error
    return tuple(seen)


def see_methods(
    seen: Sequence[Seen],
    comparisons: Sequence[Comparison],
    methods: Sequence[MethodChoice],
) -> tuple[Seen, ...]:
    """The views with what methods found, where they show it.

    The methods run once more, since what every coil sees is kept of no slice before.

    Parameters
    ----------
    seen
        The views of the data.
    comparisons, methods
        Of this slice alone, one of each method.
    """
    from core.cli.progress_bar import ProgressBar
    from core.pipeline import reconstruct_coils, undersample
    from core.progress import part
    from core.view_pictures import of_methods

    if all(item.view.item.of_method is None for item in seen):
        return tuple(seen)
    source = comparisons[0].recon.source
    undersampled = undersample(source.scan, source.slice_index, source.mask)
    images = []
    with ProgressBar("views") as progress:
        for i, method in enumerate(methods):
            hook = part(progress, i / len(methods), (i + 1) / len(methods))
            images.append(reconstruct_coils(undersampled, method, hook).coil_images)
    return tuple(
        replace(item, shown=item.shown + of_methods(item.view.item, comparisons, images))
        for item in seen
    )


def write_views(
    folder: Path, seen: Sequence[Seen], source: SampledSlice, command_line: str
) -> tuple[Path, ...]:
    """Write one figure a view.

    Parameters
    ----------
    folder
        Made if it does not exist.
    seen
        The views with all their pictures.
    source
        The slice, and the mask that methods were given.
    command_line
        What made them, for the files' provenance.
    """
    from core.figure_file import save_figure
    from core.view_figure import view_figure

    written = []
    for item in seen:
        figure = view_figure(item.view, item.shown, source.scan, source.slice_index, source.mask)
        provenance = {"view": item.view.label, "command": command_line}
        save_figure(figure, folder / item.file_name, provenance)
        written.append(folder / item.file_name)
    return tuple(written)
