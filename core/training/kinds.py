"""What a training in a source domain makes: an architecture, for single coils or for all."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import asdict, dataclass, fields
from functools import partial
from typing import Any

import torch

from core.checkpoints import COMPLEX, MULTI, SINGLE
from core.domains import ImageGroup
from core.networks import DEFAULT, NETWORKS
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

DEFAULT_OF_COILS = "multicoil"
"""The architecture for simulated coils where none is named."""


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


def _called(architecture: str, default: str) -> str:
    """What a label says of an architecture that is not the usual one."""
    return "" if architecture == default else f", {NETWORKS[architecture].label}"


def single_coil(architecture: str = DEFAULT) -> TrainingKind:
    """Magnitude images as seen by one coil.

    Raises
    ------
    ValueError
        If there is no such architecture, or it learns from several coils only.
    """
    if SINGLE not in NETWORKS[architecture].item.learns_from:
        raise ValueError(
            f"network {architecture!r} must learn from simulated coils, got images of one coil"
        )
    return TrainingKind(architecture, SINGLE, _called(architecture, DEFAULT), _crops)


SINGLE_COIL = single_coil()


def multi_coil(coils: CoilSettings, architecture: str = DEFAULT_OF_COILS) -> TrainingKind:
    """Magnitude images with phase and coils; those of one coil make a network of complex images.

    Raises
    ------
    ValueError
        If there is no such architecture, or it learns from single coils only.
    """
    kind = MULTI if coils.n_coils > 1 else COMPLEX
    if kind not in NETWORKS[architecture].item.learns_from:
        raise ValueError(
            f"network {architecture!r} must learn from images of one coil, got {coils.n_coils} "
            "simulated coils"
        )
    label = ", multi-coil" if coils.n_coils > 1 else ", complex"
    return TrainingKind(
        architecture,
        kind,
        label + _called(architecture, DEFAULT_OF_COILS),
        partial(_coil_samples, coils),
        coils,
        preparation=0.1,
    )
