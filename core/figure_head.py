"""The head of a figure: a title, and lesser lines under it."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from matplotlib.figure import Figure

HeadLine = tuple[str, str, float]
"""Text, colour, and how far it lies under the first one, in inches."""


def write_head(
    figure: Figure,
    size: tuple[float, float],
    corner: tuple[float, float],
    lines: Sequence[HeadLine],
) -> None:
    """Write lines from the top left corner down, the first one large and bold.

    To be called first: a saved figure is called by its first text (:mod:`core.figure_file`).

    Parameters
    ----------
    figure
        What is written on.
    size
        Its width and height in inches.
    corner
        Where the first line begins, in inches from the left and from the top.
    lines
        From the title on.
    """
    (width, height), (left, top) = size, corner
    for i, (text, colour, down) in enumerate(lines):
        figure.text(
            left / width,
            1 - (top + down) / height,
            text,
            color=colour,
            fontsize=8.5 if i else 12,
            fontweight="normal" if i else "bold",
            va="top",
        )
