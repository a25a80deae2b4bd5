"""Whether what the application wrote is right: the demo's scores beside those from source."""

from __future__ import annotations

import csv
import subprocess
import sys
from collections.abc import Mapping
from pathlib import Path

from installers.project import ROOT

TOLERANCE_DB = 0.01
TUNED_TOLERANCE_DB = 0.1
"""A tuning sums up how each step was rounded, which depends on how threads share the work."""

LIMIT_S = 1800
Scores = dict[tuple[str, str], float]
"""PSNR in dB of each (slice, method)."""


def read_scores(path: Path) -> Scores:
    """The PSNR values of a ``metrics.csv``."""
    with path.open(encoding="utf-8", newline="") as file:
        return {
            (row["slice"], row["method"]): float(row["psnr_db"]) for row in csv.DictReader(file)
        }


def demo_scores(path: Path, expected: Mapping[tuple[str, str], float] | None) -> tuple[str, ...]:
    """Compare with the scores of the same command run from source; None compares nothing.

    Returns
    -------
    One line for each that differs by more than 0.01 dB (tuned networks: 0.1 dB), is missing, or is
    new.
    """
    if expected is None:
        return ()
    found = read_scores(path)
    problems = []
    for key in sorted({*found, *expected}):
        if key not in found or key not in expected:
            problems.append(f"slice {key[0]}, {key[1]}: scored in one of both only")
        elif abs(found[key] - expected[key]) > _tolerance_db(key[1]):
            problems.append(
                f"slice {key[0]}, {key[1]}: {found[key]:.2f} dB, from source {expected[key]:.2f}"
            )
    return tuple(problems)


def _tolerance_db(method: str) -> float:
    return TUNED_TOLERANCE_DB if "tuned" in method else TOLERANCE_DB


def scores_from_source(folder: Path) -> Scores:
    """Run the demo with the Python that runs this, and read its scores.

    Raises
    ------
    subprocess.CalledProcessError
        If it fails.
    """
    out = folder / "demo-from-source"
    command = [sys.executable, "-m", "core.cli.main", "demo", "--out", str(out)]
    subprocess.run(command, check=True, cwd=ROOT, timeout=LIMIT_S, capture_output=True)
    return read_scores(out / "metrics.csv")
