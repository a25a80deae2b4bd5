"""The section on tuning for longer, and how near to the native network it brings others."""

from __future__ import annotations

from collections.abc import Sequence

from paper import AIM_BEHIND_DB, PAPER
from study import (
    SOURCE,
    Study,
    each_person,
    holds,
    images,
    mean,
    over_those,
    reached,
    read_study,
    report_link,
    section,
    signed,
    what,
)
from tables import table

from core.studies.differences import Difference
from core.training.settings import TUNE_PRESETS


def thorough_section(study: Study) -> str:
    """The presets beside each other, by R, where the study by the default preset is there."""
    default = read_study(study.folder.parent / study.found.target)
    if default is None or study.most == 0:
        return ""
    times = TUNE_PRESETS["thorough"].length / TUNE_PRESETS["fast"].length
    return section(
        [
            f"## Does it pay to tune for longer? {study.title}",
            f"{what(study)} The preset `thorough` takes {times:g} times the steps of the default, "
            "`fast`; images, slices and masks are the same.",
            f"PSNR in dB after tuning on {images(study.most)}:",
            _table(study, default),
            _verdict(study, default),
            report_link(study),
        ]
    )


def _behind(study: Study, n_images: int) -> list[Difference | None]:
    """The natural-image network less the native one at each R, tuned on the same images."""
    return study.by_rate((SOURCE, n_images), (study.found.native, n_images))


def _table(study: Study, default: Study) -> str:
    native, n_images = study.found.native, study.most
    columns = [
        [_mean_db(each, method, n_images, rate) for rate in study.found.accelerations]
        for method in (SOURCE, native)
        for each in (default, study)
    ]
    known = {each.acceleration: each for each in _behind(default, n_images) if each is not None}
    gaps = [known.get(rate) for rate in study.found.accelerations], _behind(study, n_images)
    columns += [[None if d is None else d.psnr_db.mean for d in each] for each in gaps]
    head = ["R", *(f"{m}, {p}" for m in (SOURCE, native) for p in ("fast", "thorough"))]
    head += [f"{SOURCE} − {native}, {p}" for p in ("fast", "thorough")]
    rates = [f"{rate:g}" for rate in study.found.accelerations]
    body = [[rate, *_cells([column[i] for column in columns])] for i, rate in enumerate(rates)]
    return table(head, [*body, ["mean", *_cells([mean(column) for column in columns])]])


def _cells(values: Sequence[float | None]) -> list[str]:
    """Four scores and two differences."""
    scores = ["–" if value is None else f"{value:.2f}" for value in values[:4]]
    return [*scores, *map(signed, values[4:])]


def _mean_db(study: Study, method: str, n_images: int, rate: float) -> float | None:
    point = study.point(method, n_images, rate)
    return None if point is None else point.psnr_db.mean


def _verdict(study: Study, default: Study) -> str:
    """What longer tuning gains, and how far behind the native network it then is."""
    n_images = study.most
    over = over_those(_behind(study, n_images))
    if over is None:
        return "Not known yet."
    bound = PAPER[study.found.target].behind[SOURCE].tuned_db
    short = -over.psnr_db.mean
    side = "below" if short > 0 else "above"
    gained = [_gained(study, default, method) for method in (SOURCE, study.found.native)]
    gains = ""
    if None not in gained:
        natural, native = map(signed, gained)
        gains = f"Longer tuning changes the natural-image network by {natural} dB and the native "
        gains += f"one by {native} dB. "
    return (
        f"{gains}So tuned, the natural-image network is {abs(short):.2f} dB {side} the native one "
        f"({each_person(over)}): the paper's {bound} dB {holds(short <= bound)}, the aim "
        f"of {AIM_BEHIND_DB} dB {reached(short <= AIM_BEHIND_DB)}."
    )


def _gained(study: Study, default: Study, method: str) -> float | None:
    """By the thorough preset over the default one, averaged over R."""
    changes = []
    for rate in study.found.accelerations:
        longer, usual = (_mean_db(each, method, study.most, rate) for each in (study, default))
        changes.append(None if longer is None or usual is None else longer - usual)
    return mean(changes)
