"""What leaves the window: the figure, the table, and the command that makes them again."""

from __future__ import annotations

import csv
import io
import math
import shlex
from collections.abc import Callable, Mapping, Sequence
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING, Any

from core import atomic
from core.params import changed, changed_text
from core.progress import Progress
from core.types import Mask, Scan
from tlmri_gui.models.stage import StageState
from tlmri_gui.session import Session
from tlmri_gui.state import Means

if TYPE_CHECKING:
    from matplotlib.figure import Figure

    from core.line_profile import Line
    from core.pipeline import Comparison

FIGURE_FILTER = "PNG image (*.png);;PDF document (*.pdf);;SVG drawing (*.svg)"
PROFILE_FILTER = f"{FIGURE_FILTER};;Table (*.csv)"
DEMO = "demo"
"""What ``tlmri recon`` calls the demo scan."""

NOTHING_YET = "there is no finished reconstruction of this slice to export yet"

TABLE_FILTER = "Table (*.csv);;JSON document (*.json)"


def write_figure(
    path: Path,
    comparisons: Sequence[Comparison],
    window: tuple[float, float],
    error_factor: float,
    command: str,
    progress: Progress,
) -> None:
    """Draw and write the comparison figure.

    Raises
    ------
    ValueError
        If there is nothing to show, or the file cannot be written.
    """
    from core.figure import comparison_figure

    def draw() -> Figure:
        return comparison_figure(_finished(comparisons), window, error_factor)

    _write_drawing(path, "the figure", draw, {"Command": command}, progress)


def write_view(
    path: Path,
    state: StageState,
    slice_index: int,
    mask: Mask | None,
    scan: Scan,
    command: str,
    progress: Progress,
) -> None:
    """Draw and write the view on show, whole pictures on their scale.

    Raises
    ------
    ValueError
        If there is nothing to show, or the file cannot be written.
    """
    from core.view_figure import view_figure
    from core.view_pictures import Shown

    assert state.view is not None
    shown = [
        Shown(panel.title, panel.picture, panel.caption, panel.remark)
        for panel in state.panels
        if panel.picture is not None
    ]
    draw = partial(view_figure, state.view, shown, scan, slice_index, mask)
    provenance = {"View": state.view.label, "Command": command}
    _write_drawing(path, "the figure", draw, provenance, progress)


def write_profile(
    path: Path,
    comparisons: Sequence[Comparison],
    line: Line,
    command: str,
    progress: Progress,
) -> None:
    """Write the line profile, as a table if the path ends in .csv, else as a figure.

    Raises
    ------
    ValueError
        If there is nothing to show, or the file cannot be written.
    """
    from core import profile_figure, profile_table

    if path.suffix.lower() == ".csv":
        progress(0.0, "drawing the line profile")
        profile_table.write_profile(path, _finished(comparisons), line)
        return

    def draw() -> Figure:
        return profile_figure.comparison_profile(_finished(comparisons), line)

    provenance = {"Line": line.name, "Command": command}
    _write_drawing(path, "the line profile", draw, provenance, progress)


def _write_drawing(
    path: Path,
    subject: str,
    draw: Callable[[], Figure],
    provenance: Mapping[str, str],
    progress: Progress,
) -> None:
    """Draw a figure, and write it with where it comes from inside."""
    from core import figure_file

    progress(0.0, f"drawing {subject}")
    drawing = draw()
    progress(0.5, f"writing {path.name}")
    figure_file.save_figure(drawing, path, provenance)


def _finished(comparisons: Sequence[Comparison]) -> Sequence[Comparison]:
    """The comparisons, of which there must be one."""
    if not comparisons:
        raise ValueError(NOTHING_YET)
    return comparisons


