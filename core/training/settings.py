"""Settings and named presets of training and fine-tuning. No torch here: forms read this file."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from core.params import check, setting
from core.training.part_names import ALL, PARTS

if TYPE_CHECKING:
    from core.masks import PatternParams

FULL, SELF = "full", "self"
"""Supervision of a tuning: by fully sampled images, or by undersampled acquisitions alone."""

PATTERNS = ("poisson", "gaussian", "random", "equispaced")

SMALLEST_CROP = 32
"""Masks are not made for less."""


@dataclass(frozen=True)
class TrainSettings:
    """Training in a source domain: a cascade sub-network by sub-network, then all end to end.

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
    "unet": TrainSettings(
        crop=192,
        batch=4,
        steps_per_subnetwork=0,
        end_to_end_steps=3500,
        end_to_end_rate=2e-3,
    ),
}
"""``paper`` is that of Dar et al.; ``fast`` reaches good weights on two cores; ``unet`` is for a
U-Net, whose step costs a third of a cascade's, and whose normalisation wants crops that are nearly
whole slices."""


@dataclass(frozen=True)
class TuneSettings:
    """End-to-end fine-tuning on a few local images.

    A step takes ``batch`` squares of ``crop`` pixels (or the smallest image's side) cut out of
    fully sampled images, or one whole image; of a network that wants these
    (:attr:`core.networks.network.Network.wants_whole_images`) always that.
    With ``supervision`` :data:`SELF` only undersampled acquisitions are used: a step takes one of
    them whole, and ``crop``, ``batch``, ``augment`` and ``intensity_jitter`` have no meaning.
    ``mask_params`` are the sampling pattern's own settings; None stands for its defaults.
    """

    acceleration: float = setting(4.0, "Acceleration R", low=1.0, high=20.0)
    pattern: str = setting("poisson", "Sampling pattern", choices=PATTERNS)
    n_images: int = setting(10, "Tuning images", low=1, high=1000)
    n_validation: int = setting(
        2,
        "Validation images",
        low=1,
        high=100,
        help="They choose the checkpoint: the weights that are best on them are kept",
    )
    supervision: str = setting(
        FULL,
        "Learn from",
        choices=(FULL, SELF),
        choice_labels={FULL: "fully sampled", SELF: "undersampled alone"},
        help="Supervision: full, or self-supervised, where a part of each acquisition's samples "
        "is held out for the loss",
    )
    length: int = setting(300, "Length", low=1, high=1_000_000)
    length_unit: str = setting(
        "steps",
        "Length counted in",
        choices=("steps", "epochs"),
        choice_labels={"epochs": "epochs (passes)"},
        help="Steps: the same work whatever the number of images; epochs: passes over them",
    )
    learning_rate: float = setting(1e-3, "Learning rate", low=1e-7, high=0.1, logarithmic=True)
    schedule: str = setting("onecycle", "Schedule", choices=("onecycle", "cosine", "constant"))
    crop: int = setting(
        192,
        "Crop size",
        low=0,
        high=1024,
        unit="px",
        help="0: whole images, which some networks always take",
    )
    batch: int = setting(1, "Crops a step", low=1, high=512)
    augment: str = setting(
        "rotations", "Augmentation", choices=("none", "flips", "turns", "rotations")
    )
    intensity_jitter: float = setting(0.0, "Intensity jitter", low=0.0, high=0.9)
    trainable: str = setting(
        ALL, "Layers that change", choices=PARTS.names(), help="of those that the network has"
    )
    l2: float = setting(1e-6, "L2 weight", low=0.0, high=1.0)
    l2_source: float = setting(
        0.0, "L2 weight towards the source", low=0.0, high=1000.0, help="Li et al. 2018 (L2-SP)"
    )
    ema: float = setting(
        0.0, "Weight averaging", low=0.0, high=0.9999, help="decay of a moving average; 0: none"
    )
    clip: float = setting(0.0, "Largest gradient norm", low=0.0, high=1000.0, help="0: no limit")
    held_out: float = setting(
        0.4,
        "Samples held out",
        low=0.05,
        high=0.9,
        help="share of an acquisition's samples that the loss of self-supervision takes",
    )
    validation_rounds: int = setting(10, "Validations", low=1, high=10_000)
    patience: int = setting(
        0,
        "Patience",
        low=0,
        high=10_000,
        help="validations without improvement after which the tuning ends; 0: never",
    )
    seed: int = setting(1, "Seed", low=0, high=2**31 - 1)
    mask_params: PatternParams | None = None

    def __post_init__(self) -> None:
        check(self)
        if self.crop == 0 and self.batch > 1:
            raise ValueError(f"batch must be 1 where crop is 0 (whole images), got {self.batch}")
        if 0 < self.crop < SMALLEST_CROP:
            raise ValueError(f"crop must be 0 or at least {SMALLEST_CROP}, got {self.crop}")

    def n_steps(self, n_images: int) -> int:
        """Steps of a tuning on so many images."""
        return self.length if self.length_unit == "steps" else self.length * n_images


TUNE_PRESETS: dict[str, TuneSettings] = {
    "fast": TuneSettings(),
    "thorough": TuneSettings(length=1200),
    "paper": TuneSettings(
        length=100,
        length_unit="epochs",
        learning_rate=1e-5,
        schedule="constant",
        crop=0,
        augment="none",
        validation_rounds=100,
    ),
}
"""``paper`` is that of Dar et al.: Adam at 1e-5, 100 epochs of whole images.

``fast`` is for waiting in front of the window; how long it takes is in ``docs/results.md``. Its
crops cost half of what a slice of 256 x 256 does, so that there are more steps in the same time,
and both they and small rotations made networks that were better on scans of other scanners;
rotations most of all where there is one image.
``thorough`` is four times as long, for when the last half of a decibel counts.
"""
