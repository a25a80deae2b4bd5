"""Whether the axes of an array that are not a slice's count coils, slices or echoes."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any, NamedTuple

import numpy as np
from numpy.typing import NDArray

from core.io import evidence
from core.io.axes import UNKNOWN, Named, planes_along, stack_along
from core.io.guess import CONVENTION, DOUBT, ODDS, SURE, confidence
from core.io.kspace import transformed

_MOST_COILS = 128
_COILS_BELOW, _SLICES_ABOVE = {2: 0.5, 3: 0.4}, {2: 0.9, 3: 0.8}
_MANY_COILS_BELOW, _MANY_SLICES_ABOVE = 0.35, 0.6
"""Between which values of :func:`core.io.evidence.independence` nobody could tell coils from slices
or echoes, by their number. Measured: 4 to 16 coils of five real scans 0.11 to 0.26, echoes and
slices 0.81 to 0.97; pairs of coils 0.1 to 0.75, pairs of echoes and slices 1."""

_GATHERED = 0.6
"""Share of the energy in the central eighth from which an axis is taken to be k-space."""
_SHORTEST_KZ = 16


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
