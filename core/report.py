"""The scores as files: ``metrics.json`` and ``metrics.csv``."""

from __future__ import annotations

import csv
import io
import json
import math
from collections import Counter
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

from core import __version__, atomic, metrics
from core.checkpoints import SUFFIX
from core.metrics import Scored, Summary
from core.params import changed_text
from core.types import Scan

JSON_NAME = "metrics.json"
CSV_NAME = "metrics.csv"

COLUMNS = (
    "scan",
    "slice",
    "method",
    "label",
    "acceleration",
    "acceleration_achieved",
    "mask",
    "mask_seed",
    "mask_settings",
    "psnr_db",
    "ssim",
    "nmse",
    "rmse",
    "seconds",
    "provenance",
    "note",
)
"""Keys of a row: ``acceleration`` is the R asked for, ``acceleration_achieved`` the mask's.

``method`` names a checkpoint by its file's name; the folders are the user's own business.
"""

IDENTICAL = "identical to the reference: PSNR is infinite"


def write_report(
    folder: Path,
    comparisons: Sequence[Scored],
    definition: str,
    provenance: Mapping[str, str],
) -> tuple[Path, Path]:
    """Write ``metrics.json`` and ``metrics.csv`` and return their paths.

    JSON knows neither NaN nor infinity, so a figure that is undefined or infinite is ``null`` there
    and its row's ``note`` says why. In the CSV an undefined figure is empty and an infinite one
    ``inf``.

    Parameters
    ----------
    folder
        Made if it does not exist.
    comparisons
        Reconstructions with their scores, of one acceleration and mask pattern.
    definition
        Name of the definition of every score.
    provenance
        What else a reader needs to make the numbers again, such as the command.

    Raises
    ------
    ValueError
        If a score is under another definition, accelerations are mixed, or a file cannot be
        written.
    """
    paths = folder / JSON_NAME, folder / CSV_NAME
    for path in paths:
        write_table(path, comparisons, definition, provenance)
    return paths


def write_table(
    path: Path, comparisons: Sequence[Scored], definition: str, provenance: Mapping[str, str]
) -> None:
    """Write one of the two files under any name; its suffix, .json or .csv, decides.

    Raises
    ------
    ValueError
        As :func:`write_report`, or if the suffix is another.
    """
    if path.suffix.lower() not in _WRITERS:
        known = ", ".join(_WRITERS)
        raise ValueError(f"{path.name}: a table must end in {known}, got {path.suffix!r}")
    text = _WRITERS[path.suffix.lower()](comparisons, definition, provenance)
    atomic.write_bytes(path, text.encode())


def report(
    comparisons: Sequence[Scored], definition: str, provenance: Mapping[str, str]
) -> dict[str, Any]:
    """Content of ``metrics.json``."""
    entry = metrics.DEFINITIONS[definition]
    summaries = metrics.summarise(definition, comparisons)
    names = method_names(comparisons)
    return {
        "definition": definition,
        "definition_label": entry.label,
        "definition_rule": entry.item.rule,
        "provenance": {"tlmri": __version__, **provenance},
        "k_space": origins(comparisons),
        "slices": _coverage(comparisons),
        "rows": [_finite(_row(comparison, names)) for comparison in comparisons],
        "summary": {names[summary.method]: _summary(summary) for summary in summaries},
    }


def method_names(comparisons: Sequence[Scored]) -> dict[str, str]:
    """How each method is called in tables: a checkpoint by its file's name without folders."""
    methods = dict.fromkeys(comparison.recon.method for comparison in comparisons)
    short = {method: _without_folders(method) for method in methods}
    taken = Counter(short.values())
    return {method: name if taken[name] == 1 else method for method, name in short.items()}


def _without_folders(method: str) -> str:
    kind, colon, which = method.partition(":")
    return kind + colon + (Path(which).name if which.endswith(SUFFIX) else which)


def origins(comparisons: Sequence[Scored]) -> list[str]:
    """Where the k-space of the comparisons comes from, such as *simulated from magnitude*."""
    return sorted({comparison.recon.source.scan.provenance for comparison in comparisons})


def _coverage(comparisons: Sequence[Scored]) -> list[dict[str, Any]]:
    """Which slices of which scan the table holds, and how many there are."""
    found: dict[Scan, set[int]] = {}
    for source in (comparison.recon.source for comparison in comparisons):
        found.setdefault(source.scan, set()).add(source.slice_index)
    return [
        {"scan": scan.name, "in_table": sorted(slices), "in_scan": scan.n_slices}
        for scan, slices in found.items()
    ]


def _row(comparison: Scored, names: Mapping[str, str]) -> dict[str, Any]:
    recon, score = comparison.recon, comparison.score
    mask, scan = recon.source.mask, recon.source.scan
    row = {
        "scan": scan.name,
        "slice": recon.source.slice_index,
        "method": names[recon.method],
        "label": recon.label,
        "acceleration": mask.acceleration,
        "acceleration_achieved": round(mask.achieved_acceleration, 4),
        "mask": mask.pattern,
        "mask_seed": mask.seed,
        "mask_settings": changed_text(mask.params),
        **{name: read(score) for name, read in metrics.FIGURES.items()},
        "seconds": round(recon.seconds, 4),
        "provenance": scan.provenance,
    }
    note = _note(comparison)
    return {**row, "note": note} if note else row


def _note(comparison: Scored) -> str:
    score = comparison.score
    reasons = [*comparison.recon.remarks]
    if score.excluded is not None:
        reasons.insert(0, f"not scored: {score.excluded}")
    if math.isinf(score.psnr_db):
        reasons.insert(0, IDENTICAL)
    return "; ".join(reasons)


def _summary(summary: Summary) -> dict[str, Any]:
    document: dict[str, Any] = {
        "label": summary.label,
        "n": summary.n,
        "n_excluded": summary.n_excluded,
        "mean": _finite(summary.mean),
        "sd": _finite(summary.sd),
    }
    if summary.note:
        document["note"] = summary.note
    if summary.pooled is not None:
        pooled = summary.pooled
        figures = {"psnr_db": pooled.psnr_db, "nmse": pooled.nmse}
        document["pooled"] = {"n_volumes": pooled.n_volumes, **_finite(figures)}
    return document


def _finite(row: Mapping[str, Any]) -> dict[str, Any]:
    """The row with None for every number that JSON does not know."""
    return {
        name: None if isinstance(value, float) and not math.isfinite(value) else value
        for name, value in row.items()
    }


def _json(comparisons: Sequence[Scored], definition: str, provenance: Mapping[str, str]) -> str:
    document = report(comparisons, definition, provenance)
    return json.dumps(document, indent=2, ensure_ascii=False, allow_nan=False) + "\n"


def _csv(comparisons: Sequence[Scored], definition: str, provenance: Mapping[str, str]) -> str:
    del provenance  # a table of columns has no place for it
    metrics.summarise(definition, comparisons)  # refuses what must not stand in one table
    names = method_names(comparisons)
    text = io.StringIO()
    writer = csv.DictWriter(text, (*COLUMNS, "definition"), restval="", lineterminator="\n")
    writer.writeheader()
    for comparison in comparisons:
        row = {
            name: "" if isinstance(value, float) and math.isnan(value) else value
            for name, value in _row(comparison, names).items()
        }
        writer.writerow({**row, "definition": definition})
    return text.getvalue()


_WRITERS = {".json": _json, ".csv": _csv}
