"""How good and how quick the tuning presets are, judged on the `val` people.

    python docs/results/tuning_presets.py --data DIR

The network of natural images is tuned on ten slices of the T1 `tune` people by the default
preset, by the same for four times as long (its plateau), and by the paper's. Writes
``tuning_presets.json``.
"""

from __future__ import annotations

import argparse
import json
import tempfile
from dataclasses import asdict, replace
from pathlib import Path
from typing import Any

from people import ACCELERATION, people, val_psnr

from core.checkpoints import find
from core.progress import no_progress
from core.training.finetune import choose_images, finetune, tuning_request
from core.training.settings import TUNE_PRESETS, TuneSettings

HERE = Path(__file__).parent
RUNS = {
    "fast": TUNE_PRESETS["fast"],
    "fast, four times as long": replace(TUNE_PRESETS["fast"], epochs=80),
    "paper": TUNE_PRESETS["paper"],
}


def run(data: Path, settings: TuneSettings, output: Path) -> dict[str, Any]:
    """Tune by one preset; its time, its own validation and the `val` people's score."""
    refs = choose_images(
        people(data, "t1", "tune"), settings.n_images, settings.n_validation, settings.seed
    )
    result = finetune(
        tuning_request(find("natural", ACCELERATION).path, *refs, settings, output), no_progress
    )
    return {
        "settings": asdict(settings),
        "seconds": result.seconds,
        "own_validation_db": result.best_psnr_db,
        "val_people_db": val_psnr(data, "t1", f"net:{output}"),
    }


def main() -> None:
    """Run every preset and write ``tuning_presets.json``."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--data", type=Path, required=True, help="folder with splits.json")
    data = parser.parse_args().data
    result: dict[str, Any] = {"raw": {"val_people_db": val_psnr(data, "t1", "net:natural")}}
    with tempfile.TemporaryDirectory() as folder:
        for name, settings in RUNS.items():
            result[name] = run(data, settings, Path(folder) / "tuned.safetensors")
    (HERE / "tuning_presets.json").write_text(json.dumps(result, indent=1), encoding="utf-8")


if __name__ == "__main__":
    main()
