"""The table of what a tuning learns from: fully sampled images, or undersampled ones alone."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Protocol

import torch
from torch import nn

from core.networks.network import Network
from core.registry import Registry
from core.training import self_supervised, supervised
from core.training.settings import FULL, SELF, TuneSettings
from core.training.tuning_data import ImageRef, TuningImage


class Learner(Protocol):
    """Draws what a step learns from, and judges a network on the validation images.

    ``images_per_step`` says from how many images (or crops) a step learns.
    """

    images_per_step: int

    def loss(self, model: nn.Module) -> torch.Tensor:
        """Loss of one step; the next call draws other data."""
        ...

    def validate(self, model: Network) -> float:
        """Figure of merit in dB, larger is better; does not depend on the steps before."""
        ...


@dataclass(frozen=True)
class Supervision:
    """A way to learn.

    Attributes
    ----------
    gather
        Function of (slice, settings, mask seed) that takes from the slice what may be used.
    learner
        Makes the learner from (tuning images, validation images, settings, generator, device,
        how coils reach the network).
    measure
        What the validation's figure of merit is called.
    qualifier
        What a network's label says after the number of images it was tuned on.
    """

    gather: Callable[[ImageRef, TuneSettings, int], TuningImage]
    learner: Callable[..., Learner]
    measure: str
    qualifier: str


SUPERVISIONS: Registry[Supervision] = Registry("supervision")

SUPERVISIONS.register(FULL, "Fully sampled")(
    Supervision(supervised.gather, supervised.Supervised, supervised.MEASURE, "")
)
SUPERVISIONS.register(SELF, "Self-supervised")(
    Supervision(
        self_supervised.gather,
        self_supervised.SelfSupervised,
        self_supervised.MEASURE,
        " undersampled",
    )
)
