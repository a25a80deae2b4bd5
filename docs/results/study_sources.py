"""The section on where a network should come from, and on the size of its training set."""

from __future__ import annotations

import math
from collections.abc import Iterator
from itertools import pairwise

from paper import PAPER
from study import (
    SOURCE,
    Study,
    count,
    each_person,
    figure,
    images,
    report_link,
    section,
    signed,
    what,
)
from tables import table

from core import checkpoints
from core.studies.answer import answer
from core.studies.convergence import NEAR_DB, converged_at, settled_at
from core.studies.curves import Curve, Point
from core.studies.differences import difference
from core.studies.spec import SCRATCH


def sources_section(study: Study) -> str:
    """Scores by number of images, images needed, and the effect of the training set's size."""
    return section(
        [
            f"## Where should the network come from? {study.title}",
            what(study),
            answer(study.found),
            figure(study, "psnr", "PSNR against number of tuning images"),
            "PSNR in dB by number of tuning images, `raw` for the network as it came:",
            _scores(study),
            "Images needed for convergence:",
            _convergence(study),
            *(_sizes(study, rate) for rate in study.found.accelerations),
            *(_behind(study, rate) for rate in study.found.accelerations),
            " ".join(filter(None, (_worth(study, rate) for rate in study.found.accelerations))),
            report_link(study),
        ]
    )


def training_images(source: str, acceleration: float) -> int:
    """Images that a network was trained on, as its checkpoint says; 0 for an untrained one."""
    if source == SCRATCH:
        return 0
    provenance = checkpoints.find(source, acceleration).config["provenance"]
    return sum(provenance["images"].values())


def _grid(study: Study) -> list[int]:
    return sorted({n for curve in study.found.networks for n in curve.grid})


def _curves(study: Study) -> Iterator[Curve]:
    for rate in study.found.accelerations:
        yield from (curve for curve in study.found.networks if curve.acceleration == rate)


def _scores(study: Study) -> str:
    """A line for the mean of each source and R, and one for each person."""
    grid = _grid(study)
    body = []
    for curve in _curves(study):
        points = {point.n_images: point for point in curve.points}
        head = [curve.method, f"{training_images(curve.method, curve.acceleration)}"]
        head.append(f"{curve.acceleration:g}")
        body.append([*head, "mean", *(_psnr(points.get(n), "") for n in grid)])
        for person in study.found.people:
            body.append(["", "", "", person, *(_psnr(points.get(n), person) for n in grid)])
    names = [images(n) for n in grid]
    return table(["Source", "Training images", "R", "Person", *names], body)


def _psnr(point: Point | None, person: str) -> str:
    """Of one person, or of the mean."""
    if point is None:
        return "–"
    if not person:
        return f"{point.psnr_db.mean:.2f}"
    db = point.people_psnr_db.get(person)
    return "–" if db is None else f"{db:.2f}"


def _convergence(study: Study) -> str:
    body = []
    for curve in _curves(study):
        if len(curve.points) < 2:
            continue
        body.append(
            [
                curve.method,
                f"{training_images(curve.method, curve.acceleration)}",
                f"{curve.acceleration:g}",
                count(_needed(study, curve), curve.end.n_images),
                count(settled_at(curve), curve.end.n_images),
            ]
        )
    paper = PAPER.get(study.found.target)
    for size, needed in paper.images.items() if paper else ():
        body.append(["paper, natural images", f"{size}", "mean of 2 to 10", f"{needed}", ""])
    head = ["Source", "Training images", "R", "0.05 % rule", f"within {NEAR_DB:g} dB of its end"]
    return table(head, body)


def _needed(study: Study, curve: Curve) -> int | None:
    return converged_at(curve, study.found.reference(curve.acceleration))


def _sizes(study: Study, rate: float) -> str:
    """What a smaller training set of natural images changes, and whether as in the paper."""
    found = [
        (training_images(curve.method, rate), curve)
        for curve in study.found.networks
        if curve.acceleration == rate and curve.method.rpartition("/")[2].startswith(SOURCE)
    ]
    ordered = sorted(found, key=lambda pair: pair[0])
    texts = [_size(study, rate, small, large) for small, large in pairwise(ordered)]
    return " ".join(texts)


def _size(study: Study, rate: float, small: tuple[int, Curve], large: tuple[int, Curve]) -> str:
    (n_small, fewer), (n_large, more) = small, large
    n = min(fewer.end.n_images, more.end.n_images)
    parts = [
        f"{signed(gap.psnr_db.mean)} dB {'raw' if at == 0 else f'tuned on {images(at)}'} "
        f"({each_person(gap)})"
        for at in sorted({0, n})
        if (gap := difference(study.done, (fewer.method, at), (more.method, at), rate)) is not None
    ]
    text = (
        f"At R={rate:g}, the network of {n_small} natural images against that of {n_large}: "
        f"{'; '.join(parts)}."
    )
    if min(len(fewer.points), len(more.points)) < 2:
        return text
    a, b = (_needed(study, curve) for curve in (fewer, more))
    return (
        f"{text} By the paper's rule it needs {count(a, n)} tuning images against {count(b, n)}: "
        f"that a smaller training set needs more {_verdict(a, b)}."
    )


def _verdict(fewer: int | None, more: int | None) -> str:
    a, b = (math.inf if number is None else number for number in (fewer, more))
    if a == b:
        return "is not to be seen on this grid"
    return "holds here" if a > b else "does **not** hold here"


def _worth(study: Study, rate: float) -> str:
    """What having been trained at all is worth, and which source is best after tuning."""
    ends = [c for c in study.found.networks if c.acceleration == rate and c.end.n_images]
    if not ends:
        return ""
    best = max(ends, key=lambda curve: curve.end.psnr_db.mean)
    text = f"At R={rate:g} the best tuned source is `{best.method}`."
    n = min(curve.end.n_images for curve in ends)
    untrained = difference(study.done, (SOURCE, n), (SCRATCH, n), rate)
    if untrained is not None:
        text += (
            f" Of the natural-image network's PSNR after tuning on {images(n)}, having been "
            f"trained before is worth {signed(untrained.psnr_db.mean)} dB "
            f"({each_person(untrained)}): the rest an untrained network learns from the same "
            "images."
        )
    return text


def _behind(study: Study, rate: float) -> str:
    """Every other source against the native network, raw and tuned on the most images."""
    native, people = study.found.native, study.found.people
    paper = PAPER.get(study.found.target)
    body = []
    for curve in study.found.networks:
        if curve.acceleration != rate or curve.method == native:
            continue
        for n in sorted({0, curve.end.n_images}):
            gap = difference(study.done, (curve.method, n), (native, n), rate)
            if gap is None:
                continue
            said = paper.behind.get(curve.method) if paper else None
            body.append(
                [
                    f"{curve.method}, {images(n)}",
                    signed(gap.psnr_db.mean),
                    *(signed(gap.people_psnr_db.get(person)) for person in people),
                    "" if said is None else signed(-(said.tuned_db if n else said.raw_db)),
                ]
            )
    if not body:
        return ""
    head = [f"Less `{native}` on as many images, R={rate:g}, dB", "mean", *people]
    return table([*head, "paper, over R = 2 to 10"], body)
