"""The people of `splits.json` as scans, and the slices that are scored."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

import numpy as np

from core.domains.mri import axial_scan
from core.domains.splits import read_split
from core.masks import make_mask
from core.pipeline import choose_method, compare
from core.studies.selection import usable_slices
from core.types import Scan

ACCELERATION = 4.0
"""R of the presets' comparisons."""

SLICE_STEP = 2
"""Every second slice with enough anatomy is scored."""


def people(data: Path, domain: str, split: str) -> tuple[Scan, ...]:
    """All people of one split of one domain."""
    return tuple(axial_scan(entry.path) for entry in read_split(data, domain, split))


def scored_slices(scan: Scan) -> Sequence[int]:
    """Slices with enough anatomy, every :data:`SLICE_STEP`-th of them."""
    return usable_slices(scan)[::SLICE_STEP]


def val_psnr(data: Path, domain: str, method_name: str) -> float:
    """Mean PSNR of a method over the scored slices of one domain's `val` people."""
    method = choose_method(method_name)
    scores = []
    for scan in people(data, domain, "val"):
        mask = make_mask("poisson", scan.slice_shape, ACCELERATION, seed=1)
        scores += [c.score.psnr_db for c in compare(scan, scored_slices(scan), mask, [method])]
    return float(np.mean(scores))
