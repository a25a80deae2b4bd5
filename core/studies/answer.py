"""What a study's curves show, in plain words, and how sure that is."""

from __future__ import annotations

from core.studies.curves import NEAR_DB, Curve, Curves, near_end_at


def answer(found: Curves) -> str:
    """One sentence: how many local images are enough, and on how many people that rests.

    It speaks of the first source that was not trained in the target's own domain, tuned with full
    supervision.
    """
    chosen = [c for c in found.networks if _is_asked_about(c, found)]
    chosen.sort(key=lambda curve: curve.acceleration)
    if not chosen:
        return "No network is tuned on two numbers of images yet, so nothing can be said."
    method = chosen[0].method
    chosen = [curve for curve in chosen if curve.method == method]
    return f"{_statement(chosen)}{_against_native(chosen, found)}; {_certainty(found)}."


def _is_asked_about(curve: Curve, found: Curves) -> bool:
    return curve.method != found.native and curve.supervision == "full" and len(curve.points) > 1


def _statement(chosen: list[Curve]) -> str:
    needed = [near_end_at(curve) for curve in chosen]
    most = chosen[0].end.n_images
    scale = f"R={chosen[0].acceleration:g}"
    if len(chosen) > 1:
        scale = f"R={chosen[0].acceleration:g} to {chosen[-1].acceleration:g}"
    if max(needed) == most:
        return (
            f"At {scale}, the curve of the network of {chosen[0].label} still changes by more than "
            f"{NEAR_DB:g} dB up to its largest number of images ({most}): more may help"
        )
    count = f"{min(needed)}" if min(needed) == max(needed) else f"{min(needed)} to {max(needed)}"
    noun = "image brings" if needed == [1] else "images bring"
    return (
        f"At {scale}, {count} local {noun} the network of {chosen[0].label} within {NEAR_DB:g} dB "
        f"of tuning on {most}"
    )


def _against_native(chosen: list[Curve], found: Curves) -> str:
    gaps = [
        reference.psnr_db.mean - curve.end.psnr_db.mean
        for curve in chosen
        if (reference := found.reference(curve.acceleration)) is not None
    ]
    if not gaps:
        return ""
    gap = sum(gaps) / len(gaps)
    side = "below" if gap >= 0 else "above"
    return f", {abs(gap):.2f} dB {side} the tuned network of the scans' own domain"


def _certainty(found: Curves) -> str:
    n = len(found.people)
    if n == 1:
        return "this rests on one scored person, so how far it holds for others is not known"
    interval = max(
        (p.psnr_db.high - p.psnr_db.low) / 2 for c in found.networks for p in c.points[-1:]
    )
    return (
        f"this rests on {n} scored people, whose mean is known to ± {interval:.1f} dB (95 % "
        "confidence over people)"
    )
