"""What a training in a source domain makes: a network of single coils, or one of all coils."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import asdict, dataclass
from functools import partial
from typing import Any

import torch

from core.checkpoints import COMPLEX, MULTI, SINGLE
from core.domains import ImageGroup
from core.networks.cascade import Cascade, CascadeConfig
from core.networks.multicoil import Multicoil, MulticoilConfig
from core.networks.series import Series
from core.progress import Progress
from core.training.batches import CropSampler, Sampler
from core.training.coil_pool import CoilSampler
from core.training.coil_settings import CoilSettings
from core.training.settings import TrainSettings

MakesSampler = Callable[
    [Sequence[ImageGroup], TrainSettings, Series, torch.device, Progress], Sampler
]
"""Function of (images, settings, network, device, progress)."""


@dataclass(frozen=True)
class TrainingKind:
    """A kind of training.

    Attributes
    ----------
    architecture
        Name of the network.
    coils
        What its checkpoints say of the coils it was trained on.
    label
        What its networks' labels say of that, after the domain.
    network
        Makes the network, with random weights, as the settings shape it.
    sampler
        Makes what the network learns from.
    coil_settings
        Of the simulated coils; None where there are none.
    preparation
        Rough share of the time that goes by before the first step.
    """

    architecture: str
    coils: str
    label: str
    network: Callable[[TrainSettings], Series]
    sampler: MakesSampler
    coil_settings: CoilSettings | None = None
    preparation: float = 0.0

    @property
    def identity(self) -> dict[str, Any]:
        """What its checkpoints say of the simulated coils."""
        return {} if self.coil_settings is None else {"coils": asdict(self.coil_settings)}


def _cascade(settings: TrainSettings) -> Series:
    return Cascade(CascadeConfig(skip=settings.skip, reg_weight=settings.reg_weight))


def _crops(
    groups: Sequence[ImageGroup],
    settings: TrainSettings,
    model: Series,
    device: torch.device,
    progress: Progress,
) -> Sampler:
    del model, progress
    return CropSampler(groups, settings, device)


SINGLE_COIL = TrainingKind("cascade", SINGLE, "", _cascade, _crops)
"""Magnitude images as seen by one coil."""


def multi_coil(coils: CoilSettings) -> TrainingKind:
    """Magnitude images with phase and coils; those of one coil make a network of complex images."""
    return TrainingKind(
        "multicoil",
        MULTI if coils.n_coils > 1 else COMPLEX,
        ", multi-coil" if coils.n_coils > 1 else ", complex",
        _multicoil,
        partial(_coil_samples, coils),
        coils,
        preparation=0.1,
    )


def _multicoil(settings: TrainSettings) -> Series:
    return Multicoil(MulticoilConfig(skip=settings.skip, reg_weight=settings.reg_weight))


def _coil_samples(
    coils: CoilSettings,
    groups: Sequence[ImageGroup],
    settings: TrainSettings,
    model: Series,
    device: torch.device,
    progress: Progress,
) -> Sampler:
    assert isinstance(model, Multicoil)
    return CoilSampler(groups, settings, coils, model.handling, device, progress)
