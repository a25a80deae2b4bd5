"""A comparison as files and as lines on the terminal."""

from __future__ import annotations

import math
import re
from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING

from core.cli.slices import middle
from core.params import changed_text

if TYPE_CHECKING:
    from core.metrics import Summary
    from core.pipeline import Comparison
    from core.types import Mask, Scan

FIGURE_NAME = "comparison.png"


def write_results(
    folder: Path, comparisons: Sequence[Comparison], definition: str, command_line: str
) -> tuple[Path, ...]:
    """Write the table, the figure of the middle slice and one NIfTI a method.

    Parameters
    ----------
    folder
        Made if it does not exist.
    comparisons
        Of one scan and mask; at least one.
    definition
        Name of the definition of the scores.
    command_line
        What made them, for the files' provenance.
    """
    from core.figure import comparison_figure
    from core.figure_file import save_figure
    from core.report import write_report

    provenance = {"command": command_line}
    written = [*write_report(folder, comparisons, definition, provenance)]
    figure = comparison_figure(of_middle_slice(comparisons))
    save_figure(figure, folder / FIGURE_NAME, provenance)
    written.append(folder / FIGURE_NAME)
    return (*written, *_write_images(folder, comparisons))


def of_middle_slice(comparisons: Sequence[Comparison]) -> list[Comparison]:
    """Those of the slice that figures show."""
    slices = list(dict.fromkeys(c.recon.source.slice_index for c in comparisons))
    shown = middle(slices)
    return [c for c in comparisons if c.recon.source.slice_index == shown]


def _write_images(folder: Path, comparisons: Sequence[Comparison]) -> list[Path]:
    from core.io import write_nifti

    scan: Scan = comparisons[0].recon.source.scan
    methods = list(dict.fromkeys(c.recon.method for c in comparisons))
    paths = []
    for method, name in zip(methods, file_names(methods), strict=True):
        recons = [c.recon for c in comparisons if c.recon.method == method]
        images = {recon.source.slice_index: recon.image for recon in recons}
        mask = recons[0].source.mask
        description = f"tlmri {recons[0].label}, R={mask.acceleration:.4g} {mask.pattern}"
        write_nifti(folder / name, images, scan, description)
        paths.append(folder / name)
    return paths


def file_names(methods: Sequence[str]) -> list[str]:
    """One safe and distinct NIfTI name a method: ``net:natural`` gives ``net-natural.nii.gz``."""
    names: list[str] = []
    for method in methods:
        kind, _, which = method.partition(":")
        stem = f"{kind}-{Path(which).stem}" if which else kind
        stem = re.sub(r"[^A-Za-z0-9._-]+", "-", stem)
        taken = sum(name.startswith(f"{stem}.") or name.startswith(f"{stem}_") for name in names)
        names.append(f"{stem}_{taken + 1}.nii.gz" if taken else f"{stem}.nii.gz")
    return names


def _mask_text(mask: Mask) -> str:
    return " ".join(filter(None, (mask.pattern, changed_text(mask.params))))


def print_results(
    comparisons: Sequence[Comparison], definition: str, written: Sequence[Path]
) -> None:
    """A table of the mean scores, what they rest on, and where the files are.

    The means are over the slices that every method was scored on.
    """
    from core import metrics
    from core.acquisition import NO_REFERENCE

    source = comparisons[0].recon.source
    summaries = metrics.summarise(definition, comparisons)
    n_slices = len({c.recon.source.slice_index for c in comparisons})
    print(
        f"{source.scan.name}: {n_slices} slice{'s' if n_slices > 1 else ''}, "
        f"R = {source.mask.achieved_acceleration:.2f} ({_mask_text(source.mask)}), "
        f"{source.scan.provenance}"
    )
    if source.scan.has_reference:
        _print_scores(summaries, definition)
    else:
        print(f"Not scored: {', '.join(s.label for s in summaries)}: {NO_REFERENCE}")
    for label, remark in dict.fromkeys(
        (c.recon.label, remark) for c in comparisons for remark in c.recon.remarks
    ):
        print(f"Note: {label}: {remark}")
    for note in source.scan.notes:
        print(f"Note: {note}")
    print("Written:")
    for path in written:
        print(f"  {path}")


def _print_scores(summaries: Sequence[Summary], definition: str) -> None:
    from core import metrics

    width = max(len(summary.label) for summary in summaries)
    n_slices = max(summary.n for summary in summaries)
    print(f"{_scored(n_slices)} scored by every method, under {metrics.label(definition)}:")
    print(f"  {'':{width}}  PSNR (dB)    SSIM    NMSE")
    for summary in summaries:
        mean = summary.mean
        note = f"  ({summary.note})" if summary.note else ""
        print(
            f"  {summary.label:{width}}  {_figure(mean['psnr_db'], 9, 2)}  "
            f"{_figure(mean['ssim'], 6, 4)}  {_figure(mean['nmse'], 6, 4)}{note}"
        )


def _scored(n_slices: int) -> str:
    """How the line begins that tells how many slices the means are of."""
    if n_slices == 0:
        return "No mean scores, since no slice was"
    return "Scores of the one slice" if n_slices == 1 else f"Mean scores of the {n_slices} slices"


def _figure(value: float, width: int, digits: int) -> str:
    """A figure to the right of its column; a dash where there is none."""
    return f"{'–':>{width}}" if math.isnan(value) else f"{value:{width}.{digits}f}"
