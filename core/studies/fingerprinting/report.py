"""Tables, figures and page of a noise study, made of its cells' results alone."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import TYPE_CHECKING

from core import __version__, atomic
from core.studies.fingerprinting.answer import answer
from core.studies.fingerprinting.comparison import comparisons_of
from core.studies.fingerprinting.figures import errors_figure, ratios_figure
from core.studies.fingerprinting.found import Found
from core.studies.fingerprinting.learning_figure import learning_figure
from core.studies.fingerprinting.rows import (
    TissueError,
    cells_csv,
    comparison_csv,
    convergence_csv,
    scores_csv,
    tissue_errors,
    tissues_csv,
)
from core.studies.fingerprinting.scores import LONG_T2, groups_of, scores_of
from core.studies.fingerprinting.store import FingerprintStore, opened
from core.studies.fingerprinting.tables import sheets
from core.studies.fingerprinting.tissue_figure import tissues_figure
from core.studies.report import REPORT_NAME, SUFFIXES, Drawn

if TYPE_CHECKING:
    from core.studies.fingerprinting.spec import FingerprintStudy

CELLS_NAME = "cells.csv"


def write_fingerprint_report(folder: Path) -> tuple[Path, ...]:
    """Write the tables, the figures and the page that shows them into a noise study's folder.

    Returns
    -------
    tuple of Path
        What was written.

    Raises
    ------
    ValueError
        If it is no noise study's folder, nothing is done yet, or a file cannot be written.
    """
    store = opened(folder)
    found = found_in(store)
    errors = tissue_errors(store.study, found.results)
    texts = {
        CELLS_NAME: cells_csv(found.results),
        "scores.csv": scores_csv(found.scores),
        "tissues.csv": tissues_csv(errors),
        "comparison.csv": comparison_csv(found.comparisons),
        "convergence.csv": convergence_csv(found.results),
    }
    figures = _figures(found, errors)
    drawn = list(_draw(folder, store.study, figures))
    texts[REPORT_NAME] = _page(store, found, errors, figures)
    for name, text in texts.items():
        atomic.write_bytes(folder / name, text.encode())
    return (*(folder / name for name in texts), *drawn)


def found_in(store: FingerprintStore) -> Found:
    """What the cells that are done say.

    Raises
    ------
    ValueError
        If none is done, or a result is damaged.
    """
    results = store.results()
    if not results:
        raise ValueError(f"{store.folder}: a study must have done at least one cell, got none")
    study = store.study
    return Found(study, results, scores_of(study, results), comparisons_of(study, results))


def _figures(found: Found, errors: tuple[TissueError, ...]) -> dict[str, Drawn]:
    study = found.study
    figures = {
        "errors": Drawn("Bias, SD and MSE against SNR", errors_figure(study, found.scores)),
        "tissues": Drawn("Errors in tissues of the brain", tissues_figure(study, errors)),
    }
    if LONG_T2 in groups_of(study):
        drawn = errors_figure(study, found.scores, LONG_T2)
        figures["errors-long-t2"] = Drawn("The same in the tissues of longer T2", drawn)
    if found.comparisons:
        drawn = ratios_figure(study, found.comparisons)
        figures["ratios"] = Drawn("Loss over that of other methods against SNR", drawn)
    if any(result.learning.steps for result in found.results.values()):
        drawn = learning_figure(study, found.results)
        figures["convergence"] = Drawn("Loss against steps of noisy training", drawn)
    return figures


def _draw(folder: Path, study: FingerprintStudy, figures: dict[str, Drawn]) -> Iterator[Path]:
    from core.figure_file import save_figure

    for stem, drawn in figures.items():
        for suffix in SUFFIXES:
            path = folder / f"{stem}{suffix}"
            save_figure(drawn.figure, path, {"study": study.name})
            yield path


def _page(
    store: FingerprintStore,
    found: Found,
    errors: tuple[TissueError, ...],
    figures: dict[str, Drawn],
) -> str:
    n_done, n = len(found.results), len(store.cells)
    lines = [f"# {found.study.name}"]
    if n_done < n:
        lines.append(f"{n_done} of {n} cells are done.")
    lines += [*answer(found), _conditions(found)]
    lines += [f"![{drawn.caption}]({stem}.png)" for stem, drawn in figures.items()]
    for sheet in sheets(found, errors):
        lines += [f"## {sheet.title}", sheet.note, sheet.markdown()]
    return "\n\n".join(lines) + "\n"


def _conditions(found: Found) -> str:
    """Under which all of this holds."""
    study = found.study
    plan, test = study.training, study.evaluation
    return (
        f"Conditions: sequence {study.sequence.name!r} ({study.sequence.n_readouts} read-outs); "
        f"noisy training at {plan.snr_low_db:g} to {plan.snr_high_db:g} dB, even in dB, "
        f"{plan.batch} signals a step, learning rate at most {plan.learning_rate:g} "
        f"({plan.learning_rate_transferred:g} after the transfer), frozen: "
        f"{', '.join(plan.frozen) or 'nothing'}; networks of a seed begin with the same weights, "
        "and meet the same tissues and noise in the same order as far as their steps go. Judged on "
        f"{test.n_tissues} quasi-random tissues over the whole range that no network learned, "
        f"{test.n_noise} noise realisations each ({study.dictionary_noise} for the dictionary), "
        "the same for all methods, with a random phase that is taken off. SNR is that of a voxel's "
        "root mean square signal over the standard deviation of the real part's noise. Errors are "
        "ln(estimate / truth). A difference is called shown where its 95 % confidence interval "
        f"over seeds leaves out 0, each by itself. tlmri {__version__}."
    )
