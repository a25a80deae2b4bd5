"""Write ``docs/results.md`` from the JSON files beside this script.

python docs/results/page.py
"""

from __future__ import annotations

import json
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import choices
from baseline_tables import baselines_section
from fingerprinting import fingerprinting_section
from studies import studies_section
from tables import Rows, gain, mean_sd, select, table, unique

from core import metrics

HERE = Path(__file__).parent
NAMES = {"t1": "T1-weighted", "t2": "T2-weighted"}
PAPER_GAINS = {"t1": {"natural-tuned − natural": 1.8, "natural-tuned − cs-paper": 4.0}}
"""Dar et al., R=4, by contrast; theirs are other people, scanners and masks."""

BENCHMARKS = {
    "Networks, window and files": ("benchmarks.txt", ""),
    "Several coils": (
        "benchmarks_coils.txt",
        "The aims: maps as fast as BART's `ecalib`; CG-SENSE twice as fast as sigpy's and BART's; "
        "L1-ESPIRiT faster than both at equal error; L1-SPIRiT of 45 iterations in less than 1 s.",
    ),
}
"""What the commands for them printed, and what was aimed at, by the heading."""

HEAD = """# Results

Made by `docs/results/page.py` from the tables and JSON files in `docs/results/`; no figure here is
typed by hand. To make everything again:

    python docs/results/main_job.py --data DIR          # the main job
    for NAME in t1 t2 t1-thorough sources self-supervised multi-coil multi-coil-measured \\
        transfer-field transfer-anatomy transfer-acceleration transfer-coils equal-time \\
        layers layers-cascade; do
        tlmri study docs/studies/$NAME.toml --data DIR --out docs/results/studies/$NAME
    done
    python docs/results/tuning_choices.py --data DIR    # ways of fine-tuning
    python docs/results/baselines.py --data DIR         # compressed sensing, TV, BART
    python docs/results/training_presets.py --data DIR  # the training presets
    python docs/results/unet_checks.py --data DIR       # U-Nets on whole slices; noise of a field
    QT_QPA_PLATFORM=offscreen pytest -m benchmark -s -q \\
        tests/benchmarks/bench_{cascade,unet,training,gui_latency,io}.py \\
        | tee docs/results/benchmarks.txt
    OMP_NUM_THREADS=2 pytest -m benchmark -s -q \\
        tests/benchmarks/bench_{calibration,parallel_imaging,volume,busy}.py \\
        | grep -v -e '^[.]*$' -e passed | tee docs/results/benchmarks_coils.txt
    python docs/results/page.py                         # this page

`DIR` is a folder with `splits.json`. Nothing was chosen on the `test` people: networks were
trained on `train`, tuned on `tune`, and settings compared on `val`. Where a data set has no such
splits, its section says who was tuned on.
"""


def load(name: str) -> Any:  # noqa: ANN401 - JSON
    """One JSON file beside this script."""
    return json.loads((HERE / name).read_text(encoding="utf-8"))


def scores_table(rows: Rows) -> str:
    """Methods down, people across: PSNR and SSIM."""
    persons = unique(rows, "person")
    head = ["Method", *(f"{p} (n={len(unique(select(rows, person=p), 'slice'))})" for p in persons)]
    body = []
    for method in unique(rows, "method"):
        mine = select(rows, method=method)
        cells = []
        for p in persons:
            theirs = select(mine, person=p)
            cells.append(f"{mean_sd(theirs, 'psnr_db', 2)} dB, {mean_sd(theirs, 'ssim', 3)}")
        body.append([str(mine[0]["label"]), *cells])
    return table(head, body)


def gains_table(rows: Rows, paper_gains: Mapping[str, float]) -> str:
    """Differences that the paper's claim is made of, person by person; the paper's if known."""
    persons = unique(rows, "person")
    pairs = [
        ("natural-tuned", "natural"),
        ("natural-tuned", "cs-paper"),
        ("natural-tuned", "cs"),
        ("natural-tuned", "cs-real"),
        ("native", "natural"),
        ("native-tuned", "natural-tuned"),
    ]
    body = []
    for better, worse in pairs:
        key = f"{better} − {worse}"
        cells = [f"{gain(select(rows, person=p), better, worse):+.2f} dB" for p in persons]
        if paper_gains:
            cells.append(f"about {paper_gains[key]:+.1f} dB" if key in paper_gains else "")
        body.append([key, *cells])
    papers = ["Paper"] if paper_gains else []
    return table(["Difference in PSNR", *persons, *papers], body)


