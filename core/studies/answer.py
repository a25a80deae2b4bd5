"""What a study's curves show, in plain words, and how sure that is."""

from __future__ import annotations

from collections.abc import Sequence

from core.studies.convergence import NEAR_DB, near_end_at
from core.studies.curves import Curve, Curves

ENOUGH_PEOPLE = 5
"""Below so many scored people, an answer says that it rests on few."""


def answer(found: Curves) -> str:
    """One sentence: how many local images are enough, and on how many people that rests.

    It speaks of the first source that was not trained in the target's own domain, tuned with full
    supervision.
    """
    asked = [c for c in found.networks if _is_asked_about(c, found)]
    if not asked:
        return "No network is tuned on two numbers of images yet, so nothing can be said."
    chosen = [curve for curve in asked if curve.method == asked[0].method]
    chosen.sort(key=lambda curve: curve.acceleration)
    return f"{_statement(chosen)}{_against_native(chosen, found)}; {_certainty(chosen)}."


def _is_asked_about(curve: Curve, found: Curves) -> bool:
    is_foreign = curve.method != found.native
    return is_foreign and curve.supervision == "full" and len(curve.points) > 1


def _statement(chosen: Sequence[Curve]) -> str:
    needed = [near_end_at(curve) for curve in chosen]
    most = max(curve.end.n_images for curve in chosen)
    rates = _range([f"{curve.acceleration:g}" for curve in chosen])
    network = f"the network of {chosen[0].label}"
    if any(n == curve.end.n_images for n, curve in zip(needed, chosen, strict=True)):
        return (
            f"At R={rates}, {network} still changes by more than {NEAR_DB:g} dB up to the largest "
            f"number of images ({most}), so more may help"
        )
    if max(needed) == 0:
        return f"At R={rates}, {network} is within {NEAR_DB:g} dB of tuning on {most} without any"
    low, high = min(needed), max(needed)
    count = _range([str(low), str(high)])
    verb = "image brings" if high == 1 else "images bring"
    return f"At R={rates}, {count} local {verb} {network} within {NEAR_DB:g} dB of tuning on {most}"


def _range(values: Sequence[str]) -> str:
    return values[0] if values[0] == values[-1] else f"{values[0]} to {values[-1]}"


def _against_native(chosen: Sequence[Curve], found: Curves) -> str:
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


def _certainty(chosen: Sequence[Curve]) -> str:
    """Whether it would hold for others: how far the scored people agree."""
    people = set.intersection(*(set(point.people_psnr_db) for c in chosen for point in c.points))
    if len(people) < 2:
        return "this rests on one scored person, so how far it holds for others is not known"
    needed = sorted(near_end_at(curve, of=person) for curve in chosen for person in sorted(people))
    spread = _range([str(needed[0]), str(needed[-1])])
    few = ", too few to be sure of others" if len(people) < ENOUGH_PEOPLE else ""
    return f"this rests on {len(people)} scored people{few}: one by one, it takes {spread}"
