"""The main job on real scans: tune on the `tune` people, score the `test` people.

    python docs/results/main_job.py --data DIR

For T1 and T2 at R=4: zero filling, compressed sensing by the paper's settings and tuned, the
network of natural images raw and tuned on ten slices, and the native one likewise. Writes
``main_job.json`` beside this file; ``page.py`` makes the page from it.
"""

from __future__ import annotations

import argparse
import json
import tempfile
import time
from collections.abc import Iterable, Sequence
from dataclasses import asdict
from pathlib import Path
from typing import Any

from people import people, scored_slices
from tqdm import tqdm

from core.checkpoints import find
from core.masks import make_mask
from core.pipeline import Comparison, MethodChoice, choose_method, compare
from core.progress import no_progress
from core.recon.tuning import tune, tuning_images
from core.recon.wavelet import PRESETS, WaveletParams
from core.training.finetune import ImageRef, choose_images, finetune, tuning_request
from core.training.settings import TUNE_PRESETS
from core.types import Scan

TARGETS = {"t1": "T1-weighted", "t2": "T2-weighted"}
ACCELERATION = 4.0
MASK_SEED = 1
HERE = Path(__file__).parent


def compressed_sensing(
    refs: Sequence[ImageRef], image_values: str, label: str
) -> tuple[MethodChoice, dict[str, Any]]:
    """Compressed sensing with weight and iterations chosen on the tuning images."""
    start = time.perf_counter()
    images = tuning_images([(ref.scan, ref.slice_index) for ref in refs], ACCELERATION)
    params = tune("cs", images, base=WaveletParams(image_values=image_values)).params
    assert isinstance(params, WaveletParams)
    record = {
        "reg_weight": params.reg_weight,
        "n_iterations": params.n_iterations,
        "seconds": time.perf_counter() - start,
    }
    return MethodChoice(f"cs-{image_values}", label, "cs", params), record


def papers_compressed_sensing(target: str) -> MethodChoice:
    """Compressed sensing with the paper's weight and iterations, and its fixed wavelet grid."""
    params = PRESETS[f"paper-{target}"]
    return MethodChoice("cs-paper", "CS, the paper's settings", "cs", params)


def tuned_network(
    source: str, refs: tuple[Sequence[ImageRef], Sequence[ImageRef]], folder: Path
) -> tuple[MethodChoice, dict[str, Any]]:
    """The network of a source domain, tuned by the default preset."""
    output = folder / f"{source}-tuned.safetensors"
    request = tuning_request(find(source, ACCELERATION).path, *refs, TUNE_PRESETS["fast"], output)
    result = finetune(request, no_progress)
    return choose_method(f"net:{output}"), {k: v for k, v in asdict(result).items() if k != "path"}


def row(target: str, key: str, label: str, comparison: Comparison) -> dict[str, Any]:
    """One scored image as plain data."""
    recon, score = comparison.recon, comparison.score
    return {
        "target": target,
        "person": recon.source.scan.name,
        "slice": recon.source.slice_index,
        "method": key,
        "label": label,
        "psnr_db": score.psnr_db,
        "ssim": score.ssim,
        "nmse": score.nmse,
        "seconds": recon.seconds,
        "definition": score.definition,
    }


def score_people(
    target: str, scans: Iterable[Scan], methods: Sequence[tuple[str, str, MethodChoice]]
) -> list[dict[str, Any]]:
    """Every scored slice of every person by every method."""
    rows = []
    for scan in scans:
        slices = scored_slices(scan)
        mask = make_mask("poisson", scan.slice_shape, ACCELERATION, seed=MASK_SEED)
        for key, label, method in methods:
            done = compare(scan, slices, mask, [method])
            for comparison in tqdm(done, f"{scan.name} {key}", len(slices), leave=False):
                rows.append(row(target, key, label, comparison))
    return rows


def run_target(target: str, data: Path, folder: Path) -> dict[str, Any]:
    """Tune on the `tune` people of one contrast and score its `test` people."""
    settings = TUNE_PRESETS["fast"]
    refs = choose_images(
        people(data, target, "tune"), settings.n_images, settings.n_validation, settings.seed
    )
    cs, cs_record = compressed_sensing(refs[0], "complex", "CS, tuned")
    cs_real, cs_real_record = compressed_sensing(refs[0], "real", "CS, tuned, real image")
    natural, natural_record = tuned_network("natural", refs, folder)
    native, native_record = tuned_network(target, refs, folder)
    name = TARGETS[target].split("-")[0]
    methods = [
        ("zf", "Zero-filled", choose_method("zf")),
        ("cs-paper", "CS, the paper's settings", papers_compressed_sensing(target)),
        ("cs", cs.label, cs),
        ("cs-real", cs_real.label, cs_real),
        ("natural", "Natural, raw", choose_method("net:natural")),
        ("natural-tuned", "Natural, tuned", natural),
        ("native", f"{name}, raw", choose_method(f"net:{target}")),
        ("native-tuned", f"{name}, tuned", native),
    ]
    return {
        "tuning_images": [ref.label for ref in refs[0]],
        "validation_images": [ref.label for ref in refs[1]],
        "compressed_sensing": {"complex": cs_record, "real": cs_real_record},
        "tuning": {"natural": natural_record, target: native_record},
        "rows": score_people(target, people(data, target, "test"), methods),
    }


def main() -> None:
    """Run both contrasts and write ``main_job.json``."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--data", type=Path, required=True, help="folder with splits.json")
    data = parser.parse_args().data
    with tempfile.TemporaryDirectory() as folder:
        result = {target: run_target(target, data, Path(folder)) for target in TARGETS}
    (HERE / "main_job.json").write_text(json.dumps(result, indent=1), encoding="utf-8")


if __name__ == "__main__":
    main()
