"""The sections on transfer: to other field strengths, anatomies, accelerations and coils."""

from __future__ import annotations

import json
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

import numpy as np
from study import Place, Study, report_link, section, signed
from tables import table

from core import metrics
from core.studies.cells import file_word
from core.studies.differences import difference
from core.studies.spec import SCRATCH
from core.studies.store import read_times
from core.studies.table import Row, by_slice

CHECKS = Path(__file__).parent / "unet_checks.json"
"""What ``unet_checks.py`` wrote."""

UNET, CASCADE = ("unet-t1", "unet-natural"), ("t1", "natural")
"""The networks that are transferred, of the same domains in the same order."""

UNTRAINED = {"unet-t1": f"{SCRATCH}:unet", "unet-natural": f"{SCRATCH}:unet"} | dict.fromkeys(
    CASCADE, SCRATCH
)
"""The network of the same architecture that starts from random weights."""

TITLES = {
    "transfer-field": "Transfer to another field strength (digital brains)",
    "transfer-anatomy": "Transfer to another anatomy or contrast",
    "transfer-acceleration": "Transfer to another acceleration",
    "transfer-coils": "Transfer to several coils",
}

WHAT = {
    "transfer-field": (
        "The same digital heads at four field strengths: T1 and T2 follow published laws of the "
        "field, the noise is inversely proportional to it, and the sequence stays. The reference "
        "has the noise of its field too, as a scan has, so that scores at low field are of noise "
        "above all: the line *without noise* is what a perfect, noiseless image would score. "
        "Where a method is above it, it has kept noise that the samples show."
    ),
    "transfer-anatomy": (
        "The networks know T1-weighted brains or natural images. *Chest* and *FLAIR* are tuned on "
        "other slices of the scored data set, for want of other people: for the chest it is not "
        "known whose slices are whose, FLAIR is of one person, who is also the `val` person of "
        "the other contrasts. The heart was measured with its phase: two echoes of one slice are "
        "tuned on, two others validate, and a slice of another file is scored."
    ),
    "transfer-acceleration": (
        "The networks were trained at R = 4 and are used, raw and tuned, at other R."
    ),
    "transfer-coils": (
        "The U-Nets learnt from one coil; here they take several, combined by maps from the "
        "slice's own centre. The cascades are those trained for several coils."
    ),
}


@dataclass(frozen=True)
class Column:
    """A target at one R."""

    label: str
    study: Study
    rate: float

    @property
    def tuned_on(self) -> int:
        """Images that its networks are tuned on."""
        return self.study.most

    def rows(self, place: Place) -> list[Row]:
        """What is scored of a method after some images; a baseline whatever it was tuned on."""
        method, n_images = place
        return [
            row
            for row in self.study.done.rows
            if (row.method, row.acceleration) == (method, self.rate)
            and (row.kind == "baseline" or row.n_images == n_images)
        ]


def transfer_section(*targets: Study) -> str:
    """Scores of every method on every target, differences, times and profiles."""
    name = targets[0].name
    columns = [
        Column(_label(study, rate, len(targets) > 1), study, rate)
        for study in targets
        for rate in study.found.accelerations
    ]
    profiles = (text for study in targets for text in _profiles(study, len(targets) > 1))
    return section(
        [
            f"## {TITLES[name]}",
            _command(targets),
            WHAT[name],
            "PSNR in dB, SSIM, and RMSE in % of the peak; means over people:",
            scores_table(columns),
            "Paired differences of PSNR in dB on the same slices:",
            _differences(columns),
            *_verdicts(columns),
            _times(columns),
            *profiles,
            report_link(targets[0]),
        ]
    )


def _label(study: Study, rate: float, is_one_of_several: bool) -> str:
    if not is_one_of_several:
        return f"R={rate:g}"
    several_rates = len(study.found.accelerations) > 1
    return f"{study.found.target}, R={rate:g}" if several_rates else study.found.target


def _command(targets: Sequence[Study]) -> str:
    first = targets[0]
    done = first.done
    state = "" if done.is_complete else f" {done.n_done} of {done.n_cells} cells are done so far."
    people = "; ".join(f"{s.found.target}: {', '.join(s.found.people)}" for s in targets)
    kinds = sorted({kind for study in targets for kind in study.found.provenances})
    return (
        f"`tlmri study docs/studies/{first.name}.toml --data DIR --out "
        f"docs/results/studies/{first.name}`. Scored: {people}. k-space: {', '.join(kinds)}; "
        f"{metrics.label(first.found.definition)}.{state}"
    )


# --- scores


def scores_table(columns: Sequence[Column]) -> str:
    """A line each method: baselines, then networks raw and tuned."""
    body = [
        [label, *(_score(column.rows((method, _count(column, is_tuned)))) for column in columns)]
        for label, method, is_tuned in _methods(columns)
    ]
    return table(["Method", *(column.label for column in columns)], [*_ceiling(columns), *body])


def _ceiling(columns: Sequence[Column]) -> list[list[str]]:
    """What an image without noise would score, where it is known."""
    known = json.loads(CHECKS.read_text(encoding="utf-8"))["noise_ceiling_db"]
    if any(column.study.found.target not in known for column in columns):
        return []
    return [["without noise", *(f"{known[column.study.found.target]:.2f}" for column in columns)]]


def _methods(columns: Sequence[Column]) -> Iterator[tuple[str, str, bool]]:
    """Label, method, and whether it is tuned, of every line."""
    found = columns[0].study.found
    for curve in found.baselines:
        if curve.acceleration == columns[0].rate:
            yield curve.label, curve.method, False
    seen: set[str] = set()
    for curve in found.networks:
        if curve.acceleration != columns[0].rate:
            continue
        is_first = curve.source not in seen and curve.points[0].n_images == 0
        if is_first and SCRATCH not in curve.source:
            yield f"{curve.source_label}, raw", curve.source, False
        seen.add(curve.source)
        yield f"{curve.label}, tuned", curve.method, True


