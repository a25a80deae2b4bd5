"""What a training in a source domain makes: an architecture, for single coils or for all."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import asdict, dataclass, fields
from functools import partial
from typing import Any

import torch

from core.checkpoints import COMPLEX, MULTI, SINGLE
from core.domains import ImageGroup
from core.networks import NETWORKS
from core.networks.handling import AllCoils
from core.networks.network import Network
from core.progress import Progress
from core.training.batches import CropSampler, Sampler
from core.training.coil_pool import CoilSampler
from core.training.coil_settings import CoilSettings
from core.training.settings import TrainSettings

MakesSampler = Callable[
    [Sequence[ImageGroup], TrainSettings, Network, torch.device, Progress], Sampler
]
"""Function of (images, settings, network, device, progress)."""

DEFAULT = "cascade"
"""Architecture of the networks of single coils that no one asks otherwise for."""


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
        What its networks' labels say of it, after the domain.
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
    sampler: MakesSampler
    coil_settings: CoilSettings | None = None
    preparation: float = 0.0

    @property
    def identity(self) -> dict[str, Any]:
        """What its checkpoints say of the simulated coils."""
        return {} if self.coil_settings is None else {"coils": asdict(self.coil_settings)}

    def network(self, settings: TrainSettings) -> Network:
        """The network with random weights.

        What the architecture's settings share with those of the training they take by name.
        """
        entry = NETWORKS[self.architecture]
        assert entry.params is not None
        stated = {
            "skip": settings.skip,
            "reg_weight": settings.reg_weight,
            "values": "real" if self.coils == SINGLE else "complex",
        }
        known = {field.name for field in fields(entry.params)}
        return entry.item(entry.params(**{k: v for k, v in stated.items() if k in known}))


def _crops(
    groups: Sequence[ImageGroup],
    settings: TrainSettings,
    model: Network,
    device: torch.device,
    progress: Progress,
) -> Sampler:
    del progress
    return CropSampler(groups, settings, device, model.handling)


def single_coil(architecture: str = DEFAULT) -> TrainingKind:
    """Magnitude images as seen by one coil.

    Raises
    ------
    ValueError
        If there is no such architecture.
    """
    label = "" if architecture == DEFAULT else f", {NETWORKS[architecture].label}"
    return TrainingKind(architecture, SINGLE, label, _crops)


SINGLE_COIL = single_coil()


def multi_coil(coils: CoilSettings, architecture: str = "multicoil") -> TrainingKind:
    """Magnitude images with phase and coils; those of one coil make a network of complex images."""
    return TrainingKind(
        architecture,
        MULTI if coils.n_coils > 1 else COMPLEX,
        ", multi-coil" if coils.n_coils > 1 else ", complex",
        partial(_coil_samples, coils),
        coils,
        preparation=0.1,
    )


def _coil_samples(
    coils: CoilSettings,
    groups: Sequence[ImageGroup],
    settings: TrainSettings,
    model: Network,
    device: torch.device,
    progress: Progress,
) -> Sampler:
    assert isinstance(model.handling, AllCoils)
    return CoilSampler(groups, settings, coils, model.handling, device, progress)
