"""The section on several coils: networks on all of them beside parallel imaging (Table 2)."""

from __future__ import annotations

from paper import TABLE_2
from study import (
    SOURCE,
    Place,
    Study,
    each_person,
    figure,
    images,
    mean,
    over_those,
    report_link,
    section,
    signed,
    what,
)
from study_tables import TUNED_ON, scores_table
from tables import table

SPIRIT = "spirit-paper"
"""SPIRiT by the paper's settings, which its Table 2 compares with."""

CAVEATS = {
    "multicoil": (
        "The scan's k-space and coils are measured. It is one slice, so tuning was on other people "
        "with simulated coils. One choice was partly prompted by this scan: networks "
        "in the making left errors at its scalp, and training has since simulated a phase that "
        "differs between fat and water. So it is not wholly unseen; nothing else was chosen on it."
    )
}
"""By target: what a reader must know of the numbers."""


def multi_coil_section(study: Study) -> str:
    """Scores, and differences beside the paper's."""
    return section(
        [
            f"## Several coils: {study.title}",
            f"{what(study)} Networks work on all coils, with calibration consistency; tuned on "
            f"{images(TUNED_ON)} of the `tune` people.",
            CAVEATS.get(study.found.target, ""),
            figure(study, "psnr", "PSNR against number of tuning images"),
            "PSNR in dB, mean over people ± standard deviation over slices, and SSIM:",
            scores_table(study),
            "Paired differences on the same slices, and those of the paper's Table 2, whose coils "
            "are real:",
            _differences(study),
            _verdict(study),
            report_link(study),
        ]
    )


def _lines(study: Study) -> list[tuple[str, Place, Place, list[float | None]]]:
    """What is compared, and the paper's differences at each R."""
    native, tuned = study.found.native, (SOURCE, TUNED_ON)
    paper = [TABLE_2.get(rate) for rate in study.found.accelerations]

    def of(better: str, worse: str) -> list[float | None]:
        return [
            None if row is None else getattr(row, better) - getattr(row, worse) for row in paper
        ]

    unknown = [None] * len(paper)
    lines = [
        (
            f"{SOURCE} − {native}, both raw",
            (SOURCE, 0),
            (native, 0),
            of("natural_raw_db", "native_db"),
        ),
        (
            f"{SOURCE} − {native}, both {images(TUNED_ON)}",
            tuned,
            (native, TUNED_ON),
            of("natural_tuned_db", "native_db"),
        ),
        (
            f"{SOURCE} raw − {study.baselines.get(SPIRIT, SPIRIT)}",
            (SOURCE, 0),
            (SPIRIT, 0),
            of("natural_raw_db", "spirit_db"),
        ),
        (
            f"{native} raw − {study.baselines.get(SPIRIT, SPIRIT)}",
            (native, 0),
            (SPIRIT, 0),
            of("native_db", "spirit_db"),
        ),
    ]
    return lines + [
        (
            f"{SOURCE}, {images(TUNED_ON)} − {label}",
            tuned,
            (method, 0),
            of("natural_tuned_db", "spirit_db") if method == SPIRIT else unknown,
        )
        for method, label in study.baselines.items()
    ]


def _differences(study: Study) -> str:
    """Ours at each R with the paper's in brackets, their means over R, and each person's."""
    people = study.found.people
    body = []
    for label, better, worse, paper in _lines(study):
        found = study.by_rate(better, worse)
        over = over_those(found)
        ours = [*(None if d is None else d.psnr_db.mean for d in found)]
        ours.append(None if over is None else over.psnr_db.mean)
        cells = map(_cell, ours, [*paper, mean(paper)])
        per_person = {} if over is None else over.people_psnr_db
        body.append([label, *cells, *(signed(per_person.get(person)) for person in people)])
    rates = [f"R={rate:g}" for rate in study.found.accelerations]
    return table(["Difference, dB (paper)", *rates, "mean over R", *people], body)


def _cell(ours: float | None, paper: float | None) -> str:
    return signed(ours) if paper is None else f"{signed(ours)} ({signed(paper)})"


def _verdict(study: Study) -> str:
    """Against the strongest of the methods without a network, which the paper has not all of."""
    tuned = (SOURCE, TUNED_ON)
    leads = {
        label: over
        for method, label in study.baselines.items()
        if (over := over_those(study.by_rate(tuned, (method, 0)))) is not None
    }
    if not leads:
        return "Not known yet."
    label, least = min(leads.items(), key=lambda item: item[1].psnr_db.mean)
    return (
        f"The strongest method without a network is {label}: against it the natural-image network "
        f"tuned on {images(TUNED_ON)} stands at {signed(least.psnr_db.mean)} dB "
        f"({each_person(least)})."
    )
