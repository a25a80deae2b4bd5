"""The sections on tuning a part of a network alone."""

from __future__ import annotations

import torch
from study import Study, images, report_link, section, signed, what
from study_tables import TUNED_ON
from study_transfer import Column, gain_of
from tables import table

from core import checkpoints
from core.networks import NETWORKS, files
from core.studies.curves import Curve
from core.training.part_names import PARTS
from core.training.parts import parameters_of


def layers_section(study: Study) -> str:
    """Scores by the layers that may change."""
    [rate] = study.found.accelerations
    column = Column("", study, rate)
    curves = study.found.networks
    info = checkpoints.find(curves[0].source, rate)
    label = NETWORKS[info.config["architecture"]].label
    raw = study.point(curves[0].method, 0, rate)
    body = []
    if raw is not None:
        body.append(["none (raw)", "0", f"{raw.psnr_db.mean:.2f}", f"{raw.ssim.mean:.4f}", "", ""])
    body += [_line(column, curve, info) for curve in curves]
    head = ["Layers that change", "weights", "PSNR, dB", "SSIM", "− raw, dB", "− all, dB"]
    return section(
        [
            f"## Which layers must be tuned? {label}, {study.title}",
            f"{what(study)} `{curves[0].source}`, tuned on {images(TUNED_ON)}.",
            table(head, body),
            report_link(study),
        ]
    )


def _line(column: Column, curve: Curve, info: checkpoints.CheckpointInfo) -> list[str]:
    """One part: how many weights it has, and what tuning it gives."""
    model = files.load(info.path, torch.device("cpu"))
    n_weights = sum(weight.numel() for weight in parameters_of(model, curve.trainable))
    tuned, end = (curve.method, TUNED_ON), curve.end
    return [
        PARTS[curve.trainable].label.lower(),
        f"{n_weights:,}",
        f"{end.psnr_db.mean:.2f}",
        f"{end.ssim.mean:.4f}",
        signed(gain_of(column, tuned, (curve.source, 0))),
        signed(gain_of(column, tuned, (curve.source, TUNED_ON))),
    ]
