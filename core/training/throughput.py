"""How fast training runs here, as images a second and as a share of what the device can do."""

from __future__ import annotations

import time
from dataclasses import dataclass, replace

import numpy as np
import torch
from torch.utils.flop_counter import FlopCounterMode

from core.devices import has_fast_bfloat16
from core.domains import ImageGroup
from core.networks import files
from core.networks.network import Network
from core.progress import Progress, no_progress
from core.training.batches import Sampler
from core.training.kinds import SINGLE_COIL, TrainingKind
from core.training.memory import keep_freed_memory
from core.training.pretrain import stages
from core.training.settings import TrainSettings
from core.training.stages import STEPS_BETWEEN_READINGS, Stage, StagedTraining

N_IMAGES = 20
BACKWARD = 2
"""A backward pass is two products for each one of the forward pass."""


@dataclass(frozen=True)
class Throughput:
    """Speed of one stage of a training.

    Attributes
    ----------
    stage
        Its name.
    images_per_second
        Crops a second, drawing and undersampling them included.
    flops
        Operations of the convolutions a second: a multiplication and an addition a tap.
    peak_flops
        Those of a large matrix product just before, in the precision of the convolutions.
    """

    stage: str
    images_per_second: float
    flops: float
    peak_flops: float

    @property
    def share(self) -> float:
        """Share of the matrix product's speed that is reached."""
        return self.flops / self.peak_flops


def measure(
    settings: TrainSettings,
    device: torch.device,
    progress: Progress,
    n_steps: int = 10,
    kind: TrainingKind = SINGLE_COIL,
) -> tuple[Throughput, ...]:
    """Train some steps of the last sub-network, if there are any, and some end to end, on noise.

    Parameters
    ----------
    settings
        Recipe; its crop must be a size, not 0.
    n_steps
        Steps that are timed, after others that warm up.
    kind
        What is trained.
    """
    keep_freed_memory()
    total = STEPS_BETWEEN_READINGS + n_steps
    settings = replace(settings, steps_per_subnetwork=total, end_to_end_steps=total)
    model = files.on_device(kind.network(settings), device)
    sampler = kind.sampler((_noise(settings.crop),), settings, model, device, no_progress)
    *sequential, whole = stages(model, settings, device)
    forward = _forward_flops(model, settings.crop)
    peak = matrix_product_flops(device)
    work = {whole.name: (1 + BACKWARD) * forward}
    if sequential:
        n = len(sequential)
        work[sequential[-1].name] = (n + BACKWARD) * forward / n  # those before it run forward only
    found = []
    for stage in (*sequential[-1:], whole):
        seconds = _seconds(model, stage, sampler, settings, progress)
        rate = n_steps * settings.batch / seconds
        found.append(Throughput(stage.name, rate, rate * work[stage.name], peak))
    return tuple(found)


def matrix_product_flops(device: torch.device, repeats: int = 5) -> float:
    """Operations a second of a square matrix product, the best of a few."""
    size = 2048 if device.type == "cpu" else 8192
    dtype = torch.bfloat16 if has_fast_bfloat16(device) else torch.float32
    matrix = torch.ones(size, size, device=device, dtype=dtype)
    seconds = []
    for _ in range(repeats + 1):  # the first one warms up
        start = time.perf_counter()
        float((matrix @ matrix)[0, 0])  # reading a value waits for a GPU
        seconds.append(time.perf_counter() - start)
    return 2 * size**3 / min(seconds[1:])


def _noise(size: int) -> ImageGroup:
    random = np.random.default_rng(0)
    return ImageGroup("noise", tuple(random.random((N_IMAGES, size, size), np.float32)))


def _forward_flops(model: Network, size: int) -> float:
    """Operations of the convolutions for one square image of one coil."""
    device = next(model.parameters()).device
    image = torch.zeros(1, size, size, dtype=torch.complex64, device=device)
    everywhere = torch.ones(1, size, size, dtype=torch.bool, device=device)
    with FlopCounterMode(display=False) as counter, torch.no_grad():
        model(*model.handling.given_real(image, everywhere))
    found = counter.get_flop_counts()["Global"]
    return float(sum(n for operation, n in found.items() if "convolution" in str(operation)))


def _seconds(
    model: Network,
    stage: Stage,
    sampler: Sampler,
    settings: TrainSettings,
    progress: Progress,
) -> float:
    """Time of the stage's steps after the first reading of the loss, up to its last one."""
    reported: list[float] = []

    def listen(fraction: float, message: str) -> None:
        reported.append(time.perf_counter())
        progress(fraction, message)

    StagedTraining(model, (stage,), sampler, settings).run(listen)
    return reported[-1] - reported[STEPS_BETWEEN_READINGS - 1]
