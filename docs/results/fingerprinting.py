"""The section of MR fingerprinting: a summary, the noise studies' reports, the time of a map."""

from __future__ import annotations

import re
from collections.abc import Sequence
from pathlib import Path

import fingerprint_map
from fingerprint_summary import summary

HERE = Path(__file__).parent
STUDY = HERE / "studies" / "fingerprinting"
BENCHMARK = HERE / "benchmarks_fingerprinting.txt"

COST, DIFFERENCES = "What the training costs", "Paired differences of the loss"
TABLES = (COST, DIFFERENCES, "Loss", "Median error")
"""Of the report; the others are one link away."""

SHORT = HERE / "studies" / "fingerprinting-short"
SHORT_TABLES = (COST, DIFFERENCES)
SHORT_FIGURES = ("ratios.png", "convergence.png")

COMMANDS = """\
    tlmri mrf study docs/studies/fingerprinting.toml --out docs/results/studies/fingerprinting
    tlmri mrf study docs/studies/fingerprinting-short.toml \\
        --out docs/results/studies/fingerprinting-short --reuse docs/results/studies/fingerprinting
    pytest -m benchmark -s -q tests/benchmarks/bench_fingerprinting.py \\
        | grep -v -e '^[.]*$' -e passed | tee docs/results/benchmarks_fingerprinting.txt"""


def fingerprinting_section(
    study: Path = STUDY,
    short: Path = SHORT,
    benchmark: Path = BENCHMARK,
    a_map: Path = fingerprint_map.FILE,
) -> str:
    """What has been made so far; empty where nothing has."""
    parts = [
        *_study(study, TABLES),
        *_study(short, SHORT_TABLES, SHORT_FIGURES),
        *filter(None, [fingerprint_map.section(a_map)]),
        *_benchmark(benchmark),
    ]
    if not parts:
        return ""
    top = ["## MR fingerprinting: T1, T2 and ADC", summary((study, short)), COMMANDS]
    return "\n\n".join(filter(None, [*top, *parts]))


def _study(folder: Path, tables: Sequence[str], figures: Sequence[str] | None = None) -> list[str]:
    """The report's sentences, its figures (all, if none are named) and some of its tables."""
    path = folder / "report.md"
    if not path.is_file():
        return []
    head, *sections = re.split(r"^## ", path.read_text(encoding="utf-8"), flags=re.MULTILINE)
    title, _, sentences = head.partition("\n\n")
    found = {name: text for name, _, text in (part.partition("\n") for part in sections)}
    place = folder.relative_to(HERE.parent) if folder.is_relative_to(HERE) else folder
    shown = (
        paragraph
        for paragraph in sentences.strip().split("\n\n")
        if figures is None or not paragraph.startswith("![") or paragraph.endswith(_ends(figures))
    )
    chosen = (f"#### {name}\n\n{found[name].strip()}" for name in tables if name in found)
    return [
        f"### {title.removeprefix('# ')}",
        re.sub(r"\]\(", f"]({place.as_posix()}/", "\n\n".join(shown)),
        *chosen,
        f"More tables are in the [report]({(place / path.name).as_posix()}).",
    ]


def _ends(figures: Sequence[str]) -> tuple[str, ...]:
    return tuple(f"({name})" for name in figures)


def _benchmark(path: Path) -> list[str]:
    """What the benchmark printed, with what was aimed at."""
    if not path.is_file():
        return []
    printed = path.read_text(encoding="utf-8").strip()
    aim = "The aim: the network at least 50 times faster than matching a 100,000-atom dictionary."
    return ["### Time of a map", aim, f"```text\n{printed}\n```"]
