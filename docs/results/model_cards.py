"""Write a model card beside each shipped checkpoint, from what the checkpoint says of itself.

python docs/results/model_cards.py
"""

from __future__ import annotations

from core.checkpoints import CheckpointInfo, all_families, file_hash
from core.training.zoo import RECIPES, made_by

DATA = {
    "natural": "L channel of ImageNet sample images and BSDS500, 256 x 256. Terms: non-commercial "
    "research.",
    "t1": "T1-weighted brain slices: 60 people of OpenNeuro ds002748 (3 T, skull-stripped, CC0) "
    "and two of open_ms_data (whole head, MS patients, CC-BY).",
    "t2": "T2-weighted brain slices: six volunteers of SIAT (magnitude of complex 3D FSE, 3 T, "
    "non-commercial), two of open_ms_data (CC-BY), and one each of the NiiVue demonstration "
    "images, BraTS-GLI and TCGA-LGG (CC BY 3.0).",
}

LIMITS = """- For single-coil images that are nearly real: the result is a magnitude image, and
  measured k-space is handled coil by coil with the phase of its fully sampled centre.
- Trained on k-space simulated from magnitude images. Real noise, phase and motion were not seen.
- For R = {acceleration:g} and {pattern} masks; tlmri says so when it is used otherwise.
- Not a medical device; not for diagnosis.
"""


def card(info: CheckpointInfo) -> str:
    """One model card."""
    provenance = info.config["provenance"]
    settings = "\n".join(f"- {name}: {value}" for name, value in provenance["recipe"].items())
    groups = ", ".join(f"{n} of {name}" for name, n in provenance["images"].items())
    limits = LIMITS.format(acceleration=info.acceleration, pattern=info.pattern)
    return f"""# {info.label}, R = {info.acceleration:g}

Cascade of {info.config["network"]["n_subnetworks"]} sub-networks with data consistency, for
R = {info.acceleration:g}, {info.pattern} masks, single coil.
File `{info.path.name}`, float16, SHA-256 `{file_hash(info.path)}`.

## Data

{DATA[info.domain]}
Images used, each group drawn from equally often: {groups}.

## Training

{training(info)}

{settings}

Scores on the `test` people are in `docs/results.md`.

## Limits

{limits}"""


def training(info: CheckpointInfo) -> str:
    """How it was made: recipe, start, device, time and the command."""
    provenance = info.config["provenance"]
    recipe = made_by(info)
    by = (
        "Settings of their own" if recipe is None else f"Recipe `{recipe}`: {RECIPES[recipe].label}"
    )
    parent = provenance.get("started_from")
    start = (
        "random weights" if parent is None else f"`{parent['name']}` (SHA-256 `{parent['sha256']}`)"
    )
    lines = [
        f"{by}.",
        f"Started from {start}.",
        f"Took {provenance['training_seconds'] / 60:.0f} minutes on: {provenance['device']}.",
    ]
    if recipe is not None:
        member = _member(info)
        lines.append(
            f"Made again by `tlmri train --zoo single-coil --only {member} --recipe {recipe} "
            f"--seed {provenance['recipe']['seed']} --data DIR --out FOLDER`."
        )
    return "\n".join(lines)


def _member(info: CheckpointInfo) -> str:
    n_images = info.config["provenance"].get("first_images")
    stem = info.domain if n_images is None else f"training-size/{info.domain}-{n_images}"
    return f"{stem}:{info.acceleration:g}"


def main() -> None:
    """Write every card."""
    for members in all_families().values():
        for info in members:
            info.path.with_suffix(".md").write_text(card(info), encoding="utf-8")


if __name__ == "__main__":
    main()
