"""The tables of a study over all R: scores, differences, images needed for convergence."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from paper import Paper
from study import SOURCE, Place, Study, count, images, mean, over_those, signed
from tables import table

from core.studies.convergence import NEAR_DB, converged_at, settled_at
from core.studies.curves import Point
from core.studies.differences import Difference
from core.studies.tables import plus_minus

TUNED_ON = 10
"""Images that baselines are tuned on, so that networks tuned on as many are compared with them."""


def scores_table(study: Study) -> str:
    """Table 1 of the paper: raw and tuned networks, and baselines, at each R."""
    found = study.found
    counts = sorted({0, TUNED_ON, study.most})
    rows: dict[str, list[Point | None]] = {}
    for method, label in {curve.method: curve.label for curve in found.networks}.items():
        for n in counts:
            points = [study.point(method, n, rate) for rate in found.accelerations]
            rows[f"{label}, {images(n)}"] = points
    for method, label in study.baselines.items():
        rows[label] = [study.baseline(method, rate) for rate in found.accelerations]
    body = [[label, *map(_score, points)] for label, points in rows.items() if any(points)]
    return table(["Method", *_heads(study)], body)


def _score(point: Point | None) -> str:
    if point is None:
        return "–"
    psnr_db = plus_minus(point.psnr_db.mean, point.sd_psnr_db, 2)
    return f"{psnr_db}, {point.ssim.mean:.3f}"


def _heads(study: Study) -> list[str]:
    return [f"R={rate:g}" for rate in study.found.accelerations]


def differences_table(study: Study, paper: Paper) -> str:
    """At each R, averaged over R, and each person's average."""
    native, most, behind = study.found.native, study.most, paper.behind[SOURCE]
    tuned = (SOURCE, TUNED_ON)
    # The core finds a baseline by its name alone, whatever it was tuned on.
    lines: list[tuple[str, Place, Place, str]] = [
        ("native − natural, both raw", (native, 0), (SOURCE, 0), f"{behind.raw_db:+.2f}"),
        (f"natural, {images(TUNED_ON)} − natural raw", tuned, (SOURCE, 0), ""),
        *(
            (
                f"natural − native, both {images(n)}",
                (SOURCE, n),
                (native, n),
                f"{-behind.tuned_db:+.2f}",
            )
            for n in sorted({TUNED_ON, most})
        ),
        *(
            (
                f"natural, {images(TUNED_ON)} − {label}",
                tuned,
                (method, 0),
                f"{paper.over_cs_db:+.1f}" if is_papers(method) else "",
            )
            for method, label in study.baselines.items()
        ),
    ]
    people = study.found.people
    body = [
        [label, *_cells(study.by_rate(better, worse), people), said]
        for label, better, worse, said in lines
    ]
    return table(["Difference, dB", *_heads(study), "mean over R", *people, "paper"], body)


def is_papers(method: str) -> bool:
    """Whether a baseline is compressed sensing by the paper's settings."""
    return method.startswith("cs-paper")


def _cells(differences: Sequence[Difference | None], people: Sequence[str]) -> list[str]:
    per_rate = [signed(None if each is None else each.psnr_db.mean) for each in differences]
    over = over_those(differences)
    if over is None:
        return [*per_rate, *["–"] * (1 + len(people))]
    return [
        *per_rate,
        signed(over.psnr_db.mean),
        *(signed(over.people_psnr_db.get(person)) for person in people),
    ]


def convergence_table(study: Study, paper: Paper) -> str:
    """Numbers of images by the paper's rule, and by nearness to the curve's end."""
    body = []
    for method in dict.fromkeys(curve.method for curve in study.found.networks):
        found = needed(study, method)
        for rule, counts in (
            ("0.05 % rule", [None if n is None else n.by_paper for n in found]),
            (f"within {NEAR_DB:g} dB of its end", [None if n is None else n.by_end for n in found]),
        ):
            cells = [
                "–" if each is None else count(n, study.most)
                for each, n in zip(found, counts, strict=True)
            ]
            average = mean(counts)
            body.append([f"{method}, {rule}", *cells, "–" if average is None else f"{average:.1f}"])
    empty = [""] * len(study.found.accelerations)
    for size, average_needed in paper.images.items():
        body.append([f"paper, {size} natural images", *empty, f"{average_needed}"])
    return table(["Images", *_heads(study), "mean over R"], body)


@dataclass(frozen=True)
class Needed:
    """Images that a whole curve needs; None for more than it has."""

    acceleration: float
    by_paper: int | None
    by_end: int | None


def needed(study: Study, method: str) -> list[Needed | None]:
    """At each R; None where the network was not tuned on the most images (yet)."""
    curves = [study.found.network(method, rate) for rate in study.found.accelerations]
    return [
        None
        if curve is None or curve.end.n_images < max(study.most, 1)
        else Needed(
            curve.acceleration,
            converged_at(curve, study.found.reference(curve.acceleration)),
            settled_at(curve),
        )
        for curve in curves
    ]
