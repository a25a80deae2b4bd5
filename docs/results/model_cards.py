"""Write a model card beside each shipped checkpoint, from the checkpoint and ``main_job.json``.

python docs/results/model_cards.py
"""

from __future__ import annotations

import json
from pathlib import Path

from tables import Rows, mean_sd, select, table, unique

from core import metrics
from core.checkpoints import CheckpointInfo, file_hash, shipped

HERE = Path(__file__).parent

DATA = {
    "natural": "L channel of 974 ImageNet sample images and 126 of BSDS500 (the first 1000 of "
    "them), 256 x 256. Terms: non-commercial research.",
    "t1": "T1-weighted brain slices: 60 people of OpenNeuro ds002748 (3 T, skull-stripped, CC0) "
    "and two of open_ms_data (whole head, MS patients, CC-BY).",
    "t2": "T2-weighted brain slices: six volunteers of SIAT (magnitude of complex 3D FSE, 3 T, "
    "non-commercial), two of open_ms_data (CC-BY), and one each of the NiiVue demonstration "
    "images, BraTS-GLI and TCGA-LGG (CC BY 3.0).",
}

LIMITS = """- For single-coil images that are nearly real: the result is a magnitude image, and
  measured k-space is handled coil by coil with the phase of its fully sampled centre.
- Trained on k-space simulated from magnitude images. Real noise, phase and motion were not seen.
- For R = 4 and variable-density Poisson-disc sampling; tlmri says so when it is used otherwise.
- Not a medical device; not for diagnosis.
"""


def scores(info: CheckpointInfo, rows: Rows) -> str:
    """The raw network's scores on the test people."""
    key = {"natural": "natural"}.get(info.name, "native")
    mine = [r for r in select(rows, method=key) if key == "natural" or r["target"] == info.name]
    body = [
        [person, mean_sd(theirs, "psnr_db", 2), mean_sd(theirs, "ssim", 3)]
        for person in unique(mine, "person")
        for theirs in [select(mine, person=person)]
    ]
    definition = metrics.label(mine[0]["definition"])
    return f"Untuned, on the `test` people, under '{definition}':\n\n" + table(
        ["Person", "PSNR (dB)", "SSIM"], body
    )


def card(info: CheckpointInfo, rows: Rows) -> str:
    """One model card."""
    provenance = info.config["provenance"]
    recipe = "\n".join(f"- {name}: {value}" for name, value in provenance["recipe"].items())
    groups = ", ".join(f"{n} of {name}" for name, n in provenance["images"].items())
    return f"""# {info.label}

Cascade of five residual sub-networks with data consistency, for R = {info.acceleration:g},
single coil. File `{info.path.name}`, float16, SHA-256 `{file_hash(info.path)}`.

## Data

{DATA[info.name]}
Slices used, each group drawn from equally often: {groups}.

## Recipe

Trained by `tlmri train --domain {info.domain} --acceleration {info.acceleration:g}` on a
{provenance["device"].upper()} in {provenance["training_seconds"] / 60:.0f} minutes
(the machine was shared with other work): the smaller recipe for two cores, not the paper's
schedule. Augmentation: crops, flips, quarter turns, intensity. The mask generator draws other
masks of the same density since, so the same command gives slightly other weights now.

{recipe}

## Scores

{scores(info, rows)}

## Limits

{LIMITS}"""


def main() -> None:
    """Write every card."""
    results = json.loads((HERE / "main_job.json").read_text(encoding="utf-8"))
    rows = [row for result in results.values() for row in result["rows"]]
    for info in shipped():
        info.path.with_suffix(".md").write_text(card(info, rows), encoding="utf-8")


if __name__ == "__main__":
    main()
