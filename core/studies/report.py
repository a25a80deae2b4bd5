"""Figures and tables of a study, written from its table alone."""

from __future__ import annotations

import csv
import io
from collections.abc import Mapping
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path
from typing import TYPE_CHECKING, NamedTuple

from core import __version__, atomic, metrics
from core.studies.answer import answer
from core.studies.cells import file_word
from core.studies.curves import Curves, by_target, curves
from core.studies.figures import convergence_figure, psnr_figure
from core.studies.profile_page import profile_page
from core.studies.profiles import PROFILES_NAME, CellProfile, read_profiles
from core.studies.run import load_study
from core.studies.store import read_plan
from core.studies.table import StudyTable
from core.studies.tables import Sheet, overview, sheets

if TYPE_CHECKING:
    from matplotlib.figure import Figure

REPORT_NAME = "report.md"
SUFFIXES = (".png", ".pdf")


def write_report(folder: Path, out: Path | None = None) -> tuple[Path, ...]:
    """Write the figures, the tables and the page that shows them.

    Parameters
    ----------
    folder
        A study's folder, whole or not.
    out
        Where they go; the study's folder by default.

    Returns
    -------
    tuple of Path
        What was written.

    Raises
    ------
    ValueError
        If it is no study's folder, nothing is done yet, or a file cannot be written.
    """
    target = out or folder
    name, native, table = load_study(folder)
    profiles = read_profiles(folder / PROFILES_NAME)
    parts = [_Part(part, curves(part, native), profiles) for part in by_target(table).values()]
    if not parts:
        raise ValueError(f"{folder}: a study's table must hold at least one cell, got none")
    is_one = len(read_plan(folder).get("targets", ())) < 2
    places = {part: "" if is_one else f"-{file_word(part.found.target)}" for part in parts}
    written = []
    for part, place in places.items():
        provenance = {"study": name, "cells": f"{table.n_done} of {table.n_cells}"}
        written += _draw(part, target, place, provenance)
        written += [_write(target, sheet, part, place) for sheet in part.sheets]
    written.append(target / REPORT_NAME)
    atomic.write_bytes(written[-1], _page(name, table, places).encode())
    return tuple(written)


class Drawn(NamedTuple):
    """A figure, and what it shows in words."""

    caption: str
    figure: Figure


@dataclass(frozen=True, eq=False)
class _Part:
    """What is done of one target."""

    table: StudyTable
    found: Curves
    profiles: tuple[CellProfile, ...]

    @cached_property
    def figures(self) -> dict[str, Drawn]:
        """By the beginning of their files' names, in order."""
        found = {
            "psnr": Drawn("PSNR against number of tuning images", psnr_figure(self.found)),
            "convergence": Drawn("Images needed for convergence", convergence_figure(self.found)),
        }
        rates = self.found.accelerations
        for rate in rates:
            page = profile_page(self.table, rate, self.profiles)
            if page is not None:
                stem = "profile" if len(rates) == 1 else f"profile-r{rate:g}"
                found[stem] = Drawn(f"Central line profile, R={rate:g}", page)
        return found

    @cached_property
    def sheets(self) -> tuple[Sheet, ...]:
        """Its tables."""
        return sheets(self.found, self.table)


def _draw(part: _Part, target: Path, place: str, provenance: Mapping[str, str]) -> list[Path]:
    from core.figure_file import save_figure

    written = []
    for stem, drawn in part.figures.items():
        for suffix in SUFFIXES:
            written.append(target / f"{stem}{place}{suffix}")
            save_figure(drawn.figure, written[-1], provenance)
    return written


def _write(target: Path, sheet: Sheet, part: _Part, place: str) -> Path:
    path = target / f"{sheet.name}{place}.csv"
    atomic.write_bytes(path, _csv(sheet, part.found).encode())
    return path


def _page(name: str, table: StudyTable, places: Mapping[_Part, str]) -> str:
    """The study as a page: a section for each target, where there are several."""
    done = f"{table.n_done} of {table.n_cells} cells are done. " if not table.is_complete else ""
    lines = [f"# {name}"]
    if len(places) > 1:
        sheet = overview([part.found for part in places])
        lines += [f"## {sheet.title}", f"{done}{sheet.note}", sheet.markdown()]
    for part, place in places.items():
        if place:
            lines.append(f"## {part.found.target}")
        lines += _section(part, place, "" if len(places) > 1 else done)
    return "\n\n".join(lines) + "\n"


def _section(part: _Part, place: str, done: str) -> list[str]:
    """What is found on one target."""
    found = part.found
    definition = metrics.DEFINITIONS[found.definition]
    lines = [
        answer(found),
        f"{done}K-space: {', '.join(found.provenances)}. Metric: {definition.label}: "
        f"{definition.item.rule} tlmri {__version__}.",
        *(f"Note: {remark}." for remark in found.remarks),
        *(f"![{drawn.caption}]({stem}{place}.png)" for stem, drawn in part.figures.items()),
    ]
    depth = "###" if place else "##"
    for sheet in part.sheets:
        lines += [f"{depth} {sheet.title}", sheet.note, sheet.markdown()]
    return lines


def _csv(sheet: Sheet, found: Curves) -> str:
    """The table with what all its rows share in columns of their own: it may travel alone."""
    shared = (found.target, found.definition, ", ".join(found.provenances))
    text = io.StringIO()
    writer = csv.writer(text, lineterminator="\n")
    writer.writerow((*sheet.head, "target", "definition", "k-space"))
    writer.writerows((*line, *shared) for line in sheet.body)
    return text.getvalue()