def write_table(
    path: Path,
    comparisons: Sequence[Comparison],
    means: Means | None,
    definition: str,
    command: str,
    progress: Progress,
) -> None:
    """Write the scores as CSV or JSON, by the path's suffix.

    JSON always has a summary; in CSV the means, if there are any, follow as rows of their own.

    Raises
    ------
    ValueError
        If there is nothing to write, the suffix is another, or the file cannot be written.
    """
    from core import report

    progress(0.0, f"writing {path.name}")
    if not comparisons:
        raise ValueError("there are no scores to export yet")
    report.write_table(path, comparisons, definition, {"command": command})
    if means is not None and path.suffix.lower() == ".csv":
        atomic.write_bytes(path, path.read_bytes() + _mean_rows(comparisons, means))


def _mean_rows(comparisons: Sequence[Comparison], means: Means) -> bytes:
    """CSV rows of the means; what all slices share is read off one reconstruction."""
    from core import report

    recon = comparisons[0].recon
    mask, names = recon.source.mask, report.method_names(comparisons)
    text = io.StringIO()
    columns = (*report.COLUMNS, "definition")
    writer = csv.DictWriter(text, columns, restval="", lineterminator="\n")
    for summary in means.summaries:
        row = {
            "scan": recon.source.scan.name,
            "slice": f"mean of {summary.n}",
            "method": names.get(summary.method, summary.method),
            "acceleration": mask.acceleration,
            "acceleration_achieved": round(mask.achieved_acceleration, 4),
            "mask": mask.pattern,
            "mask_seed": mask.seed,
            "mask_settings": changed_text(mask.params),
            "provenance": recon.source.scan.provenance,
            "note": summary.note,
            "definition": means.definition,
        }
        figures = {k: "" if math.isnan(v) else v for k, v in summary.mean.items()}
        writer.writerow(row | figures)
    return text.getvalue().encode()


def command_line(session: Session, demo: Scan | None = None) -> str:
    """The ``tlmri recon`` command that computes what is on show.

    Parameters
    ----------
    session
        What is on show.
    demo
        The scan that the word ``demo`` draws again.

    Raises
    ------
    ValueError
        If no command opens the scan on show: it is a drawn one other than the demo scan.
    """
    words: list[Any] = ["tlmri", "recon", *_scan_words(session, demo)]
    words += [*_sampling_words(session), "--methods", ",".join(session.chosen())]
    words += ["--slices", session.slice_index, "--definition", session.definition]
    words += ["--device", session.device]
    if session.viewing.shown is not None:
        words += ["--views", session.viewing.shown.name]
    if session.profile.is_shown and session.scan is not None:
        words += ["--profile", session.profile.choice_in(session.scan.slice_shape).text]
    for name in session.chosen():
        words += _settings(name, session.method_params.get(name))
    words += ["--out", "results"]
    return shlex.join(map(str, words))


def _sampling_words(session: Session) -> list[Any]:
    """Options of the mask; none for a scan that brings its own."""
    if session.scan is not None and not session.scan.has_reference:
        return []
    sampling = session.sampling
    words = ["--acceleration", f"{sampling.acceleration:g}", "--mask", sampling.pattern]
    return [*words, "--seed", sampling.seed, *_settings("mask", sampling.params)]


def _scan_words(session: Session, demo: Scan | None) -> list[Any]:
    """What opens the scan on show on the command line, in the form of its coils."""
    scan = session.scan
    if scan is None:
        return [DEMO]
    seen, original = session.other_coils.get(scan), session.original(scan)
    coils = () if seen is None else seen.form.item.option
    if original is demo:
        return [DEMO, *coils]
    if original.path is None:
        raise ValueError(f"scan on show must be a file or the demo scan, got {scan.name!r}")
    return [original.path, *coils]


def _settings(owner: str, params: Any) -> list[str]:  # noqa: ANN401 - any params dataclass or None
    """``--set`` words for what differs from the defaults."""
    if params is None:
        return []
    return [
        w for name, value in changed(params).items() for w in ("--set", f"{owner}.{name}={value}")
    ]
