"""Settings and named presets of training and fine-tuning. No torch here: forms read this file."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from core.params import check, setting

PATTERNS = ("poisson", "gaussian", "random", "equispaced")


@dataclass(frozen=True)
class TrainSettings:
    """Training of a cascade in a source domain: sub-network by sub-network, then end to end.

    Steps take ``batch`` crops each. ``schedule`` is ``constant`` (the paper's) or ``onecycle``
    (warm-up to the learning rate, then cosine decay; Smith and Topin 2018). ``turns`` are random
    flips and quarter turns.
    """

    acceleration: float = setting(4.0, "Acceleration R", low=1.0, high=20.0)
    pattern: str = setting("poisson", "Sampling pattern", choices=PATTERNS)
    skip: str = setting("real", "Skip connection", choices=("real", "none"))
    reg_weight: float = setting(
        float("inf"),
        "Data consistency λ",
        low=0.0,
        help="infinite keeps the measured samples exactly",
    )
    crop: int = setting(128, "Crop size", low=0, high=1024, unit="px", help="0: whole images")
    batch: int = setting(8, "Batch", low=1, high=512)
    steps_per_subnetwork: int = setting(60, "Steps a sub-network", low=0, high=1_000_000)
    end_to_end_steps: int = setting(700, "Steps end to end", low=0, high=1_000_000)
    learning_rate: float = setting(2e-3, "Learning rate", low=1e-7, high=1.0, logarithmic=True)
    end_to_end_rate: float = setting(1e-3, "Rate end to end", low=1e-7, high=1.0, logarithmic=True)
    schedule: str = setting("onecycle", "Schedule", choices=("onecycle", "constant"))
    augment: str = setting("turns", "Augmentation", choices=("turns", "none"))
    intensity_jitter: float = setting(0.3, "Intensity jitter", low=0.0, high=0.9)
    l2: float = setting(1e-6, "L2 weight", low=0.0, high=1.0)
    seed: int = setting(0, "Seed", low=0, high=2**31 - 1)

    def __post_init__(self) -> None:
        check(self)


TRAIN_PRESETS: dict[str, TrainSettings] = {
    "fast": TrainSettings(),
    "paper": TrainSettings(
        skip="none",
        crop=0,
        batch=50,
        steps_per_subnetwork=20 * 4000 // 50,  # 20 epochs of 4000 images
        end_to_end_steps=0,
        learning_rate=1e-4,
        schedule="constant",
        augment="none",
        intensity_jitter=0.0,
    ),
}
"""``paper`` is that of Dar et al.; ``fast`` reaches good weights on two cores."""


@dataclass(frozen=True)
class TuneSettings:
    """End-to-end fine-tuning on a few local images, one image a step.

    ``mask_params`` are the sampling pattern's own settings; None stands for its defaults.
    """

    acceleration: float = setting(4.0, "Acceleration R", low=1.0, high=20.0)
    pattern: str = setting("poisson", "Sampling pattern", choices=PATTERNS)
    n_images: int = setting(10, "Tuning images", low=1, high=1000)
    n_validation: int = setting(2, "Validation images", low=1, high=100)
    epochs: int = setting(20, "Epochs", low=1, high=10_000)
    learning_rate: float = setting(3e-4, "Learning rate", low=1e-7, high=0.1, logarithmic=True)
    schedule: str = setting("onecycle", "Schedule", choices=("onecycle", "constant"))
    augment: str = setting("flips", "Augmentation", choices=("flips", "none"))
    l2: float = setting(1e-6, "L2 weight", low=0.0, high=1.0)
    seed: int = setting(1, "Seed", low=0, high=2**31 - 1)
    mask_params: Any = None

    def __post_init__(self) -> None:
        check(self)


TUNE_PRESETS: dict[str, TuneSettings] = {
    "fast": TuneSettings(),
    "paper": TuneSettings(epochs=100, learning_rate=1e-5, schedule="constant", augment="none"),
}
"""``paper`` is that of Dar et al. (Adam 1e-5, 100 epochs); ``fast`` takes about a minute."""
