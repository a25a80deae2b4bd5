"""Markdown tables and statistics of the result pages."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from typing import Any

import numpy as np

Rows = Sequence[Mapping[str, Any]]


def table(head: Sequence[str], body: Iterable[Sequence[str]]) -> str:
    """A Markdown table."""
    lines = [head, ["---"] * len(head), *body]
    return "\n".join("| " + " | ".join(line) + " |" for line in lines)


def select(rows: Rows, **wanted: str) -> Rows:
    """The rows whose fields have these values."""
    return [row for row in rows if all(row[key] == value for key, value in wanted.items())]


def unique(rows: Rows, field: str) -> list[str]:
    """A field's different values, in order of appearance."""
    return list(dict.fromkeys(row[field] for row in rows))


def mean_sd(rows: Rows, field: str, digits: int) -> str:
    """Mean ± standard deviation over the rows."""
    values = [row[field] for row in rows]
    return f"{np.mean(values):.{digits}f} ± {np.std(values, ddof=1):.{digits}f}"


def gain(rows: Rows, better: str, worse: str, score: str = "psnr_db") -> float:
    """Mean over slices of a score's difference between two methods on the same slices."""
    scores = {(r["person"], r["slice"], r["method"]): r[score] for r in rows}
    pairs = [(p, s) for p, s, method in scores if method == better]
    return float(np.mean([scores[p, s, better] - scores[p, s, worse] for p, s in pairs]))
