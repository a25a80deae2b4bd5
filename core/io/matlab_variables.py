"""Which variable of a MATLAB file holds the scan."""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

from core.io.formats import question, refusal
from core.io.magnitude import MIN_SIZE

_NO_DATA = re.compile(
    r"mask|sens|csm|^smaps?|maps?$|weight|traj|^dcf|^acs|calib|noise|^psf|^b0|fieldmap|^roi|label",
    re.IGNORECASE,
)
"""Names of what comes with scans and is none."""

NUMERIC = frozenset(
    {"double", "single", "logical", *(f"{u}int{n}" for u in ("", "u") for n in (8, 16, 32, 64))}
)
"""MATLAB's classes of plain numbers."""

MAX_DEPTH = 4
"""How deep structures are searched."""

_MOST_NAMED = 8


@dataclass(frozen=True)
class Variable:
    """A numeric array of a file, as its header says.

    Attributes
    ----------
    name
        Its name, with those of the structures that hold it before it: ``data.images``.
    shape
        In MATLAB's order of axes.
    is_complex
        Whether it is complex.
    """

    name: str
    shape: tuple[int, ...]
    is_complex: bool

    @property
    def could_be_scan(self) -> bool:
        """Whether two axes could be a slice's."""
        return sum(n >= MIN_SIZE for n in self.shape) >= 2

    @property
    def size(self) -> int:
        """Number of values."""
        count = 1
        for n in self.shape:
            count *= n
        return count

    def __str__(self) -> str:
        kind = "complex" if self.is_complex else "real"
        return f"{self.name} ({' x '.join(map(str, self.shape))}, {kind})"


def chosen(path: Path, variables: Sequence[Variable], wanted: str) -> tuple[Variable, str]:
    """The variable that holds the scan, and a note where it was guessed.

    The one asked for; else, of those whose shape could be a scan's and whose name is not that of a
    mask or of coil maps, the only complex one, or the only one if all are real.

    Raises
    ------
    ScanFileError
        If there is none, or several equals: the line names them.
    """
    if wanted:
        found = [v for v in variables if v.name == wanted]
        if not found:
            raise refusal(path, f"must hold the variable {wanted!r}", _list(variables))
        return found[0], ""
    fitting = [v for v in variables if v.could_be_scan]
    if not fitting:
        rule = f"must hold a numeric array with two axes of {MIN_SIZE} or more"
        raise refusal(path, rule, _list(variables))
    likely = [v for v in fitting if not _NO_DATA.search(v.name.rpartition(".")[2])] or fitting
    rivals = [v for v in likely if v.is_complex] or likely
    if len(rivals) > 1:
        rule = "it must be said which variable is the scan"
        raise question(path, "variable", rule, _list(rivals))
    others = [v.name for v in fitting if v is not rivals[0]]
    if not others:
        return rivals[0], ""
    return rivals[0], f"variable {rivals[0].name} taken, not {', '.join(others[:_MOST_NAMED])}"


def _list(variables: Sequence[Variable]) -> str:
    return ", ".join(map(str, variables[:_MOST_NAMED])) or "no numeric array"
