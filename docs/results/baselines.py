"""The baselines at every acceleration, tuned on `tune` people and scored on `val` people.

    python docs/results/baselines.py --data DIR

Three kinds of cell: settings tuned for one contrast; scores of the `val` people with them; and
compressed sensing beside BART's ``pics`` on one slice, both tuned on it. Each cell is written to
``baselines.json`` beside this file as it ends, and one that is there is not run again.
"""

from __future__ import annotations

import argparse
import json
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from functools import cache, partial
from pathlib import Path
from typing import Any

import bart
import numpy as np
import torch
from people import people, scored_slices
from tqdm import tqdm

from core.atomic import write_bytes
from core.masks import make_mask
from core.params import settings_of
from core.pipeline import MethodChoice, choose_method, compare, undersample
from core.progress import Progress
from core.recon.tunable import TUNABLE, Candidate
from core.recon.tuning import WEIGHT, Tuned, tune, tuning_images
from core.recon.tv import TotalVariationParams
from core.recon.wavelet import WaveletParams
from core.types import Scan, Undersampled

DOMAINS = ("t1", "t2")
ACCELERATIONS = (4.0, 10.0, 2.0, 6.0, 8.0)
"""In the order of running: what says most comes first."""

METHODS = {"cs": WaveletParams, "tv": TotalVariationParams}
N_TUNING = 2
N_SCORED = 3
MASK_SEED = 1
BART_ITERATIONS = (200, 400)
OUTPUT = Path(__file__).with_suffix(".json")

Slices = tuple[tuple[Scan, int], ...]
Cell = Callable[[], dict[str, Any]]


@dataclass(frozen=True)
class Sources:
    """The slices of one data folder that the cells use."""

    data: Path

    def slices(self, domain: str, split: str, count: int) -> Slices:
        """So many slices with anatomy of all people of a split, spread evenly."""
        usable = [(scan, i) for scan in _people(self.data, domain, split) for i in _usable(scan)]
        return tuple(usable[(2 * i + 1) * len(usable) // (2 * count)] for i in range(count))


@cache
def _people(data: Path, domain: str, split: str) -> tuple[Scan, ...]:
    return people(data, domain, split)


@cache
def _usable(scan: Scan) -> Sequence[int]:
    return scored_slices(scan)


def record(tuned: Tuned) -> dict[str, Any]:
    """What a tuning found, as plain data."""
    return {
        "settings": {name: getattr(tuned.params, name) for name in settings_of(tuned.params)},
        "psnr_db": tuned.psnr_db,
        "remarks": list(tuned.remarks),
        "trials": _trials(tuned),
    }


def _trials(tuned: Tuned) -> dict[str, list[float]]:
    """Mean PSNR at every weight, in order of the readings."""
    found: dict[str, list[float]] = {}
    for trial in tuned.table:
        weight = f"{getattr(trial.params, WEIGHT):g}"
        found.setdefault(weight, []).append(round(trial.psnr_db, 3))
    return found


def tuned_cell(sources: Sources, method: str, domain: str, r: float) -> dict[str, Any]:
    """Settings of a method for one contrast at one acceleration."""
    slices = sources.slices(domain, "tune", N_TUNING)
    return record(tune(method, tuning_images(slices, r)))


def scored_cell(sources: Sources, domain: str, r: float, done: dict[str, Any]) -> dict[str, Any]:
    """The `val` people by every baseline, with the settings that were found."""
    methods = {"zf": choose_method("zf"), "cs-default": choose_method("cs")}
    for method in METHODS:
        methods[method] = _with_settings(method, done[f"tuned {method} {domain} R={r:g}"])
    rows = []
    for scan, index in sources.slices(domain, "val", N_SCORED):
        mask = make_mask("poisson", scan.slice_shape, r, seed=MASK_SEED)
        for name, method in methods.items():
            for comparison in compare(scan, [index], mask, [method]):
                score = comparison.score
                row = {"method": name, "person": scan.name, "slice": index}
                rows.append({**row, "psnr_db": score.psnr_db, "ssim": score.ssim})
                rows[-1]["seconds"] = comparison.recon.seconds
    return {"definition": score.definition, "rows": rows}


def _with_settings(method: str, found: dict[str, Any]) -> MethodChoice:
    params = METHODS[method](**found["settings"])
    return MethodChoice(method, method, method, params)


@TUNABLE.register("bart", "BART pics")
def bart_candidates(
    undersampled: Undersampled, params: WaveletParams, progress: Progress
) -> Iterator[Candidate]:
    """BART's image after each of :data:`BART_ITERATIONS`, a run each."""
    for n in BART_ITERATIONS:
        progress(0.0, "BART")
        image = bart.pics(undersampled, bart.WAVELET, params.reg_weight, n)
        found = WaveletParams(reg_weight=params.reg_weight, n_iterations=n, wavelet="db2")
        yield Candidate(found, torch.from_numpy(np.abs(image)))


def bart_cell(sources: Sources, domain: str, r: float) -> dict[str, Any]:
    """One `val` slice by BART and by compressed sensing, each tuned on it."""
    ((scan, index),) = sources.slices(domain, "val", 1)
    mask = make_mask("poisson", scan.slice_shape, r, seed=MASK_SEED)
    images = [undersample(scan, index, mask)]
    found = {
        "cs": tune("cs", images),
        "cs-fixed": tune("cs", images, base=WaveletParams(shifts="none")),
    }
    # BART takes longer: its search begins where ours ended.
    found["bart"] = tune("bart", images, base=found["cs"].params)
    named = {name: record(tuned) for name, tuned in found.items()}
    return {"person": scan.name, "slice": index, "bart": bart.version(), "methods": named}


def cells(sources: Sources, done: dict[str, Any]) -> Iterator[tuple[str, Cell]]:
    """Every cell by name, in an order in which each finds what it needs done."""
    for r in ACCELERATIONS:
        for domain in DOMAINS:
            if bart.is_installed():
                yield f"bart {domain} R={r:g}", partial(bart_cell, sources, domain, r)
            for method in METHODS:
                name = f"tuned {method} {domain} R={r:g}"
                yield name, partial(tuned_cell, sources, method, domain, r)
            yield f"scored {domain} R={r:g}", partial(scored_cell, sources, domain, r, done)


def main() -> None:
    """Run what is not done yet."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--data", type=Path, required=True, help="folder with splits.json")
    sources = Sources(parser.parse_args().data)
    done = json.loads(OUTPUT.read_text(encoding="utf-8")) if OUTPUT.exists() else {}
    for name, cell in tqdm(list(cells(sources, done))):
        if name not in done:
            done[name] = cell()
            write_bytes(OUTPUT, json.dumps(done, indent=1).encode())


if __name__ == "__main__":
    main()
