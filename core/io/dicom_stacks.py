"""Stacks of DICOM slices: those of one series and one contrast, in the order of their places."""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Sequence
from pathlib import Path
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from core.io.dicom_headers import Slice
from core.io.formats import MAX_VALUES, question, refusal
from core.io.magnitude import check_slice_shape

_ALIKE = 1e-3
"""Largest difference of directions (unit vectors) and spacings (mm) within a stack."""

_LPS_TO_RAS = np.diag([-1.0, -1.0, 1.0])
_NO_MAGNITUDE = {"P": "phase", "R": "real", "I": "imaginary"}


class Stack(NamedTuple):
    """Slices of one series and one contrast, and the label that chooses them."""

    label: str
    slices: tuple[Slice, ...]

    @property
    def part(self) -> str:
        """Which part of complex values it holds, in the header's letters: M, P, R or I."""
        return dict(self.slices[0].contrast).get("kind", "M")

    def __str__(self) -> str:
        one = self.slices[0]
        contrast = (f"{name} {value}" for name, value in one.contrast if name in ("TE", "kind"))
        words = [one.description, *contrast, f"{len(self.slices)} slices"]
        return f"{self.label} ({', '.join(word for word in words if word)})"


def stacks(slices: Sequence[Slice]) -> list[Stack]:
    """All stacks, labelled by the number of their series and, where it has several, a count."""
    groups: dict[tuple[object, ...], list[Slice]] = defaultdict(list)
    for one in slices:
        echo = float(dict(one.contrast).get("TE", "0").partition(" ")[0])
        groups[(*one.series, echo, one.contrast)].append(one)
    keys = sorted(groups)
    total = Counter(key[0] for key in keys)
    count: Counter[object] = Counter()
    found = []
    for key in keys:
        count[key[0]] += 1
        label = f"{key[0]}" if total[key[0]] == 1 else f"{key[0]}.{count[key[0]]}"
        found.append(Stack(label, tuple(groups[key])))
    return found


def chosen(path: Path, found: Sequence[Stack], wanted: str) -> Stack:
    """The stack asked for by its label, or the only one of magnitudes.

    Raises
    ------
    ScanFileError
        If there is none, or several: the line names them.
    """
    if wanted:
        likely = [stack for stack in found if stack.label == wanted]
        if not likely:
            labels = ", ".join(stack.label for stack in found)
            raise refusal(path, f"must hold the series {wanted!r}", labels)
    else:
        likely = candidates(found) or list(found[:1])
    if len(likely) > 1:
        rule = "it must be said which series is the scan"
        raise question(path, "series", rule, ", ".join(map(str, likely)))
    if likely[0].part in _NO_MAGNITUDE:
        raise refusal(path, "must hold magnitudes", f"{_NO_MAGNITUDE[likely[0].part]} images")
    return likely[0]


def candidates(found: Sequence[Stack]) -> list[Stack]:
    """The stacks that could be the scan: those of magnitudes."""
    return [stack for stack in found if stack.part not in _NO_MAGNITUDE]


def check_alike(path: Path, stack: Stack) -> None:
    """Refuse slices that differ in size, direction or spacing, or are too large."""
    first = stack.slices[0]
    check_slice_shape(path, first.shape)
    if first.shape[0] * first.shape[1] * len(stack.slices) > MAX_VALUES:
        raise refusal(path, f"must hold at most {MAX_VALUES} values", f"{stack}")
    for one in stack.slices:
        if one.shape != first.shape:
            rule = f"slices of series {stack.label} must have one size"
            raise refusal(path, rule, f"{first.shape} and {one.shape}")
        spacing = np.subtract(one.spacing_mm, first.spacing_mm)
        turned = np.subtract((one.rows, one.columns), (first.rows, first.columns))
        if max(np.abs(spacing).max(), np.abs(turned).max()) > _ALIKE:
            rule = f"slices of series {stack.label} must be parallel, with one spacing"
            raise refusal(path, rule, f"others in {one.path.name}")


def ordered(path: Path, stack: Stack) -> tuple[list[Slice], NDArray[np.float64]]:
    """Slices by their position along the normal, and the distances between them in mm.

    Raises
    ------
    ScanFileError
        If there are two at one position.
    """
    normal = stack.slices[0].normal
    found = sorted(stack.slices, key=lambda one: float(one.position @ normal))
    steps = np.diff([float(one.position @ normal) for one in found])
    if steps.size and steps.min() < _ALIKE:
        twice = int(np.count_nonzero(steps < _ALIKE))
        rule = f"series {stack.label} must hold each slice once"
        raise refusal(path, rule, f"{twice} more at the same positions")
    return found, steps


def affine(slices: Sequence[Slice], distance: float) -> NDArray[np.float64]:
    """Voxel-to-world matrix, RAS+, of an array with axes (column, row, slice).

    Parameters
    ----------
    slices
        In order of position.
    distance
        Between slices in mm, where there is one only.
    """
    first, last = slices[0], slices[-1]
    step = distance * first.normal
    if len(slices) > 1:
        step = (last.position - first.position) / (len(slices) - 1)
    matrix = np.eye(4)
    matrix[:3, 0] = first.rows * first.spacing_mm[1]
    matrix[:3, 1] = first.columns * first.spacing_mm[0]
    matrix[:3, 2] = step
    matrix[:3, 3] = first.position
    matrix[:3] = _LPS_TO_RAS @ matrix[:3]
    return matrix
