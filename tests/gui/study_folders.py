"""Folders of studies as a run leaves them, without the run."""

from __future__ import annotations

import json
import math

from core.studies.store import PLAN_NAME, SPEC_NAME
from core.studies.table import TABLE_NAME, Row, write_rows


def row(
    cell,
    method,
    n_images,
    person,
    psnr,
    kind="network",
    seed=1,
    validation=math.nan,
    target="mine",
    part="all",
):
    tuned = kind == "network" and n_images > 0
    return Row(
        cell=cell,
        target=target,
        kind=kind,
        method=method,
        label=method.replace("natural", "Natural images").replace("t1", "T1-weighted brain"),
        acceleration=4.0,
        n_images=n_images,
        seed=seed,
        supervision="full" if tuned else "none",
        person=person,
        scan=person,
        slice=1,
        definition="fastmri-volume",
        psnr_db=psnr,
        ssim=0.9,
        nmse=0.01,
        provenance="simulated from magnitude",
        validation_after_db=validation,
        checkpoint=f"{cell}.safetensors" if tuned else "",
        rmse=1e4 / psnr,
        trainable=part,
    )


TRANSFER = """
name = "Transfer"

[[target]]
name = "3 T"
domain = "phantom"

[[target]]
name = "7 T"
domain = "phantom"
field_t = 7.0
slices_per_scan = 3
n_images = [0, 1]

[[target]]
name = "0.5 T"
domain = "phantom"
field_t = 0.5

[grid]
sources = ["natural", "training-size/natural-500"]
accelerations = [4]
n_images = [0, 1, 2]
trainable = ["all", "last block"]
"""


def transfer_folder(folder):
    """One of the command line that was stopped: of one target of three nothing is done."""
    folder.mkdir()
    (folder / SPEC_NAME).write_text(TRANSFER)
    rows = []
    for target, shift in (("3 T", 0.0), ("7 T", -4.0)):
        rows += [
            row(f"{target}0", "natural", 0, "p", 35.0 + shift, target=target),
            row(f"{target}1", "natural", 1, "p", 38.0 + shift, target=target),
        ]
    part = "natural, last block"
    rows.append(row("part", part, 1, "p", 37.0, target="3 T", part="last block"))
    write_rows(folder / TABLE_NAME, rows)
    cells = dict.fromkeys([*(row.cell for row in rows), "to come", "and more"], "")
    document = {"format": 1, "name": "Transfer", "native": "", "cells": cells, "versions": {}}
    (folder / PLAN_NAME).write_text(json.dumps(document))
    return folder
