"""Figures and tables of a study, written from its table alone."""

from __future__ import annotations

import csv
import io
from pathlib import Path

from core import __version__, atomic, metrics
from core.studies.answer import answer
from core.studies.curves import Curves, curves
from core.studies.figures import convergence_figure, psnr_figure
from core.studies.run import load_study
from core.studies.table import StudyTable
from core.studies.tables import Sheet, sheets

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
    from core.figure_file import save_figure

    target = out or folder
    name, native, table = load_study(folder)
    found = curves(table, native)
    provenance = {"study": name, "cells": f"{table.n_done} of {table.n_cells}"}
    written = []
    drawn = {"psnr": psnr_figure(found), "convergence": convergence_figure(found)}
    for stem, figure in drawn.items():
        for suffix in SUFFIXES:
            save_figure(figure, target / f"{stem}{suffix}", provenance)
            written.append(target / f"{stem}{suffix}")
    tables = sheets(found, table)
    for sheet in tables:
        written.append(target / f"{sheet.name}.csv")
        atomic.write_bytes(written[-1], _csv(sheet, found).encode())
    written.append(target / REPORT_NAME)
    atomic.write_bytes(written[-1], _page(name, found, table, tables).encode())
    return tuple(written)


def _page(name: str, found: Curves, table: StudyTable, tables: tuple[Sheet, ...]) -> str:
    definition = metrics.DEFINITIONS[found.definition]
    done = f"{table.n_done} of {table.n_cells} cells are done. " if not table.is_complete else ""
    parts = [
        f"# {name}",
        answer(found),
        f"{done}K-space: {', '.join(found.provenances)}. Metric: {definition.label}: "
        f"{definition.item.rule} tlmri {__version__}.",
        *(f"Note: {remark}." for remark in found.remarks),
        "![PSNR against number of tuning images](psnr.png)",
        "![Images needed for convergence](convergence.png)",
    ]
    for sheet in tables:
        parts += [f"## {sheet.title}", sheet.note, sheet.markdown()]
    return "\n\n".join(parts) + "\n"


def _csv(sheet: Sheet, found: Curves) -> str:
    """The table with what all its rows share in columns of their own: it may travel alone."""
    shared = (found.definition, ", ".join(found.provenances))
    text = io.StringIO()
    writer = csv.writer(text, lineterminator="\n")
    writer.writerow((*sheet.head, "definition", "k-space"))
    writer.writerows((*line, *shared) for line in sheet.body)
    return text.getvalue()