def _count(column: Column, is_tuned: bool) -> int:
    return column.tuned_on if is_tuned else 0


def _score(rows: Sequence[Row]) -> str:
    if not rows:
        return "–"
    psnr, ssim, rmse = (
        _over_people(rows, value)
        for value in (
            lambda row: row.psnr_db,
            lambda row: row.ssim,
            lambda row: metrics.rmse_percent(row.psnr_db),
        )
    )
    return f"{psnr:.2f}, {ssim:.3f}, {rmse:.2f} %"


def _over_people(rows: Sequence[Row], value: Callable[[Row], float]) -> float:
    """Mean over people of each one's mean over slices of the mean over seeds."""
    people: dict[str, list[float]] = {}
    for (person, *_), group in by_slice(rows).items():
        people.setdefault(person, []).append(float(np.mean([value(row) for row in group])))
    return float(np.mean([np.mean(values) for values in people.values()]))


# --- differences


def gain_of(column: Column, better: Place, worse: Place) -> float | None:
    """Mean over people; None where one of the two is not there (yet)."""
    found = difference(column.study.done, better, worse, column.rate)
    return None if found is None else found.psnr_db.mean


def _differences(columns: Sequence[Column]) -> str:
    body = [
        [label, *(signed(gain) for gain in gains)]
        for label, gains in _lines(columns)
        if any(gain is not None for gain in gains)
    ]
    return table(["Difference", *(column.label for column in columns)], body)


def _lines(columns: Sequence[Column]) -> Iterator[tuple[str, list[float | None]]]:
    for method in (*UNET, *CASCADE):
        for label, other, is_tuned in (
            (f"{method} tuned − raw", method, False),
            (f"{method} tuned − {UNTRAINED[method]} tuned", UNTRAINED[method], True),
        ):
            yield label, _gains(columns, (method, True), (other, is_tuned))
    for baseline, label in columns[0].study.baselines.items():
        if baseline != "zf":
            yield (
                f"{UNET[0]} tuned − {label}",
                _gains(columns, (UNET[0], True), (baseline, False)),
            )
    for unet, cascade in zip(UNET, CASCADE, strict=True):
        yield f"{unet} tuned − {cascade} tuned", _gains(columns, (unet, True), (cascade, True))


def _gains(
    columns: Sequence[Column], better: tuple[str, bool], worse: tuple[str, bool]
) -> list[float | None]:
    return [
        gain_of(
            column,
            (better[0], _count(column, better[1])),
            (worse[0], _count(column, worse[1])),
        )
        for column in columns
    ]


def _verdicts(columns: Sequence[Column]) -> list[str]:
    """Whether tuning gains over the raw and over the untrained network, for every person."""
    lines = []
    for method in UNET:
        for other, worse in (
            ("its raw form", (method, False)),
            (
                "the same network from random weights, tuned on the same images",
                (UNTRAINED[method], True),
            ),
        ):
            gains = [
                (column.label, person, gain)
                for column in columns
                for person, gain in _people_gains(column, (method, True), worse).items()
            ]
            if gains:
                lines.append(f"`{method}`, tuned, is ahead of {other} {_where(gains)}.")
    return lines


def _people_gains(
    column: Column, better: tuple[str, bool], worse: tuple[str, bool]
) -> Mapping[str, float]:
    places = [(method, _count(column, is_tuned)) for method, is_tuned in (better, worse)]
    found = difference(column.study.done, places[0], places[1], column.rate)
    return {} if found is None else found.people_psnr_db


def _where(gains: Sequence[tuple[str, str, float]]) -> str:
    broken = [(label, person, gain) for label, person, gain in gains if round(gain, 2) <= 0]
    count = f"{len(gains)} scores of a person in a column, one seed, no interval"
    if not broken:
        return f"for every person in every column ({count})"
    listed = ", ".join(f"{label}: {person} {signed(gain)} dB" for label, person, gain in broken)
    return f"but **not** everywhere ({listed}; {count})"


# --- times and profiles


def _times(columns: Sequence[Column]) -> str:
    """How long tunings took, U-Nets and cascades."""
    times = read_times(columns[0].study.folder)

    def seconds(methods: Sequence[str]) -> float | None:
        cells = {
            row.cell
            for column in columns
            for method in methods
            for row in column.rows((method, column.tuned_on))
        }
        found = [times[cell][0] for cell in cells if cell in times]
        return float(np.mean(found)) if found else None

    unet, cascade = seconds(UNET), seconds(CASCADE)
    if unet is None or cascade is None:
        return ""
    return (
        f"With one thread a tuning took {unet:.0f} s for a U-Net and {cascade:.0f} s for a "
        f"cascade, the same number of steps: {cascade / unet:.1f} times as long."
    )


def _profiles(study: Study, is_one_of_several: bool) -> Iterator[str]:
    """The central line of one slice at each R, where the study drew it."""
    place = f"-{file_word(study.found.target)}" if is_one_of_several else ""
    rates = study.found.accelerations
    for rate in rates:
        stem = f"profile{place}" if len(rates) == 1 else f"profile-r{rate:g}{place}"
        if (study.folder / f"{stem}.png").exists():
            text = f"Central line profile, {study.found.target}, R={rate:g}"
            yield f"![{text}](results/studies/{study.name}/{stem}.png)"
