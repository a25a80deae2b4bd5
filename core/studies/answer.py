"""What a study's curves show, in plain words, and how sure that is."""

from __future__ import annotations

from collections.abc import Sequence

from core.studies.convergence import NEAR_DB, near_end_at
from core.studies.curves import Curve, Curves
from core.studies.spec import SUPERVISIONS, is_scratch
from core.training.part_names import ALL
from core.training.settings import FULL

ENOUGH_PEOPLE = 5
"""Below so many scored people, an answer says that it rests on few."""


def answer(found: Curves) -> str:
    """One sentence: how many local images are enough, and on how many people that rests.

    It speaks of the first source that was not trained in the target's own domain, tuned whole and
    with full supervision, and says of how many it is the first; of an untrained network, of a part,
    of another supervision or of the own domain's network only where there is nothing else. Where
    tuning on the most images did harm, it says so and by how much.
    """
    tuned = [curve for curve in found.networks if len(curve.points) > 1]
    asked = [curve for curve in tuned if curve.source != found.native] or tuned
    if not asked:
        return "The answer comes once a network has been tuned: so far there is nothing to compare."
    first = min(asked, key=_precedence)
    n_sources = len({c.source for c in asked if _precedence(c) == _precedence(first)})
    place = (first.method, first.supervision)
    chosen = [curve for curve in asked if (curve.method, curve.supervision) == place]
    chosen.sort(key=lambda curve: curve.acceleration)
    statement = _statement(chosen, _network(first, n_sources))
    return f"{statement}{_against_native(chosen, found)}; {_certainty(chosen, found)}."


def _precedence(curve: Curve) -> tuple[bool, bool, bool]:
    """What is spoken of before what; of equals, the first of the table."""
    return is_scratch(curve.source), curve.trainable != ALL, curve.supervision != FULL


def _statement(chosen: Sequence[Curve], network: str) -> str:
    """What tuning brings; where it does harm, that."""
    lowered = [curve for curve in chosen if _is_lowered(curve)]
    if not lowered:
        return _enough(chosen, network)
    on = f"tuning on {_images([curve.end.n_images for curve in lowered])}"
    loss = _decibels([_fall(curve) for curve in lowered])
    if len(lowered) == len(chosen):
        rates = _rates([curve.acceleration for curve in chosen])
        return f"At {rates}, {on} lowered the PSNR of {network} by {loss}"
    where = ", ".join(f"{curve.acceleration:g}" for curve in lowered)
    return f"{_enough(chosen, network)} (but at R={where}, {on} lowered its PSNR by {loss})"


def _is_lowered(curve: Curve) -> bool:
    """Whether it is clearly worse tuned on the most images than as it came."""
    return curve.points[0].n_images == 0 and _fall(curve) > NEAR_DB


def _fall(curve: Curve) -> float:
    """PSNR of the first point less that of the end."""
    return curve.points[0].psnr_db.mean - curve.end.psnr_db.mean


def _enough(chosen: Sequence[Curve], network: str) -> str:
    """How many images bring it near its end."""
    needed = [near_end_at(curve) for curve in chosen]
    ends = [curve.end.n_images for curve in chosen]
    most = _range(ends)
    rates = _rates([curve.acceleration for curve in chosen])
    if any(n == curve.end.n_images for n, curve in zip(needed, chosen, strict=True)):
        where = "" if len(chosen) == 1 else " at one R at least"
        return (
            f"At {rates}, {network} still gains more than {NEAR_DB:g} dB{where} up to the "
            f"largest number of images ({most}), so more may help"
        )
    if max(needed) == 0:
        return (
            f"At {rates}, {network} is without any tuning within {NEAR_DB:g} dB of what it is "
            f"after tuning on {_images(ends)}"
        )
    bring = "brings" if max(needed) == 1 else "bring"
    return (
        f"At {rates}, {_images(needed)}, besides those for validation, {bring} "
        f"{network} within {NEAR_DB:g} dB of tuning on {most}"
    )


def _network(curve: Curve, n_sources: int) -> str:
    """Its name, and what else there is to know it by."""
    which = [f"first of {n_sources} sources"] if n_sources > 1 else []
    how = [] if curve.supervision == FULL else [SUPERVISIONS[curve.supervision].item]
    return ", ".join([f'the network "{curve.label}"', *which, *how]) + ("," if which + how else "")


