"""The comparison of ways to fine-tune as a section of the result page."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from tables import table

from core.studies.convergence import NEAR_DB

NAMES = {"t1": "T1", "t2": "T2"}
TIE_DB = 0.05
"""Smaller differences are no reason to prefer one: another seed may turn them round."""

AIM_SECONDS, AIM_CORES = 60, 2
"""In which a tuning on 10 slices at R=4 should come near its plateau."""

Cells = Mapping[str, Any]


def section(cells: Cells) -> str:
    """All of it, from the contents of ``tuning_choices.json``."""
    trials = [cell for cell in cells.values() if "choice" in cell]
    choices = list(dict.fromkeys(trial["choice"] for trial in trials if trial["n_images"] == 10))
    return "\n".join(
        [
            "## Ways of fine-tuning",
            "",
            "The network of natural images at R=4, tuned on ten slices of the `tune` people and "
            "scored on the `val` people (another person, another scanner; PSNR in dB). Cost is "
            "the number of pixels that the steps take, in slices of 256 x 256, and the processor's "
            "time with validation, in seconds of one core. Choices were compared at a cost of "
            "about 100; the default, `fast`, is the best of them, `rate 1e-3, rotations`, in more "
            "steps. All end at their best step on validation slices, which is what early stopping "
            f"would keep. One seed each: differences below {TIE_DB} dB are ties.",
            "",
            table(
                ["Choice", *(f"{n}, `val`" for n in NAMES.values()), "Cost, T1", "Time, T1"],
                [
                    _row("untuned", cells, "raw"),
                    *(_row(c, cells, f"10 images, {c}") for c in choices),
                ],
            ),
            "",
            _against_the_paper(cells),
            "",
            _plateau(cells),
            "",
            _few_images(trials),
        ]
    )


def _row(label: str, cells: Cells, name: str) -> list[str]:
    found = [cells.get(f"{target}, {name}") for target in NAMES]
    t1 = found[0] or {}
    return [
        label,
        *("–" if cell is None else f"{cell['val_people_db']:.2f}" for cell in found),
        f"{t1['cost_slices']:.0f}" if "cost_slices" in t1 else "–",
        f"{t1['cpu_seconds']:.0f} s" if "cpu_seconds" in t1 else "–",
    ]


def _against_the_paper(cells: Cells) -> str:
    """What the default preset gains on the tuning of Dar et al."""
    fast, paper = (cells.get(f"t1, 10 images, {name}") for name in ("fast", "paper"))
    if fast is None or paper is None:
        return ""
    gain = fast["val_people_db"] - paper["val_people_db"]
    share = fast["cpu_seconds"] / paper["cpu_seconds"]
    return (
        f"Against the paper's tuning (preset `paper`: Adam at 1e-5, 100 epochs of whole images) "
        f"`fast` is {gain:+.2f} dB in {share:.0%} of the time."
    )


def _plateau(cells: Cells) -> str:
    """How far the default preset is from where more of the same leads, and in what time."""
    fast, longer = (cells.get(f"t1, 10 images, {name}") for name in ("fast", "thorough"))
    if fast is None or longer is None:
        return ""
    missing = longer["val_people_db"] - fast["val_people_db"]
    shared = fast["cpu_seconds"] / AIM_CORES
    is_reached = missing <= NEAR_DB and shared <= AIM_SECONDS
    return (
        f"The default preset `fast` takes {fast['cpu_seconds']:.0f} s of one core with validation, "
        f"`thorough`, four times as many steps, {longer['cpu_seconds']:.0f} s and changes T1 by "
        f"{missing:+.2f} dB; over its last fifth its own validation still rose by "
        f"{_late_rise(longer):.2f} dB. The aim, at most {NEAR_DB:g} dB below the plateau after "
        f"{AIM_SECONDS} s on {AIM_CORES} cores, is {'reached' if is_reached else '**not** reached'}"
        f": if they share `fast` evenly it takes {shared:.0f} s and ends {missing:.2f} dB below."
    )


def _late_rise(cell: Mapping[str, Any]) -> float:
    """What the last fifth of the steps adds to the validation."""
    curve = cell["own_validation_db"]
    before = max(db for step, db in curve if step <= 0.8 * cell["steps"])
    return float(max(db for _, db in curve) - before)


def _few_images(trials: list[Any]) -> str:
    """Whether fewer images give the same, by the default preset."""
    fast = [t for t in trials if t["choice"] == "fast" and t["target"] == "t1"]
    by_count = sorted((t["n_images"], t["val_people_db"]) for t in fast)
    if len(by_count) < 2:
        return ""
    listed = ", ".join(f"{n} image{'s' if n > 1 else ''} {db:.2f} dB" for n, db in by_count)
    flips, rotations = (
        [t["val_people_db"] for t in trials if t["n_images"] == 1 and t["choice"] == choice]
        for choice in ("crops of 192, rate 1e-3", "rate 1e-3, rotations")
    )
    text = f"The default preset on fewer T1 images, in as many steps: {listed}."
    if flips and rotations:
        gain = rotations[0] - flips[0]
        text += f" Rotations change the result with one image by {gain:+.2f} dB (178 steps)."
    return text
