"""The section of MR fingerprinting: what the noise study's report says, and the time of a map."""

from __future__ import annotations

import re
from pathlib import Path

HERE = Path(__file__).parent
STUDY = HERE / "studies" / "fingerprinting"
BENCHMARK = HERE / "benchmarks_fingerprinting.txt"

TABLES = (
    "What the training costs",
    "Paired differences of the loss",
    "Loss",
    "Median error",
)
"""Of the report; the others are one link away."""

COMMANDS = """\
    tlmri mrf study docs/studies/fingerprinting.toml --out docs/results/studies/fingerprinting
    pytest -m benchmark -s -q tests/benchmarks/bench_fingerprinting.py \\
        | grep -v -e '^[.]*$' -e passed | tee docs/results/benchmarks_fingerprinting.txt"""


def fingerprinting_section(study: Path = STUDY, benchmark: Path = BENCHMARK) -> str:
    """What has been made so far; empty where nothing has."""
    parts = [*_study(study), *_benchmark(benchmark)]
    if not parts:
        return ""
    return "\n\n".join(["## MR fingerprinting: T1, T2 and ADC", COMMANDS, *parts])


def _study(folder: Path) -> list[str]:
    """The report's sentences, figures and main tables."""
    path = folder / "report.md"
    if not path.is_file():
        return []
    head, *sections = re.split(r"^## ", path.read_text(encoding="utf-8"), flags=re.MULTILINE)
    title, _, sentences = head.partition("\n\n")
    tables = {name: text for name, _, text in (part.partition("\n") for part in sections)}
    place = folder.relative_to(HERE.parent) if folder.is_relative_to(HERE) else folder
    chosen = (f"#### {name}\n\n{tables[name].strip()}" for name in TABLES if name in tables)
    return [
        f"### {title.removeprefix('# ')}",
        re.sub(r"\]\(", f"]({place.as_posix()}/", sentences.strip()),
        *chosen,
        f"More tables are in the [report]({(place / path.name).as_posix()}).",
    ]


def _benchmark(path: Path) -> list[str]:
    """What the benchmark printed, with what was aimed at."""
    if not path.is_file():
        return []
    printed = path.read_text(encoding="utf-8").strip()
    aim = "The aim: the network at least 50 times faster than matching a 100,000-atom dictionary."
    return ["### Time of a map", aim, f"```text\n{printed}\n```"]
