"""Training in a source domain: sub-network after sub-network (Eq. 11), then end to end."""

from __future__ import annotations

import time
from collections.abc import Callable, Iterable
from dataclasses import asdict
from pathlib import Path
from typing import Any

import torch

from core.devices import mixed_precision
from core.domains import DOMAINS
from core.networks import files
from core.networks.cascade import Cascade, CascadeConfig
from core.progress import Progress, part
from core.training.batches import Batch, CropSampler
from core.training.losses import mse_plus_mae
from core.training.memory import keep_freed_memory
from core.training.optimiser import SCHEDULES, adam
from core.training.settings import TrainSettings

LossOf = Callable[[Batch], torch.Tensor]


def pretrain(
    domain: str,
    data_folder: Path,
    settings: TrainSettings,
    output: Path,
    device: torch.device,
    progress: Progress,
) -> Path:
    """Train a cascade and write its checkpoint.

    1. Read the domain's ``train`` split.
    2. For p = 1 ... P: train sub-network p on the inputs that the frozen ones before it make.
    3. Train all of them end to end on the magnitude of the result, if the settings ask for it.

    Raises
    ------
    ValueError
        If the domain or its data is missing, or the loss is no longer finite.
    Cancelled
        Through ``progress``; nothing is written then.
    """
    entry = DOMAINS[domain]
    progress(0.0, f"reading {entry.label}")
    groups = entry.item(data_folder, "train")
    keep_freed_memory()
    torch.manual_seed(settings.seed)
    sampler = CropSampler(groups, settings, device)
    config = CascadeConfig(skip=settings.skip, reg_weight=settings.reg_weight)
    model = files.on_device(Cascade(config), device)
    start = time.perf_counter()
    _train_stages(model, sampler, settings, device, progress)
    document = files.describe(
        "cascade",
        config,
        label=f"Network ({entry.label})",
        task=_task(domain, settings),
        provenance={
            "recipe": files.jsonable(asdict(settings)),
            "images": {group.name: len(group.images) for group in groups},
            "device": device.type,
            "training_seconds": round(time.perf_counter() - start, 1),
        },
    )
    files.save(output, model, document, torch.float16)
    return output


def _task(domain: str, settings: TrainSettings) -> dict[str, Any]:
    return {
        "domain": domain,
        "acceleration": settings.acceleration,
        "pattern": settings.pattern,
        "coils": "single",
        "tuned": False,
    }


def _train_stages(
    model: Cascade,
    sampler: CropSampler,
    settings: TrainSettings,
    device: torch.device,
    progress: Progress,
) -> None:
    """Sequential stages, then the end-to-end one; shares of the bar follow their rough cost."""
    n = len(model.subnetworks)
    costs = [settings.steps_per_subnetwork * (1 + 0.3 * p) for p in range(n)]
    costs.append(settings.end_to_end_steps * n)
    total = sum(costs) or 1.0
    done = 0.0
    for p in range(n):
        hook = part(progress, done / total, (done + costs[p]) / total)
        loss_of = _subnetwork_loss(model, p, device)
        _optimise(
            model.subnetworks[p].parameters(), loss_of, sampler, settings,
            settings.steps_per_subnetwork, settings.learning_rate, hook, f"sub-network {p + 1}/{n}",
        )  # fmt: skip
        done += costs[p]
    _optimise(
        model.parameters(), _end_to_end_loss(model, device), sampler, settings,
        settings.end_to_end_steps, settings.end_to_end_rate, part(progress, done / total, 1.0),
        "end to end",
    )  # fmt: skip


def _subnetwork_loss(model: Cascade, p: int, device: torch.device) -> LossOf:
    """Loss of sub-network p's own output, the ones before it being fixed (Eq. 11)."""

    def loss(batch: Batch) -> torch.Tensor:
        with mixed_precision(device):
            with torch.no_grad():
                inputs = model(batch.zero_filled, batch.corner_mask, n_subnetworks=p)
            return mse_plus_mae(model.subnetworks[p](inputs), batch.target)

    return loss


def _end_to_end_loss(model: Cascade, device: torch.device) -> LossOf:
    """Loss of the magnitude after the last data consistency: of what is shown and scored."""

    def loss(batch: Batch) -> torch.Tensor:
        with mixed_precision(device):
            image = model(batch.zero_filled, batch.corner_mask)
        return mse_plus_mae(image.abs(), batch.target)

    return loss


def _optimise(
    parameters: Iterable[torch.nn.Parameter],
    loss_of: LossOf,
    sampler: CropSampler,
    settings: TrainSettings,
    n_steps: int,
    rate: float,
    progress: Progress,
    stage: str,
) -> None:
    if n_steps == 0:
        return
    optimiser = adam(parameters, rate, settings.l2)
    schedule = SCHEDULES[settings.schedule](optimiser, rate, n_steps)
    average = 0.0
    for step in range(n_steps):
        optimiser.zero_grad(set_to_none=True)
        loss = loss_of(sampler.draw())
        if not loss.isfinite():
            raise ValueError(f"training diverged in {stage}: learning_rate {rate:g} is too large")
        loss.backward()  # type: ignore[no-untyped-call]
        optimiser.step()
        schedule.step()
        average = (
            float(loss.detach()) if step == 0 else 0.98 * average + 0.02 * float(loss.detach())
        )
        progress((step + 1) / n_steps, f"{stage}, step {step + 1}/{n_steps}, loss {average:.4f}")