def _images(counts: Sequence[int]) -> str:
    """``1 local image``, ``2 to 5 local images``."""
    return f"{_range(counts)} local image{'' if max(counts) == 1 else 's'}"


def _decibels(values: Sequence[float]) -> str:
    """``2.28 dB``, ``0.30 to 2.28 dB``."""
    ends = dict.fromkeys(f"{value:.2f}" for value in (min(values), max(values)))
    return f"{' to '.join(ends)} dB"


def _range(counts: Sequence[int]) -> str:
    low, high = min(counts), max(counts)
    return f"{low}" if low == high else f"{low} to {high}"


def _rates(values: Sequence[float]) -> str:
    """``R=4``, ``R=2 and 4`` or ``R=2 to 10``, of ascending values."""
    joint = " and " if len(values) == 2 else " to "
    return "R=" + joint.join(f"{value:g}" for value in dict.fromkeys((values[0], values[-1])))


def _against_native(chosen: Sequence[Curve], found: Curves) -> str:
    if chosen[0].method == found.native:
        return ""
    gaps = [
        reference.psnr_db.mean - curve.end.psnr_db.mean
        for curve in chosen
        if (reference := found.reference(curve.acceleration)) is not None
    ]
    if not gaps:
        return ""
    gap = sum(gaps) / len(gaps)
    if abs(gap) < 0.005:
        return ", level with the tuned network of the scans' own domain"
    side = "below" if gap > 0 else "above"
    return f", {abs(gap):.2f} dB {side} the tuned network of the scans' own domain"


def _certainty(chosen: Sequence[Curve], found: Curves) -> str:
    """Whether it would hold for others: how many are scored, and how far they agree."""
    people = set.intersection(*(set(point.people_psnr_db) for c in chosen for point in c.points))
    draws = min(point.n_seeds for curve in chosen for point in curve.points if point.n_images)
    drawn = f"{draws} draws" if draws > 1 else "one draw"
    one, many = found.one_scored, found.many_scored
    apart = ", other slices of which were tuned on," if found.is_apart else ""
    if len(people) < 2:
        return (
            f"this rests on one scored {one}{apart} and {drawn} of tuning images, so how far it "
            "holds for others is not known"
        )
    few = f"{apart or ','} too few to be sure of others," if len(people) < ENOUGH_PEOPLE else apart
    each = f"{one} by {one}" if len(chosen) == 1 else f"each {one} at each R"
    tell = _each_falls if all(map(_is_lowered, chosen)) else _each_needs
    return (
        f"this rests on {len(people)} scored {many}{few} and {drawn} of tuning images "
        f"({each}: {tell(chosen, sorted(people))})"
    )


def _each_falls(chosen: Sequence[Curve], people: Sequence[str]) -> str:
    """How PSNR changed person by person: some may have gained."""
    changes = [
        curve.end.people_psnr_db[person] - curve.points[0].people_psnr_db[person]
        for curve in chosen
        for person in people
    ]
    ends = dict.fromkeys(f"{round(db, 2) + 0.0:+.2f}" for db in (min(changes), max(changes)))
    return f"{' to '.join(ends)} dB"


def _each_needs(chosen: Sequence[Curve], people: Sequence[str]) -> str:
    """How many images people need: ``5 images``, ``2 to 5 images``, ``2 or more images``."""
    low = min(near_end_at(curve, of=person) for curve in chosen for person in people)
    most, curve = max(
        ((near_end_at(curve, of=person), curve) for curve in chosen for person in people),
        key=lambda pair: pair[0],
    )
    if most == 0:
        return "no local image"
    if most < curve.end.n_images:
        return f"{_range([low, most])} image{'s' if most > 1 else ''}"
    # Only the end is near the end: how many it takes beyond the number before is not known.
    before = curve.grid[-2]
    if low == before:
        return f"{low} or more images"
    if low < most:
        return f"{low} to more than {before} images"
    return f"more than {before} image{'s' if before > 1 else ''}" if before else "1 or more images"
