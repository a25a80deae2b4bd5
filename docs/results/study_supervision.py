"""The section on tuning where there are undersampled scans only."""

from __future__ import annotations

from collections.abc import Iterator

from study import SOURCE, Study, figure, images, report_link, section, signed, what
from tables import table

from core.studies.curves import Point

SUPERVISED, SELF = "full", "self"


def supervision_section(study: Study) -> str:
    """Supervised beside self-supervised tuning on the same people, person by person."""
    return section(
        [
            f"## Tuning on undersampled scans alone: {study.title}",
            f"{what(study)} The network of natural images is tuned on the same slices of the "
            "`tune` people twice: fully sampled, and as an accelerated scan would have measured "
            "them, whose samples are split into those for data consistency and those for the loss.",
            figure(study, "psnr", "PSNR against number of tuning images"),
            "PSNR in dB:",
            _table(study),
            " ".join(filter(None, (_verdict(study, rate) for rate in study.found.accelerations))),
            report_link(study),
        ]
    )


def _points(study: Study, rate: float) -> tuple[Point | None, Point | None, Point | None]:
    """Raw, supervised and self-supervised, the latter two on equally many images."""
    return (
        study.point(SOURCE, 0, rate),
        study.point(SOURCE, study.most, rate, SUPERVISED),
        study.point(SOURCE, study.most, rate, SELF),
    )


def _table(study: Study) -> str:
    body = []
    for rate in study.found.accelerations:
        points = _points(study, rate)
        baselines = [study.baseline(method, rate) for method in study.baselines]
        for person in (*study.found.people, None):
            raw, full, own = (_psnr(point, person) for point in points)
            body.append(
                [
                    f"{rate:g}",
                    person or "mean",
                    *map(_db, (raw, full, own)),
                    signed(_less(full, raw)),
                    signed(_less(own, raw)),
                    signed(_less(own, full)),
                    *(_db(_psnr(point, person)) for point in baselines),
                ]
            )
    tuned = images(study.most)
    head = ["R", "Person", "raw", f"full, {tuned}", f"self, {tuned}"]
    head += ["full − raw", "self − raw", "self − full", *study.baselines.values()]
    return table(head, body)


def _psnr(point: Point | None, person: str | None) -> float | None:
    """Of one person, or of the mean."""
    if point is None:
        return None
    return point.psnr_db.mean if person is None else point.people_psnr_db.get(person)


def _db(value: float | None) -> str:
    return "–" if value is None else f"{value:.2f}"


def _less(one: float | None, other: float | None) -> float | None:
    return None if one is None or other is None else one - other


def _below(study: Study, rate: float, own: Point) -> Iterator[str]:
    """The baselines that it leaves ahead, and for whom."""
    for method, label in study.baselines.items():
        point = study.baseline(method, rate)
        if point is None:
            continue
        ahead = [p for p, db in point.people_psnr_db.items() if db > own.people_psnr_db[p]]
        if ahead:
            yield f"; {label} stays ahead on {', '.join(ahead)}"


def _verdict(study: Study, rate: float) -> str:
    """How much of the supervised gain is had, and who gains nothing."""
    raw, full, own = _points(study, rate)
    if raw is None or full is None or own is None:
        return ""
    supervised = full.psnr_db.mean - raw.psnr_db.mean
    alone = own.psnr_db.mean - raw.psnr_db.mean
    share = f", {alone / supervised:.0%} of it" if supervised > 0 else ""
    worse = [p for p, db in own.people_psnr_db.items() if db <= raw.people_psnr_db[p]]
    for_whom = f"; **not** for {', '.join(worse)}" if worse else ", and helps every person"
    for_whom += "".join(_below(study, rate, own))
    return (
        f"At R={rate:g} tuning on fully sampled slices changes PSNR by {signed(supervised)} dB; "
        f"on undersampled ones alone by {signed(alone)} dB{share}{for_whom}."
    )
