"""Training in a source domain: sub-network after sub-network (Eq. 11) if any, then end to end."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any

import torch

from core import checkpoints
from core.devices import mixed_precision
from core.domains import DOMAINS, ImageGroup
from core.masks import settings_in_full
from core.networks import files
from core.networks.network import Network
from core.networks.series import Series
from core.progress import Progress, part
from core.training.batches import Batch
from core.training.kinds import SINGLE_COIL, TrainingKind
from core.training.losses import mse_plus_mae
from core.training.memory import keep_freed_memory
from core.training.settings import TrainSettings
from core.training.stages import LossOf, Stage, StagedTraining


@dataclass(frozen=True)
class Origin:
    """What a training differs by from one that starts afresh on all images.

    Attributes
    ----------
    parent
        Checkpoint whose weights it starts from; None starts from random ones.
    n_images
        How many images of the ``train`` split it takes, the first ones; None takes all.
    """

    parent: Path | None = None
    n_images: int | None = None


SCRATCH = Origin()


def pretrain(
    domain: str,
    data_folder: Path,
    settings: TrainSettings,
    output: Path,
    device: torch.device,
    progress: Progress,
    origin: Origin = SCRATCH,
    state_file: Path | None = None,
    kind: TrainingKind = SINGLE_COIL,
) -> Path:
    """Train a network and write its checkpoint.

    1. Read the domain's ``train`` split; simulate coils, if the kind of training has them.
    2. If the network is a series, for p = 1 ... P: train sub-network p on the inputs that the
       frozen ones before it make.
    3. Train the whole end to end on the magnitude of the result, if the settings ask for it.

    Parameters
    ----------
    origin
        Weights to start from, and a smaller number of images.
    state_file
        Where the state of the unfinished training is kept. A state found there is gone on from,
        to the weights that an uninterrupted training would have reached; the file is deleted at
        the end.
    kind
        Which network, and on which coils it is trained.

    Raises
    ------
    ValueError
        If the domain or its data is missing, the loss is no longer finite, or the state file is
        that of another training.
    Cancelled
        Through ``progress``; then only the state file is written.
    """
    entry = DOMAINS[domain]
    progress(0.0, f"reading {entry.label}")
    groups = _first_images(entry.item(data_folder, "train"), origin.n_images)
    keep_freed_memory()
    torch.manual_seed(settings.seed)
    model = files.on_device(_start(kind, settings, origin), device)
    preparing = part(progress, 0.0, kind.preparation)
    sampler = kind.sampler(groups, settings, model, device, preparing)
    identity = {
        **identity_of(domain, settings, origin, kind),
        "images": {group.name: len(group.images) for group in groups},
    }
    parts = stages(model, settings, device)
    training = StagedTraining(model, parts, sampler, settings, state_file, identity)
    training.run(part(progress, kind.preparation, 1.0))
    document = files.describe(
        kind.architecture,
        model.config,
        label=f"Network ({_source(entry.label, origin)}{kind.label})",
        task=_task(domain, settings, kind),
        provenance={
            "recipe": identity["recipe"],
            **kind.identity,
            "started_from": identity["started_from"],
            "first_images": origin.n_images,
            "images": identity["images"],
            "device": _name(device),
            "training_seconds": round(training.seconds, 1),
        },
    )
    files.save(output, model, document, torch.float16)
    if state_file is not None:
        state_file.unlink(missing_ok=True)
    return output


def identity_of(
    domain: str, settings: TrainSettings, origin: Origin, kind: TrainingKind = SINGLE_COIL
) -> dict[str, Any]:
    """What two trainings must share for one to stand for the other, as JSON can hold it."""
    parent = origin.parent
    return {
        "domain": domain,
        "architecture": kind.architecture,
        "recipe": files.jsonable(asdict(settings)),
        **kind.identity,
        "started_from": None
        if parent is None
        else {"name": parent.stem, "sha256": checkpoints.file_hash(parent)},
        "first_images": origin.n_images,
    }


def _start(kind: TrainingKind, settings: TrainSettings, origin: Origin) -> Network:
    model = kind.network(settings)
    if origin.parent is not None:
        parent = files.load(origin.parent, torch.device("cpu"))
        try:
            model.start_from(parent)
        except ValueError as error:
            raise ValueError(f"{origin.parent.name}: {error}") from None
    return model


def _first_images(groups: tuple[ImageGroup, ...], n_images: int | None) -> tuple[ImageGroup, ...]:
    """The first images, group after group."""
    if n_images is None:
        return groups
    found = sum(len(group.images) for group in groups)
    if found < n_images:
        raise ValueError(f"training on {n_images} images needs that many, got {found}")
    chosen = []
    left = n_images
    for group in groups:
        if left:
            images = group.images[:left]
            chosen.append(ImageGroup(group.name, images))
            left -= len(images)
    return tuple(chosen)


def _source(label: str, origin: Origin) -> str:
    return label if origin.n_images is None else f"{label}, {origin.n_images} of them"


def _name(device: torch.device) -> str:
    return torch.cuda.get_device_name(device) if device.type == "cuda" else device.type


def _task(domain: str, settings: TrainSettings, kind: TrainingKind) -> dict[str, Any]:
    return {
        "domain": domain,
        "acceleration": settings.acceleration,
        "pattern": settings.pattern,
        "mask_params": settings_in_full(settings.pattern, None),
        "coils": kind.coils,
        "tuned": False,
    }


def stages(model: Network, settings: TrainSettings, device: torch.device) -> Sequence[Stage]:
    """One for each sub-network in order, if there are such, then the end-to-end one."""
    sequential = _sequential(model, settings, device) if isinstance(model, Series) else ()
    whole = Stage(
        "end to end",
        list(model.parameters()),
        _end_to_end_loss(model, device),
        settings.end_to_end_steps,
        settings.end_to_end_rate,
        cost=max(len(sequential), 1),
    )
    return (*sequential, whole)


def _sequential(model: Series, settings: TrainSettings, device: torch.device) -> tuple[Stage, ...]:
    n = len(model.subnetworks)
    return tuple(
        Stage(
            f"sub-network {p + 1}/{n}",
            list(model.subnetworks[p].parameters()),
            _subnetwork_loss(model, p, device),
            settings.steps_per_subnetwork,
            settings.learning_rate,
            cost=1 + 0.3 * p,
        )
        for p in range(n)
    )


def _subnetwork_loss(model: Series, p: int, device: torch.device) -> LossOf:
    """Loss of sub-network p's own output, the ones before it being fixed (Eq. 11)."""

    def loss(batch: Batch) -> torch.Tensor:
        with mixed_precision(device):
            return mse_plus_mae(model.subnetwork_output(p, *batch.given), batch.target)

    return loss


def _end_to_end_loss(model: Network, device: torch.device) -> LossOf:
    """Loss of the magnitude after the last data consistency: of what is shown and scored."""

    def loss(batch: Batch) -> torch.Tensor:
        with mixed_precision(device):
            image = model(*batch.given)
        return mse_plus_mae(image.abs(), batch.magnitude)

    return loss
