"""Which axes of an array are those of a slice."""

from __future__ import annotations

from collections.abc import Sequence
from itertools import pairwise
from pathlib import Path
from typing import Any, NamedTuple

import numpy as np
from numpy.typing import NDArray

from core.io import evidence
from core.io.formats import refusal
from core.io.guess import CONVENTION, Guess, confidence
from core.io.magnitude import MAX_SIZE, MIN_SIZE

UNKNOWN = "?"
"""Name of an axis that a file does not say."""

_MOST_PLANES = 8
_SYMMETRIC, _MORE_SYMMETRIC = 0.85, 0.1
"""Symmetry from top to bottom of an image that lies on its side, and how much above that from left
to right. In 50 upright slices of 14 scans it was at most 0.03 above; in one that lies, 0.14."""


class Named(NamedTuple):
    """Names of axes, :data:`UNKNOWN` where not known, and how sure the guessed ones are."""

    names: tuple[str, ...]
    evidence: tuple[str, ...] = ()
    confidence: float = 1.0

    @property
    def guess(self) -> Guess | None:
        """The guess of the axes, or None where all was known."""
        if not self.evidence:
            return None
        return Guess("axes", " ".join(self.names), "; ".join(self.evidence), self.confidence)


def parsed(path: Path, text: str, shape: tuple[int, ...]) -> tuple[str, ...]:
    """Names of all axes, as said.

    Raises
    ------
    ScanFileError
        If not every axis of the shape is named.
    """
    names = tuple(text.split())
    if len(names) != len(shape):
        raise refusal(
            path, f"axes must name all {len(shape)} axes of the shape {shape}", repr(text)
        )
    return names


def with_plane(path: Path, names: Sequence[str], shape: tuple[int, ...], usual: str) -> Named:
    """Name y and x: two neighbouring axes that are large and alike.

    Parameters
    ----------
    path
        The file, for messages.
    names, shape
        Of all axes; axes of one element are named ``other`` if unknown.
    usual
        Where such files have these axes, ``first`` or ``last``: decides between equals.

    Raises
    ------
    ScanFileError
        If there are no such axes.
    """
    known = [
        "other" if name == UNKNOWN and n == 1 else name
        for name, n in zip(names, shape, strict=True)
    ]
    if "y" in known and "x" in known:
        return Named(tuple(known))
    free = [axis for axis, name in enumerate(known) if name == UNKNOWN]
    legal = [axis for axis in free if MIN_SIZE <= shape[axis] <= MAX_SIZE]
    pairs = [pair for pair in pairwise(free) if set(pair) <= set(legal)]
    if not pairs:
        rule = f"two neighbouring axes must have {MIN_SIZE} to {MAX_SIZE} pixels, as slices have"
        raise refusal(path, rule, f"shape {shape}")
    usually = pairs[0] if usual == "first" else pairs[-1]
    best = max(pairs, key=lambda pair: _likeness(shape, pair))
    chosen = usually if 2 * _likeness(shape, usually) >= _likeness(shape, best) else best
    known[chosen[0]], known[chosen[1]] = "y", "x"
    if len(free) == 2:
        return Named(tuple(known))
    others = [_likeness(shape, pair) for pair in pairs if pair != chosen]
    odds = _likeness(shape, chosen) / max(others) if others else np.inf
    size = " x ".join(str(shape[axis]) for axis in chosen)
    sure = max(confidence(odds), CONVENTION) if others else 1.0
    return Named(tuple(known), (f"slices of {size} by their size",), sure)


def _likeness(shape: tuple[int, ...], pair: tuple[int, int]) -> float:
    """How well two axes make a slice: large and alike."""
    low, high = sorted(shape[axis] for axis in pair)
    return low * low / high


def planes_along(values: NDArray[Any], names: Sequence[str], axis: int) -> NDArray[np.complex64]:
    """Planes spread along an axis, in the middle of all others. Shape `(n, y, x)`, finite."""
    stack = stack_along(values, names, axis)
    with np.errstate(over="ignore", invalid="ignore"):
        planes = stack[list(evidence.spread(len(stack), _MOST_PLANES))].astype(np.complex64)
    return np.nan_to_num(planes, posinf=0, neginf=0)


def stack_along(values: NDArray[Any], names: Sequence[str], axis: int) -> NDArray[Any]:
    """View of all planes along an axis, in the middle of all others. Shape `(n, y, x)`."""
    stack = np.moveaxis(values, (axis, names.index("y"), names.index("x")), (-3, -2, -1))
    return stack[tuple(n // 2 for n in stack.shape[:-3])]


def upright(axes: Named, image: NDArray[np.floating[Any]]) -> Named:
    """The axes with y and x exchanged where the image lies on its side.

    Bodies are mirror-symmetric left to right, across the display; where an image is so only from
    top to bottom, it lies on its side.

    Parameters
    ----------
    axes
        As guessed so far.
    image
        Magnitude by these axes, shape `(y, x)`.
    """
    vertical, horizontal = evidence.symmetry(image)
    if vertical < _SYMMETRIC or vertical < horizontal + _MORE_SYMMETRIC:
        return axes
    swapped = {"y": "x", "x": "y"}
    text = (
        f"lies on its side: {vertical:.0%} alike when mirrored top to bottom, {horizontal:.0%} "
        "left to right"
    )
    names = tuple(swapped.get(name, name) for name in axes.names)
    return Named(names, (*axes.evidence, text), axes.confidence)
