"""Which axes of an array are a slice's, and whether the others count coils, slices or echoes."""

from __future__ import annotations

from collections.abc import Sequence
from itertools import pairwise
from pathlib import Path
from typing import Any, NamedTuple

import numpy as np
from numpy.typing import NDArray

from core.io import evidence
from core.io.formats import refusal
from core.io.guess import CONVENTION, DOUBT, ODDS, SURE, Guess, confidence
from core.io.kspace import transformed
from core.io.magnitude import MAX_SIZE, MIN_SIZE

UNKNOWN = "?"
"""Name of an axis that a file does not say."""

_MOST_PLANES = 8
_MOST_COILS = 128
_COILS_BELOW, _SLICES_ABOVE = {2: 0.5, 3: 0.4}, {2: 0.9, 3: 0.8}
_MANY_COILS_BELOW, _MANY_SLICES_ABOVE = 0.35, 0.6
"""Between which values of :func:`core.io.evidence.independence` nobody could tell coils from slices
or echoes, by their number. Measured: 4 to 16 coils of five real scans 0.11 to 0.26, echoes and
slices 0.81 to 0.97; pairs of coils 0.1 to 0.75, pairs of echoes and slices 1."""

_GATHERED = 0.6
"""Share of the energy in the central eighth from which an axis is taken to be k-space."""
_SHORTEST_KZ = 16

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


def with_roles(
    values: NDArray[Any], known: Named, content: str, kspace_origin: str, usual: str
) -> Named:
    """Name the axes that are not yet known: kz, coil, slice, other.

    Parameters
    ----------
    values
        The array.
    known
        Its axes so far, y and x among them.
    content, kspace_origin
        What it holds: ``magnitude``, ``image`` or ``kspace``, and where its origin is.
    usual
        Whether the users of the format write slices first (``last``: as in NumPy) where the data
        does not tell.
    """
    free = [axis for axis, name in enumerate(known.names) if name == UNKNOWN]
    if not free:
        return known
    if content == "magnitude":
        roles = _roles_of_magnitude(values.shape, known.names, free)
    else:
        found = [_role(values, known.names, axis, content, kspace_origin) for axis in free]
        roles = _settled(values.shape, known.names, found, usual)
    names = list(known.names)
    for role in roles:
        names[role.axis] = role.name
    reasons = tuple(f"axis {role.axis + 1} {role.evidence}" for role in roles)
    sure = min(known.confidence, *(role.confidence for role in roles))
    return Named(tuple(names), (*known.evidence, *reasons), sure)


class _Role(NamedTuple):
    """What an axis is taken for, by itself."""

    axis: int
    name: str
    evidence: str
    confidence: float


def _roles_of_magnitude(
    shape: tuple[int, ...], names: Sequence[str], free: list[int]
) -> list[_Role]:
    if len(free) == 1 and "slice" not in names:
        return [_Role(free[0], "slice", f"of {shape[free[0]]} slices, the only one left", 1.0)]
    largest = max(free, key=lambda axis: shape[axis])
    best = "other" if "slice" in names else "slice"
    return [
        _Role(axis, best if axis == largest else "other", "could be slices or echoes", DOUBT)
        for axis in free
    ]


def _role(
    values: NDArray[Any], names: Sequence[str], axis: int, content: str, kspace_origin: str
) -> _Role:
    n = values.shape[axis]
    if content == "kspace" and n >= _SHORTEST_KZ:
        profile = np.array([_energy(plane) for plane in stack_along(values, names, axis)])
        share = evidence.gathered(profile)
        if share >= _GATHERED:
            text = f"is k-space too: {share:.0%} of the energy in its central eighth"
            return _Role(axis, "kz", text, share)
    planes = planes_along(values, names, axis)
    if content == "image":
        planes = transformed(planes)
    for along in evidence.axes_of(kspace_origin):
        planes = np.fft.fftshift(planes, axes=along)
    new = max(evidence.independence(planes), 0.01)
    shown = f"{new:.0%} of each adds to the others"
    coil = confidence(ODDS * _COILS_BELOW.get(n, _MANY_COILS_BELOW) / new)
    slices = confidence(ODDS * new / _SLICES_ABOVE.get(n, _MANY_SLICES_ABOVE))
    if coil > slices and n <= _MOST_COILS:
        return _Role(axis, "coil", f"of {n} coils, which show one object: {shown}", coil)
    text = f"of {n} slices (or echoes), which differ: {shown}"
    return _Role(axis, "slice", text, slices)


def _settled(
    shape: tuple[int, ...], names: Sequence[str], found: list[_Role], usual: str
) -> list[_Role]:
    """Each name once. Which axis counts the coils decides, since only coils are combined."""
    coil = None if "coil" in names else _surely_coil(found)
    rest = [role for role in found if role is not coil]
    if coil is not None or "coil" in names:
        return [*([coil] if coil else []), *_shown_one_by_one(shape, names, rest)]
    if all(role.name != "coil" and role.confidence >= SURE for role in rest):
        return _shown_one_by_one(shape, names, rest)
    return _by_convention(rest) if usual == "last" else _in_doubt(rest)


def _surely_coil(found: list[_Role]) -> _Role | None:
    """The one axis that surely counts coils, and clearly more so than any other."""
    coils = sorted((r for r in found if r.name == "coil"), key=lambda r: -r.confidence)
    if not coils or coils[0].confidence < SURE:
        return None
    odds = [role.confidence / (1 - role.confidence) for role in coils]
    return coils[0] if len(coils) == 1 or odds[0] >= ODDS * odds[1] else None


def _shown_one_by_one(
    shape: tuple[int, ...], names: Sequence[str], found: list[_Role]
) -> list[_Role]:
    """Axes that count no coils: kz, or the longest the slices; one element of each other chosen."""
    taken = {"slice", "kz"} & set(names)
    ranked = sorted(found, key=lambda r: (r.name == "kz", shape[r.axis]), reverse=True)
    roles = []
    for role in ranked:
        name = "other" if taken else "kz" if role.name == "kz" else "slice"
        taken = taken or {name}
        roles.append(_Role(role.axis, name, _reason(shape, role, name), CONVENTION))
    return roles


def _reason(shape: tuple[int, ...], role: _Role, name: str) -> str:
    if role.name == name:
        return role.evidence
    return f"of {shape[role.axis]}, shown one by one"


def _by_convention(found: list[_Role]) -> list[_Role]:
    """Slice, coil, y, x in this order, as this program's users write NumPy files."""
    if len(found) > 2:
        return _in_doubt(found)
    text = "by the order slice, coil, y, x, since the data does not tell"
    return [
        _Role(role.axis, name, f"{name}: {text}", CONVENTION)
        for role, name in zip(found, ("slice", "coil"), strict=False)
    ]


def _in_doubt(found: list[_Role]) -> list[_Role]:
    """The likeliest names, none of them sure."""
    roles, taken = [], set()
    for role in sorted(found, key=lambda role: -role.confidence):
        name = "other" if role.name in taken else role.name
        taken.add(name)
        roles.append(_Role(role.axis, name, role.evidence, min(role.confidence, DOUBT)))
    return roles


def _energy(plane: NDArray[Any]) -> float:
    with np.errstate(over="ignore", invalid="ignore"):
        found = float(np.square(np.abs(plane), dtype=np.float64).sum())
    return found if np.isfinite(found) else 0.0


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
