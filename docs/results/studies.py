"""The studies' section of the results page, from the tables in ``studies/``."""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

from tables import table

from core import metrics
from core.studies.answer import answer
from core.studies.convergence import converged_at, near_end_at
from core.studies.curves import Curve, Curves, curves
from core.studies.differences import Difference, difference, over_rates
from core.studies.run import load_study
from core.studies.store import read_times
from core.studies.table import StudyTable

HERE = Path(__file__).parent
SOURCE = "natural"
TUNED_ON = 10
"""Images that the tuned networks of the tables were tuned on."""


@dataclass(frozen=True)
class Paper:
    """What Dar et al. found, averaged over R = 2 to 10; other people, scanners and masks."""

    short_of_native_db: float
    over_cs_db: float
    images: int


PAPER = {"t1": Paper(0.18, 4.0, 44), "t2": Paper(0.19, 5.2, 43)}
NAMES = {"t1": "T1-weighted", "t2": "T2-weighted"}

Place = tuple[str, int]


def studies_section() -> str:
    """Every study that has been run, whole or not."""
    parts = [_section(name) for name in PAPER if (HERE / "studies" / name / "table.csv").exists()]
    return "\n\n".join(parts)


def _section(name: str) -> str:
    folder = HERE / "studies" / name
    _, native, done = load_study(folder)
    found = curves(done, native)
    parts = [
        f"## How many local images? {NAMES[name]} brains, R = 2 to 10",
        _what(found, done, name),
        answer(found),
        f"![PSNR against number of tuning images](results/studies/{name}/psnr.png)",
        _claims(found, done, PAPER[name]),
        _verdict(found, done, PAPER[name]),
        "Images needed for convergence:",
        _convergence(found, PAPER[name]),
        f"![Images needed for convergence](results/studies/{name}/convergence.png)",
        _time(folder),
        f"All scores, and the differences person by person: [the study's report](results/studies/"
        f"{name}/report.md).",
    ]
    return "\n\n".join(part for part in parts if part)


def _what(found: Curves, done: StudyTable, name: str) -> str:
    slices = max(point.n_slices for curve in found.networks for point in curve.points)
    state = "" if done.is_complete else f" {done.n_done} of {done.n_cells} cells are done so far."
    return (
        f"`tlmri study docs/studies/{name}.toml --data DIR --out docs/results/studies/{name}`. "
        f"{len(found.people)} `test` "
        f"{'people' if len(found.people) > 1 else 'person'} ({', '.join(found.people)}), {slices} "
        f"slices in all, {', '.join(found.provenances)}; {metrics.label(found.definition)}. Tuned "
        f"on slices of the `tune` people by the default preset.{state}"
    )


def _claims(found: Curves, done: StudyTable, paper: Paper) -> str:
    """Differences in PSNR at each R and averaged, beside the paper's averages."""
    most = max(curve.end.n_images for curve in found.networks)
    native, tuned = found.native, (SOURCE, TUNED_ON)
    lines: list[tuple[str, Place, Place, str]] = [
        ("native raw − natural raw", (native, 0), (SOURCE, 0), "> 0"),
        (f"natural, {TUNED_ON} images − natural raw", tuned, (SOURCE, 0), "> 0"),
        (
            f"natural − native, both {TUNED_ON} images",
            tuned,
            (native, TUNED_ON),
            f"{-paper.short_of_native_db:+.2f}",
        ),
        (
            f"natural − native, both {most} images",
            (SOURCE, most),
            (native, most),
            f"{-paper.short_of_native_db:+.2f}",
        ),
    ]
    lines += [
        (
            f"natural, {TUNED_ON} images − {curve.label}",
            tuned,
            (curve.method, curve.end.n_images),
            f"{paper.over_cs_db:+.1f}" if curve.method.startswith("cs-paper") else "",
        )
        for curve in _one_each(found)
    ]
    body = [[label, *_cells(_by_rate(found, done, *pair)), said] for label, *pair, said in lines]
    rates = [f"R={rate:g}" for rate in found.accelerations]
    head = ["Difference in PSNR, dB", *rates, "mean over R", "its people", "paper"]
    return table(head, body)


def _one_each(found: Curves) -> list[Curve]:
    return list({curve.method: curve for curve in found.baselines}.values())


def _by_rate(
    found: Curves, done: StudyTable, better: Place, worse: Place
) -> list[Difference | None]:
    return [difference(done, better, worse, rate) for rate in found.accelerations]


def _cells(differences: Sequence[Difference | None]) -> list[str]:
    mean = over_rates([d for d in differences if d is not None])
    per_rate = ["–" if d is None else f"{d.psnr_db.mean:+.2f}" for d in differences]
    if mean is None:
        return [*per_rate, "–", "–"]
    people = ", ".join(f"{db:+.2f}" for db in mean.people_psnr_db.values())
    return [*per_rate, f"{mean.psnr_db.mean:+.2f}", people]


def _verdict(found: Curves, done: StudyTable, paper: Paper) -> str:
    """Which of the paper's claims hold here, computed."""
    raw = _by_rate(found, done, (found.native, 0), (SOURCE, 0))
    behind = [d for d in raw if d is not None and min(d.people_psnr_db.values()) <= 0]
    first = (
        "Without tuning, the native network wins for every person at every R."
        if not behind
        else "Without tuning, the native network does **not** win for every person at R = "
        + ", ".join(f"{d.acceleration:g}" for d in behind)
        + "."
    )
    gaps = _by_rate(found, done, (SOURCE, TUNED_ON), (found.native, TUNED_ON))
    mean = over_rates([d for d in gaps if d is not None])
    if mean is None:
        return first
    short = -mean.psnr_db.mean
    holds = "holds" if short <= paper.short_of_native_db else "does **not** hold"
    return (
        f"{first} After tuning on {TUNED_ON} images, the natural-image network is "
        f"{abs(short):.2f} dB {'below' if short > 0 else 'above'} the native one tuned on the "
        f"same, averaged over R: the paper's {paper.short_of_native_db} dB {holds} here."
    )


def _convergence(found: Curves, paper: Paper) -> str:
    """Numbers of images by the paper's rule, and by nearness to the curve's end."""
    body = []
    for method in dict.fromkeys(curve.method for curve in found.networks):
        mine = [found.network(method, rate) for rate in found.accelerations]
        counts = [
            None if curve is None else converged_at(curve, found.reference(curve.acceleration))
            for curve in mine
        ]
        near = [None if curve is None else near_end_at(curve) for curve in mine]
        body.append([f"{method}, 0.05 % rule", *map(_count, counts), _mean(counts)])
        body.append([f"{method}, within 0.1 dB of its end", *map(_count, near), _mean(near)])
    body.append(
        ["paper, natural, 0.05 % rule", *[""] * len(found.accelerations), f"{paper.images}"]
    )
    head = ["Images", *(f"R={rate:g}" for rate in found.accelerations), "mean over R"]
    return table(head, body)


def _count(count: int | None) -> str:
    return "–" if count is None else f"{count}"


def _mean(counts: Sequence[int | None]) -> str:
    known = [count for count in counts if count is not None]
    if len(known) < len(counts) or not known:
        return "–"
    return f"{math.fsum(known) / len(known):.1f}"


def _time(folder: Path) -> str:
    tuning = [seconds for seconds, _ in read_times(folder).values() if seconds > 0]
    if not tuning:
        return ""
    return (
        f"A tuning took {sorted(tuning)[len(tuning) // 2]:.0f} s on one thread (median of "
        f"{len(tuning)}, cells running side by side on two cores)."
    )
