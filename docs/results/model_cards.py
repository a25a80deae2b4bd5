"""Write a model card beside each shipped checkpoint, from what the checkpoint says of itself.

python docs/results/model_cards.py
"""

from __future__ import annotations

from core.checkpoints import MULTI, SINGLE, CheckpointInfo, all_families, file_hash
from core.training.zoo import ZOOS, made_by

DATA = {
    "natural": "L channel of ImageNet sample images and BSDS500, 256 x 256. Terms: non-commercial "
    "research.",
    "t1": "T1-weighted brain slices: 60 people of OpenNeuro ds002748 (3 T, skull-stripped, CC0) "
    "and two of open_ms_data (whole head, MS patients, CC-BY).",
    "t2": "T2-weighted brain slices: six volunteers of SIAT (magnitude of complex 3D FSE, 3 T, "
    "non-commercial), two of open_ms_data (CC-BY), and one each of the NiiVue demonstration "
    "images, BraTS-GLI and TCGA-LGG (CC BY 3.0).",
}

SEEN = {
    SINGLE: "Trained on k-space simulated from magnitude images. Real noise, phase and motion were "
    "not seen.",
    MULTI: "Trained on multi-coil k-space simulated from magnitude images: coils, phase and noise\n"
    "  are simulated. No real coil map was used, and real noise and motion were not seen.",
}

ALL_COILS = (
    "For several coils, which it takes together: their maps and the SPIRiT kernel are\n"
    "  learnt from the fully sampled centre, which must be large enough for that."
)
ONE_COIL = (
    "For single-coil images that are nearly real: the result is a magnitude image, and\n"
    "  measured k-space is handled coil by coil with the phase of its fully sampled centre."
)
COMBINED = (
    "For images that are nearly real; measured k-space has the phase of its fully sampled centre\n"
    "  taken off, and several coils are combined by maps learnt from that centre. Trained on one."
)
USE = {"cascade": ONE_COIL, "multicoil": ALL_COILS, "unet": COMBINED}
"""By architecture."""

NETWORK = {
    "cascade": "Cascade of {n_subnetworks} sub-networks with data consistency",
    "multicoil": "Cascade of {n_subnetworks} sub-networks of all coils with calibration and data\n"
    "consistency (Eqs. 12 to 14 of Dar et al.), each a pair for the real and the imaginary part",
    "unet": "U-Net of the image domain in fastMRI's shape ({n_channels} channels, {n_poolings} "
    "poolings),\nthen data consistency",
}
"""By architecture, with its configuration."""

COILS = """
Each of {n_samples} crops was given a sinusoidal phase at random spatial frequencies and one that
differs between bright and dark by up to {tissue_phase:g} rad, was seen by a ring of {n_coils} coils
simulated by the law of Biot and Savart, at a random place, and was given noise (standard deviation
{noise:g} of the bright level in the real and in the imaginary part).
"""


def card(info: CheckpointInfo) -> str:
    """One model card."""
    provenance = info.config["provenance"]
    settings = "\n".join(f"- {name}: {value}" for name, value in provenance["recipe"].items())
    groups = ", ".join(f"{n} of {name}" for name, n in provenance["images"].items())
    coils = COILS.format(**provenance["coils"]) if "coils" in provenance else ""
    architecture = info.config["architecture"]
    network = NETWORK[architecture].format(**info.config["network"])
    coils_in_words = "multi-coil" if info.coils == MULTI else "single coil"
    return f"""# {info.label}, R = {info.acceleration:g}

{network},
for R = {info.acceleration:g}, {info.pattern} masks, {coils_in_words}.
File `{info.path.name}`, float16, SHA-256 `{file_hash(info.path)}`.

## Data

{DATA[info.domain]}
Images used, each group drawn from equally often: {groups}.
{coils}
## Training

{training(info)}

{settings}

Scores on the `test` people are in `docs/results.md`.

## Limits

- {USE[architecture]}
- {SEEN[info.coils]}
- For R = {info.acceleration:g} and {info.pattern} masks; tlmri says so when it is used otherwise.
- Not a medical device; not for diagnosis.
"""


def training(info: CheckpointInfo) -> str:
    """How it was made: recipe, start, device, time and the command."""
    provenance = info.config["provenance"]
    made = made_by(info)
    by = "Settings of their own"
    if made is not None:
        by = f"Recipe `{made.recipe}`: {ZOOS[made.zoo].recipes[made.recipe].label}"
    parent = provenance.get("started_from")
    start = (
        "random weights" if parent is None else f"`{parent['name']}` (SHA-256 `{parent['sha256']}`)"
    )
    lines = [
        f"{by}.",
        f"Started from {start}.",
        f"Took {provenance['training_seconds'] / 60:.0f} minutes on: {provenance['device']}.",
    ]
    if made is not None:
        lines.append(
            f"Made again by `tlmri train --zoo {made.zoo} --only {made.member} --recipe "
            f"{made.recipe} --seed {provenance['recipe']['seed']} --data DIR --out FOLDER`."
        )
    return "\n".join(lines)


def main() -> None:
    """Write every card."""
    for members in all_families().values():
        for info in members:
            info.path.with_suffix(".md").write_text(card(info), encoding="utf-8")


if __name__ == "__main__":
    main()