def order_sentence(rows: Rows) -> str:
    """Whether natural raw < natural tuned and CS < natural tuned hold for each person."""
    persons = unique(rows, "person")
    broken = [
        f"{person}: no higher than {worse}"
        for person in persons
        for worse in ("natural", "cs-paper", "cs")
        if gain(select(rows, person=person), "natural-tuned", worse) <= 0
    ]
    if broken:
        first = "The order does **not** hold for " + "; ".join(broken) + "."
    else:
        first = (
            "For every person the tuned network of natural images has a higher PSNR than its raw "
            "form, than the paper's compressed sensing and than the tuned one."
        )
    first += _by_ssim(rows)
    against_real = [gain(select(rows, person=p), "natural-tuned", "cs-real") for p in persons]
    listed = ", ".join(f"{g:+.2f} dB" for g in against_real)
    return (
        f"{first} These networks return a real image, as the paper's do, and compressed sensing "
        "as published does not know that. Told so too, it gains the mirror images of its samples "
        "(no measured scan grants them, and the network's data consistency does not use them): "
        f"against that the tuned network stands at {listed}."
    )


def _by_ssim(rows: Rows) -> str:
    """For whom SSIM says otherwise of tuned compressed sensing."""
    otherwise = [
        person
        for person in unique(rows, "person")
        if gain(select(rows, person=person), "natural-tuned", "cs", "ssim") <= 0
    ]
    return f" By SSIM tuned compressed sensing is ahead on {', '.join(otherwise)}." * any(otherwise)


def target_section(target: str, result: Mapping[str, Any]) -> str:
    """The main job of one contrast."""
    rows: Rows = result["rows"]
    cs, tuning = result["compressed_sensing"], result["tuning"]
    tuned = tuning["natural"]
    return "\n".join(
        [
            f"## The main job, {NAMES[target]}, R=4, single-coil simulated from magnitude",
            "",
            f"PSNR and SSIM, mean ± standard deviation over slices, under the definition "
            f"'{metrics.label(rows[0]['definition'])}'; variable-density Poisson-disc masks.",
            "",
            scores_table(rows),
            "",
            gains_table(rows, PAPER_GAINS.get(target, {})),
            "",
            order_sentence(rows),
            "",
            f"Tuned on {len(result['tuning_images'])} slices and validated on "
            f"{len(result['validation_images'])} others of the `tune` people in "
            f"{tuned['seconds']:.0f} s (natural images; validation {tuned['start_psnr_db']:.2f} "
            f"→ {tuned['best_psnr_db']:.2f} dB). Compressed sensing's weight and iterations were "
            f"chosen on the same slices, its wavelet grid shifted at random (the paper's grid is "
            f"fixed): {cs['complex']['reg_weight']:.2g} and "
            f"{cs['complex']['n_iterations']} (image complex), {cs['real']['reg_weight']:.2g} and "
            f"{cs['real']['n_iterations']} (image real, which is true only of simulated scans).",
        ]
    )


def training_section(result: Mapping[str, Any]) -> str:
    """Training presets side by side on the `val` people."""
    fast, paper = result["fast"], result["paper"]
    share = paper["steps_per_subnetwork"] / paper["full_steps_per_subnetwork"]
    body = [
        [
            name,
            f"{run['seconds'] / 60:.1f} min",
            f"{run['val_psnr_db']['t1']:.2f} dB",
            f"{run['val_psnr_db']['t2']:.2f} dB",
        ]
        for name, run in (("fast (shipped)", fast), (f"paper, first {share:.1%}", paper))
    ]
    return "\n".join(
        [
            "## Training presets",
            "",
            "Networks of natural images, untuned, on the `val` people. The paper's recipe was "
            f"stopped after {paper['steps_per_subnetwork']} of its "
            f"{paper['full_steps_per_subnetwork']} steps a sub-network; on this machine it would "
            f"take about {paper['seconds'] / share / 3600:.0f} hours.",
            "",
            table(["Preset", "Time, two cores", "T1 `val`", "T2 `val`"], body),
        ]
    )


def benchmarks_section(title: str, name: str, aims: str) -> str:
    """What a command printed, under what was aimed at."""
    printed = (HERE / name).read_text(encoding="utf-8").strip()
    return "\n\n".join(filter(None, (f"### {title}", aims, f"```text\n{printed}\n```")))


def main() -> None:
    """Write the page."""
    main_job = load("main_job.json")
    sections = [HEAD, *(target_section(t, r) for t, r in main_job.items())]
    sections.append(studies_section())
    sections.append(fingerprinting_section())
    sections.append(choices.section(load("tuning_choices.json")))
    sections.append(baselines_section(load("baselines.json")))
    sections.append(training_section(load("training_presets.json")))
    sections.append("## Benchmarks\n\nPrinted by the `pytest` commands above.")
    sections += [benchmarks_section(title, *what) for title, what in BENCHMARKS.items()]
    sections.append((HERE / "limits.md").read_text(encoding="utf-8"))
    text = "\n\n".join(section.strip() for section in sections if section) + "\n"
    (HERE.parent / "results.md").write_text(text, encoding="utf-8")


if __name__ == "__main__":
    main()
