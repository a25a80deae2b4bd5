"""Ways of fine-tuning compared, most of them at equal cost, judged on the `val` people.

    python docs/results/tuning_choices.py --data DIR [--only CELL ...]

The network of natural images at R=4 is tuned on slices of the `tune` people of a contrast and
scored on its `val` people. A choice's cost is the number of pixels that its steps take, in slices
of 256 x 256 (those of T1 are about that size, those of T2 twice as large). Each cell goes to
``tuning_choices.json`` as it is done; cells that stand there are not run again.
"""

from __future__ import annotations

import argparse
import json
import tempfile
import time
from collections.abc import Iterator, Sequence
from dataclasses import asdict, dataclass, replace
from pathlib import Path
from typing import Any

import numpy as np
from people import people, val_psnr

from core.atomic import write_bytes
from core.checkpoints import find
from core.progress import no_progress
from core.training.finetune import ImageRef, TrainingPoint, choose_images, finetune, tuning_request
from core.training.memory import keep_freed_memory
from core.training.settings import TUNE_PRESETS, TuneSettings

FILE = Path(__file__).with_suffix(".json")
SLICE = 256**2
PARENT = "natural-r4"

WHOLE = TuneSettings(
    length=100, learning_rate=3e-4, augment="flips", crop=0, batch=1, ema=0, validation_rounds=5
)
"""A slice a step: the default of old, half as long."""

CROPS = replace(WHOLE, crop=192, length=178)
"""The same cost in crops."""

QUICK = replace(CROPS, learning_rate=1e-3)

CHOICES: dict[str, TuneSettings] = {
    "whole slices": WHOLE,
    "crops of 192": CROPS,
    "crops of 128": replace(CROPS, crop=128, length=400),
    "crops of 192, intensity 0.3": replace(CROPS, intensity_jitter=0.3),
    "crops of 192, rate 1e-3": QUICK,
    "crops of 192, rate 2e-3": replace(QUICK, learning_rate=2e-3),
    "whole slices, rate 1e-3": replace(WHOLE, learning_rate=1e-3),
    "crops of 128, rate 1e-3": replace(QUICK, crop=128, length=400),
    "rate 1e-3, turns": replace(QUICK, augment="turns"),
    "rate 1e-3, rotations": replace(QUICK, augment="rotations"),
    "rate 1e-3, L2 to the source 1e-2": replace(QUICK, l2_source=1e-2),
    "rate 1e-3, moving average 0.98": replace(QUICK, ema=0.98),
    "rate 1e-3, cosine": replace(QUICK, schedule="cosine"),
    "rate 1e-3, constant, moving average 0.98": replace(QUICK, schedule="constant", ema=0.98),
    "rate 1e-3, all but the first block": replace(QUICK, trainable="all but first block"),
    "rate 1e-3, last block": replace(QUICK, trainable="last block"),
    "rate 1e-3, gradients to norm 0.1": replace(QUICK, clip=0.1),
    "rate 1e-3, 2 crops a step": replace(QUICK, batch=2, length=89),
    "fast": TUNE_PRESETS["fast"],
    "undersampled alone": replace(WHOLE, learning_rate=1e-3, supervision="self"),
    "thorough": TUNE_PRESETS["thorough"],
    "paper": TUNE_PRESETS["paper"],
}


@dataclass(frozen=True)
class Trial:
    """One tuning: contrast, number of images, choice."""

    target: str
    n_images: int
    choice: str

    @property
    def key(self) -> str:
        """Its name in the file."""
        return f"{self.target}, {self.n_images} images, {self.choice}"

    @property
    def settings(self) -> TuneSettings:
        """All settings."""
        return replace(CHOICES[self.choice], n_images=self.n_images)


def trials() -> Iterator[Trial]:
    """All of them, the most telling first."""
    for choice in CHOICES:
        for target in ("t1", "t2"):
            yield Trial(target, 10, choice)
    for n_images in (1, 2, 5):
        yield Trial("t1", n_images, "fast")
    for choice in ("crops of 192, rate 1e-3", "rate 1e-3, rotations"):
        yield Trial("t1", 1, choice)


def cost(settings: TuneSettings, refs: Sequence[ImageRef]) -> float:
    """What the steps take, in slices of 256 x 256."""
    whole = float(np.mean([np.prod(ref.scan.slice_shape) for ref in refs]))
    pixels = settings.crop**2 or whole
    return settings.n_steps(len(refs)) * settings.batch * pixels / SLICE


def run(trial: Trial, data: Path, folder: Path) -> dict[str, Any]:
    """Tune, and score the `val` people."""
    settings, output = trial.settings, folder / "tuned.safetensors"
    refs = choose_images(
        people(data, trial.target, "tune"), settings.n_images, settings.n_validation, settings.seed
    )
    request = tuning_request(find(PARENT).path, *refs, settings, output)
    start = time.process_time()
    points: list[TrainingPoint] = []
    result = finetune(request, no_progress, points.append)
    return {
        **asdict(trial),
        "settings": asdict(settings),
        "cost_slices": round(cost(settings, refs[0]), 1),
        "cpu_seconds": time.process_time() - start,
        "steps": result.steps,
        "best_step": result.best_step,
        "measure": result.measure,
        "own_validation_db": [[p.step, round(p.validation_psnr_db, 3)] for p in points],
        "val_people_db": val_psnr(data, trial.target, f"net:{output}"),
    }


def main() -> None:
    """Run what is missing."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--data", type=Path, required=True, help="folder with splits.json")
    parser.add_argument("--only", nargs="+", metavar="CELL", help="names as in the file")
    args = parser.parse_args()
    keep_freed_memory()
    done: dict[str, Any] = json.loads(FILE.read_text(encoding="utf-8")) if FILE.exists() else {}
    with tempfile.TemporaryDirectory() as folder:
        for target in ("t1", "t2"):
            if f"{target}, raw" not in done:
                raw = val_psnr(args.data, target, f"net:{PARENT}")
                done[f"{target}, raw"] = {"target": target, "val_people_db": raw}
        for trial in trials():
            if trial.key not in done and trial.key in (args.only or [trial.key]):
                done[trial.key] = run(trial, args.data, Path(folder))
                write_bytes(FILE, json.dumps(done, indent=1).encode())


if __name__ == "__main__":
    main()
