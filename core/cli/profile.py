"""``--profile``: the middle slice along one line, as a figure and as a table."""

from __future__ import annotations

import argparse
from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from core.line_profile import Line
    from core.pipeline import Comparison

MIDDLE = "middle"
"""That of :mod:`core.line_profile`, which needs numpy."""

FIGURE_NAME, TABLE_NAME = "profile.png", "profile.csv"


def add(parser: argparse.ArgumentParser) -> None:
    """``--profile``."""
    parser.add_argument(
        "--profile",
        nargs="?",
        const=MIDDLE,
        metavar="LINE",
        help="also write profile.png and profile.csv: reference and methods of the middle slice "
        "along a row such as 120, 'column:120', 'column' (the middle one) or, if nothing is said, "
        "the middle row; it takes the word after it, so place it last or write --profile=120",
    )


def chosen_line(text: str | None, shape: tuple[int, int]) -> Line | None:
    """The line of images of this shape `(y, x)`; None if none is asked for.

    Raises
    ------
    ValueError
        If the text is malformed, or there is no such line.
    """
    from core.line_profile import parse_choice

    if text is None:
        return None
    try:
        return parse_choice(text).of(shape)
    except ValueError as error:
        raise ValueError(f"--profile: {error}") from error


def write_profiles(
    folder: Path, comparisons: Sequence[Comparison], line: Line | None, command_line: str
) -> tuple[Path, ...]:
    """Write the figure and the table; nothing if there is no line.

    Parameters
    ----------
    folder
        Made if it does not exist.
    comparisons
        Of one slice alone, one of each method.
    line
        Which line of it.
    command_line
        What made them, for the figure's provenance.
    """
    from core.figure_file import save_figure
    from core.profile_figure import comparison_profile
    from core.profile_table import write_profile

    if line is None:
        return ()
    figure, table = folder / FIGURE_NAME, folder / TABLE_NAME
    provenance = {"line": line.name, "command": command_line}
    save_figure(comparison_profile(comparisons, line), figure, provenance)
    write_profile(table, comparisons, line)
    return figure, table
