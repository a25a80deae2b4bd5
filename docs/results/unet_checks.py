"""Two measurements that the transfer sections rest on, written to ``unet_checks.json``.

python docs/results/unet_checks.py --data DIR

1. Raw U-Nets and cascades on whole slices of the `val` people, and on squares cut out of them that
   are as large as the crops that the U-Nets were trained on.
2. What the noise of each field strength leaves possible: the PSNR of a digital brain without noise
   against the reference of the study, which has the noise of its field.
"""

from __future__ import annotations

import argparse
import json
from dataclasses import replace
from pathlib import Path
from typing import Any

import numpy as np
from people import ACCELERATION, people, scored_slices

from core import metrics
from core.atomic import write_bytes
from core.masks import make_mask
from core.phantom import FIELDS_T, magnitude_scan, make_brain
from core.pipeline import choose_method, compare
from core.studies.people import FIRST_PHANTOMS
from core.studies.selection import scored_slices as spread_slices
from core.training.settings import TRAIN_PRESETS
from core.types import Scan

FILE = Path(__file__).parent / "unet_checks.json"
NETWORKS = ("unet-t1", "unet-natural", "t1", "natural")
SLICES_PER_SCAN = 8
"""As in transfer-field.toml."""


def cropped(scan: Scan, size: int) -> Scan:
    """The middle square of every slice."""
    assert scan.magnitude is not None
    top, left = ((n - size) // 2 for n in scan.slice_shape)
    middle = scan.magnitude[:, top : top + size, left : left + size]
    return replace(scan, magnitude=np.ascontiguousarray(middle), grid=None)


def raw_psnr(scan: Scan, network: str) -> float:
    """Mean PSNR of an untuned network over the scored slices."""
    mask = make_mask("poisson", scan.slice_shape, ACCELERATION, seed=1)
    done = compare(scan, scored_slices(scan), mask, [choose_method(f"net:{network}")])
    return float(np.mean([each.score.psnr_db for each in done]))


def whole_and_cropped(data: Path) -> dict[str, Any]:
    """PSNR by domain, then by ``whole`` or the size of the square, then by network."""
    size = TRAIN_PRESETS["unet"].crop
    found: dict[str, Any] = {}
    for domain in ("t1", "t2"):
        [scan] = people(data, domain, "val")
        for name, each in (("whole", scan), (str(size), cropped(scan, size))):
            scores = {network: round(raw_psnr(each, network), 3) for network in NETWORKS}
            found.setdefault(domain, {})[name] = scores
    return found


def noise_ceiling(field_t: float) -> float:
    """Mean PSNR of the scored phantoms without noise against themselves with it."""
    first, count = FIRST_PHANTOMS["test"]
    scores = []
    for seed in range(first, first + count):
        brain = make_brain(seed, field_t=field_t)
        noisy, clean = (
            magnitude_scan(brain, seed=seed),
            magnitude_scan(brain, seed=seed, noise=0.0),
        )
        assert noisy.magnitude is not None
        assert clean.magnitude is not None
        volume_max = float(noisy.magnitude.max())
        scores += [
            metrics.psnr(metrics.DEFAULT, noisy.magnitude[i], clean.magnitude[i], volume_max)
            for i in spread_slices(noisy, SLICES_PER_SCAN)
        ]
    return float(np.mean(scores))


def main() -> None:
    """Measure and write."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--data", type=Path, required=True, help="folder with splits.json")
    args = parser.parse_args()
    found = {
        "whole_and_cropped_db": whole_and_cropped(args.data),
        "noise_ceiling_db": {f"{f:g} T": round(noise_ceiling(f), 2) for f in FIELDS_T},
    }
    write_bytes(FILE, (json.dumps(found, indent=1) + "\n").encode())


if __name__ == "__main__":
    main()
