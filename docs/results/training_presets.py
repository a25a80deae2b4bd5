"""The training presets side by side, at equal time on the machine at hand.

    python docs/results/training_presets.py --data DIR

The shipped network of natural images (preset ``fast``) against the paper's recipe stopped after
about as long, both untuned on the `val` people. Writes ``training_presets.json``; the paper's
recipe is not run again where it stands there.
"""

from __future__ import annotations

import argparse
import json
import tempfile
import time
from dataclasses import replace
from pathlib import Path
from typing import Any

from people import ACCELERATION, val_psnr

from core import devices
from core.checkpoints import find
from core.progress import no_progress
from core.training.pretrain import pretrain
from core.training.settings import TRAIN_PRESETS

FILE = Path(__file__).with_suffix(".json")
PAPER = TRAIN_PRESETS["paper"]


def val_scores(data: Path, method_name: str) -> dict[str, float]:
    """Mean PSNR on each contrast's `val` people."""
    return {target: val_psnr(data, target, method_name) for target in ("t1", "t2")}


def run_paper(data: Path, steps: int, output: Path) -> dict[str, Any]:
    """The paper's recipe with fewer steps."""
    start = time.perf_counter()
    settings = replace(PAPER, steps_per_subnetwork=steps)
    pretrain("natural", data, settings, output, devices.resolve("auto"), no_progress)
    return {
        "steps_per_subnetwork": steps,
        "full_steps_per_subnetwork": PAPER.steps_per_subnetwork,
        "seconds": time.perf_counter() - start,
        "val_psnr_db": val_scores(data, f"net:{output}"),
    }


def main() -> None:
    """Train, score and write ``training_presets.json``."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--data", type=Path, required=True, help="folder with splits.json")
    parser.add_argument("--steps", type=int, default=30, help="of the paper's, a sub-network")
    args = parser.parse_args()
    shipped = find("natural", ACCELERATION)
    paper = json.loads(FILE.read_text(encoding="utf-8"))["paper"] if FILE.exists() else None
    if paper is None:
        with tempfile.TemporaryDirectory() as folder:
            paper = run_paper(args.data, args.steps, Path(folder) / "paper.safetensors")
    result = {
        "fast": {
            "seconds": shipped.config["provenance"]["training_seconds"],
            "val_psnr_db": val_scores(args.data, "net:natural"),
        },
        "paper": paper,
    }
    FILE.write_text(json.dumps(result, indent=1), encoding="utf-8")


if __name__ == "__main__":
    main()
