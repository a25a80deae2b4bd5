"""The section on U-Net and cascade, tuned on the same images for the same time."""

from __future__ import annotations

import json

from study import Study, images, read_study, report_link, section, signed, what
from study_tables import TUNED_ON
from study_transfer import CASCADE, CHECKS, UNET, Column
from tables import table

from core.studies.differences import difference
from core.studies.store import read_times
from core.studies.table import StudyTable

OTHER = "t1"
"""The study that holds the cascades: the same people, slices, masks and tuning images."""


def equal_time_section(study: Study) -> str:
    """Both architectures raw and tuned, with the time of the tunings."""
    cascades = read_study(study.folder.parent / OTHER)
    [rate] = study.found.accelerations
    if cascades is None:
        return ""
    both = Study(study.folder, study.found, _joined(cascades, study, rate))
    columns = {
        **{method: Column(method, cascades, rate) for method in CASCADE},
        **{method: Column(method, study, rate) for method in UNET},
    }
    body = [_line(column, method) for method, column in columns.items()]
    differences = [
        [f"{unet} tuned − {cascade} tuned", signed(_gain(both, unet, cascade, rate))]
        for unet, cascade in zip(UNET, CASCADE, strict=True)
    ]
    return section(
        [
            f"## U-Net and cascade at equal tuning images and time, {study.title}",
            f"{what(study)} The U-Nets take more steps than the cascades of the study `{OTHER}`, "
            "so that both take about the same time: by the ratio that the study "
            "`transfer-acceleration` has in one run. People, slices, masks and the "
            f"{images(TUNED_ON)} are the same.",
            table(["Network", "raw, dB", "tuned, dB", "SSIM tuned", "tuning, s"], body),
            table(["Difference on the same slices", "dB"], differences),
            _sizes(),
            report_link(study),
        ]
    )


def _sizes() -> str:
    """What whole slices cost a U-Net that learnt from crops."""
    found = json.loads(CHECKS.read_text(encoding="utf-8"))["whole_and_cropped_db"]
    size = next(name for name in found["t1"] if name != "whole")
    gaps = [
        signed(found["t1"][name]["unet-t1"] - found["t1"][name]["t1"]) for name in ("whole", size)
    ]
    return (
        f"A U-Net takes mean and variance over the image, and learnt from squares of {size}. On "
        f"whole slices of the `val` person the raw T1 U-Net is {gaps[0]} dB from the raw T1 "
        f"cascade, on squares of {size} cut out of the same slices {gaps[1]} dB "
        "(`unet_checks.py`): a part of its lag is of the slices' size, and training on whole "
        "images, as in the recipe `gpu`, should mend it. Tuning takes whole images already."
    )


def _joined(one: Study, other: Study, rate: float) -> StudyTable:
    rows = tuple(
        row for study in (one, other) for row in study.done.rows if row.acceleration == rate
    )
    return StudyTable(rows, other.done.n_done, other.done.n_cells)


def _gain(both: Study, unet: str, cascade: str, rate: float) -> float | None:
    found = difference(both.done, (unet, TUNED_ON), (cascade, TUNED_ON), rate)
    return None if found is None else found.psnr_db.mean


def _line(column: Column, method: str) -> list[str]:
    study, rate = column.study, column.rate
    raw, tuned = (study.point(method, n, rate) for n in (0, TUNED_ON))
    times = read_times(study.folder)
    cells = {row.cell for row in column.rows((method, TUNED_ON))}
    seconds = [times[cell][0] for cell in cells if cell in times]
    return [
        method,
        "–" if raw is None else f"{raw.psnr_db.mean:.2f}",
        "–" if tuned is None else f"{tuned.psnr_db.mean:.2f}",
        "–" if tuned is None else f"{tuned.ssim.mean:.4f}",
        f"{sum(seconds) / len(seconds):.0f}" if seconds else "–",
    ]
