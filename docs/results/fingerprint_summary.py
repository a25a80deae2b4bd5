"""The noise studies of fingerprinting in short: where the transfer gains, and where it does not."""

from __future__ import annotations

import csv
import json
import math
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from tables import table

from core.studies.fingerprinting.cells import (
    CLEAN,
    DICTIONARY,
    SCRATCH,
    SCRATCH_TOTAL,
    TRANSFERRED,
)
from core.studies.fingerprinting.comparison import ALL_SNR, Comparison
from core.studies.fingerprinting.phrases import against_paper, change, difference, listed
from core.studies.fingerprinting.scores import ALL, LONG_T2
from core.studies.statistics import Estimate


@dataclass(frozen=True)
class Shown:
    """What a study's folder says: its settings, and how the transferred network's loss compares."""

    settings: dict[str, Any]
    comparisons: tuple[Comparison, ...]

    @property
    def steps(self) -> str:
        """Of noisy training."""
        return f"{self.settings['training']['steps_noisy']:,}"

    def find(self, other: str, tissues: str, snr_db: float = ALL_SNR) -> Comparison | None:
        """With another method; None where it is not told."""
        return next(
            (
                c
                for c in self.comparisons
                if (c.other, c.tissues) == (other, tissues)
                and (c.snr_db == snr_db or (math.isnan(c.snr_db) and math.isnan(snr_db)))
            ),
            None,
        )


OTHERS = {
    SCRATCH: "noise from scratch, as many noisy steps",
    SCRATCH_TOTAL: "noise from scratch, the clean steps added",
    CLEAN: "the clean network that it starts from",
    DICTIONARY: "the dictionary",
}


def summary(folders: Sequence[Path]) -> str:
    """What is shown of each other method, and a table; empty where nothing was run."""
    studies = [read(folder) for folder in folders if (folder / "comparison.csv").is_file()]
    studies = [study for study in studies if study.find(SCRATCH, ALL) is not None]
    if not studies:
        return ""
    studies.sort(key=lambda study: study.settings["training"]["steps_noisy"])
    verdicts = "\n".join(_verdicts(studies, other) for other in OTHERS)
    return "\n\n".join([_headline(studies), verdicts, _TABLE_WORDS, _table(studies)])


_TABLE_WORDS = (
    "By how much its loss differs from theirs: mean over seeds ± half the 95 % confidence "
    "interval, bold where that leaves out 0:"
)


def read(folder: Path) -> Shown:
    """``study.json`` and the transferred network's losses in ``comparison.csv``."""
    settings = json.loads((folder / "study.json").read_text(encoding="utf-8"))["settings"]
    with (folder / "comparison.csv").open(newline="", encoding="utf-8") as file:
        rows = [r for r in csv.DictReader(file) if (r["method"], r["parameter"]) == _WHOSE]
    return Shown(settings, tuple(map(_comparison, rows)))


_WHOSE = (TRANSFERRED, ALL)


def _comparison(row: dict[str, str]) -> Comparison:
    mean, low, high = (
        float(row[name] or math.nan) for name in ("reduction_percent", "low", "high")
    )
    return Comparison(
        row["method"],
        row["other"],
        ALL_SNR if row["snr_db"] == "all" else float(row["snr_db"]),
        row["tissues"],
        row["parameter"],
        Estimate(mean, low, high, int(row["seeds"])),
        int(row["seeds_better"]),
    )


def _headline(studies: Sequence[Shown]) -> str:
    """How large the gain on training from scratch is where it is largest."""
    gains = {s.steps: c for s in studies if (c := s.find(SCRATCH, ALL)) is not None}
    steps = max(gains, key=lambda each: gains[each].reduction.mean)
    return (
        f"In short: after {studies[0].settings['training']['steps_clean']:,} clean and {steps} "
        "noisy steps the loss of the network that was transferred from clean to noisy signals is "
        f"{difference(gains[steps])} that of as many noisy steps from "
        f"scratch, mean over all tissues and SNR: {against_paper(gains[steps])}. Its loss is shown "
        "(the 95 % confidence interval over seeds leaves out 0) to be:"
    )


def _verdicts(studies: Sequence[Shown], other: str) -> str:
    """After how many noisy steps the transferred network is shown to be better, or worse."""
    highest = max(studies[0].settings["evaluation"]["snr_db"])
    snr, where = (highest, f", at {highest:g} dB") if other == CLEAN else (ALL_SNR, "")
    told = "; ".join(
        f"in {words} {_after([(s.steps, s.find(other, tissues, snr)) for s in studies])}"
        for tissues, words in (
            (ALL, "all tissues"),
            (LONG_T2, f"those with T2 from {_long_t2(studies):g} ms on"),
        )
    )
    return f"- against {OTHERS[other]}{where}: {told}"


def _after(found: Sequence[tuple[str, Comparison | None]]) -> str:
    """``lower after 250, higher after 2,500 noisy steps``."""
    lower = [steps for steps, c in found if c is not None and c.reduction.low > 0]
    higher = [steps for steps, c in found if c is not None and c.reduction.high < 0]
    told = [f"{word} after {listed(n)}" for word, n in (("lower", lower), ("higher", higher)) if n]
    return f"{', '.join(told)} noisy steps" if told else "neither lower nor higher"


def _long_t2(studies: Sequence[Shown]) -> float:
    return float(studies[0].settings["evaluation"]["long_t2_ms"])


def _table(studies: Sequence[Shown]) -> str:
    """A row for each other method and group of tissues, after each number of noisy steps."""
    groups = {ALL: "all", LONG_T2: f"T2 from {_long_t2(studies):g} ms on"}
    highest = max(studies[0].settings["evaluation"]["snr_db"])
    places = {ALL_SNR: "all SNR", highest: f"{highest:g} dB"}
    body = [
        [title, words, *(_cell(s.find(other, tissues, snr)) for s in studies for snr in places)]
        for other, title in OTHERS.items()
        for tissues, words in groups.items()
    ]
    head = (f"after {s.steps} noisy steps, {place}" for s in studies for place in places.values())
    return table(["Against", "Tissues", *head], body)


def _cell(comparison: Comparison | None) -> str:
    if comparison is None:
        return ""
    reduction = comparison.reduction
    is_shown = reduction.low > 0 or reduction.high < 0
    return f"**{change(comparison)}**" if is_shown else change(comparison)
