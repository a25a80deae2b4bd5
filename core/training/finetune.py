"""End-to-end fine-tuning of a trained network on a few local images."""

from __future__ import annotations

import time
from collections.abc import Callable, Sequence
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any

import numpy as np
import torch
from torch import nn

from core import checkpoints, devices, metrics
from core.acquisition import intensity_scale
from core.checkpoints import CheckpointInfo
from core.fourier import fft2c, ifft2c, to_corner
from core.jobs import JobContext
from core.masks import make_mask, settings_in_full
from core.networks import files
from core.networks.inference import acs_phase, reconstruct_coils
from core.progress import Progress
from core.training.losses import mse_plus_mae
from core.training.memory import keep_freed_memory
from core.training.optimiser import SCHEDULES, adam
from core.training.settings import TuneSettings
from core.training.tuning_data import ImageRef, TuningImage, choose_images, tuning_image
from core.types import Mask

__all__ = [
    "ImageRef",
    "TrainingPoint",
    "TuneRequest",
    "TuneResult",
    "choose_images",
    "finetune",
    "finetune_job",
    "tuning_request",
]

N_TRAINING_MASKS = 100
"""Steps draw from the first hundred masks of the training pool."""

VALIDATION_SEED = 100_000
"""Seeds of the validation masks start here: in the training pool, beyond its first hundred."""


@dataclass(frozen=True, eq=False)
class TuneRequest:
    """Everything a fine-tuning needs, as plain data that crosses to a child process."""

    parent: Path
    tuning: tuple[TuningImage, ...]
    validation: tuple[TuningImage, ...]
    settings: TuneSettings
    output: Path
    device: str = "auto"


@dataclass(frozen=True)
class TrainingPoint:
    """Where a fine-tuning stands: one point of its curves.

    ``loss`` is the mean since the last point; ``validation_psnr_db`` is under the default
    definition of :mod:`core.metrics`.
    """

    step: int
    n_steps: int
    epoch: float
    loss: float | None
    validation_psnr_db: float
    is_best: bool
    seconds_left: float


@dataclass(frozen=True)
class TuneResult:
    """What came out: the checkpoint of the best validation, and how it went."""

    path: Path
    start_psnr_db: float
    best_psnr_db: float
    epochs: float
    seconds: float
    stopped_early: bool


def tuning_request(
    parent: Path,
    tuning: Sequence[ImageRef],
    validation: Sequence[ImageRef],
    settings: TuneSettings,
    output: Path,
    device: str = "auto",
) -> TuneRequest:
    """Gather the data of the chosen slices.

    Raises
    ------
    ValueError
        If no slice is given, a slice serves for both or is empty, or the output is the parent.
    """
    if not tuning or not validation:
        raise ValueError(
            f"fine-tuning needs at least one tuning and one validation slice, got "
            f"{len(tuning)} and {len(validation)}"
        )
    shared = {ref.key for ref in tuning} & {ref.key for ref in validation}
    if shared:
        raise ValueError(f"a slice must serve for tuning or validation, not both: {min(shared)}")
    if output.exists() and output.samefile(parent):
        raise ValueError(f"{output.name}: the tuned network must be another file than its parent")
    return TuneRequest(
        parent,
        tuple(map(tuning_image, tuning)),
        tuple(map(tuning_image, validation)),
        settings,
        output,
        device,
    )


def finetune_job(context: JobContext, request: TuneRequest) -> TuneResult:
    """:func:`finetune` as a child process runs it."""
    keep_freed_memory()
    return finetune(request, context.progress, context.publish, context.stop_requested)


def finetune(
    request: TuneRequest,
    progress: Progress,
    publish: Callable[[TrainingPoint], None] = lambda _: None,
    stop_requested: Callable[[], bool] = lambda: False,
) -> TuneResult:
    """Tune a network end to end and keep the weights of the best validation.

    1. Validate the parent as it is; write it, so that a result exists from the start.
    2. For each epoch, in random order: undersample an image with one of the hundred training
       masks, step on the loss (Eq. 5) of the magnitude after the last data consistency.
    3. After each epoch validate, and if it is the best so far, write the checkpoint.

    Parameters
    ----------
    progress
        Hook; cancelling it leaves whatever checkpoint was last written.
    publish
        Receives a :class:`TrainingPoint` after each validation.
    stop_requested
        Asked after each step; if true, a last validation ends the tuning.
    """
    run = _Run(request)
    progress(0.0, "validating the network before tuning")
    first = run.validate()
    run.keep(first)
    publish(TrainingPoint(0, run.n_steps, 0.0, None, first, True, float("nan")))
    stopped = False
    while run.step_count < run.n_steps and not stopped:
        for index in run.epoch_order():
            run.step(index)
            progress(run.step_count / run.n_steps, run.message())
            stopped = stop_requested()
            if stopped:
                break
        psnr = run.validate()
        is_best = psnr > run.best_psnr
        if is_best:
            run.keep(psnr)
        publish(run.point(psnr, is_best))
    return TuneResult(request.output, first, run.best_psnr, run.epoch, run.elapsed(), stopped)


class _Run:
    """The state of one fine-tuning: model, optimiser, order, best so far."""

    def __init__(self, request: TuneRequest) -> None:
        settings = request.settings
        self._request = request
        self._settings = settings
        self._device = devices.resolve(request.device)
        self._parent: CheckpointInfo = checkpoints.read_info(request.parent)
        self._parent_hash = checkpoints.file_hash(request.parent)
        self._model: nn.Module = files.load(request.parent, self._device)
        self._random = np.random.default_rng(np.random.SeedSequence(settings.seed))
        self.n_steps = settings.epochs * len(request.tuning)
        self.step_count = 0
        self.best_psnr = -float("inf")
        self._losses: list[float] = []
        self._optimiser = adam(self._model.parameters(), settings.learning_rate, settings.l2)
        self._schedule = SCHEDULES[settings.schedule](
            self._optimiser, settings.learning_rate, self.n_steps
        )
        self._start = time.perf_counter()

    @property
    def epoch(self) -> float:
        return self.step_count / len(self._request.tuning)

    def elapsed(self) -> float:
        return time.perf_counter() - self._start

    def message(self) -> str:
        best = f"best validation {self.best_psnr:.2f} dB"
        return f"epoch {self.epoch:.1f}/{self._settings.epochs}, {best}"

    def epoch_order(self) -> list[int]:
        return [int(i) for i in self._random.permutation(len(self._request.tuning))]

    def step(self, index: int) -> None:
        """One step on one image, with a mask, a coil and a flip drawn anew."""
        image = self._request.tuning[index]
        mask = self._mask(image, int(self._random.integers(N_TRAINING_MASKS)))
        coil = int(self._random.integers(image.kspace.shape[0]))
        kspace = self._flipped(torch.from_numpy(image.kspace[coil : coil + 1]))
        loss = self._loss(kspace, mask, image.is_real)
        self._optimiser.zero_grad(set_to_none=True)
        loss.backward()  # type: ignore[no-untyped-call]
        self._optimiser.step()
        self._schedule.step()
        self._losses.append(float(loss.detach()))
        self.step_count += 1

    def _flipped(self, kspace: torch.Tensor) -> torch.Tensor:
        """k-space of the image flipped left to right every other time, if the settings say so."""
        if self._settings.augment == "none" or self._random.integers(2):
            return kspace
        return fft2c(ifft2c(kspace).flip(-1))

    def _mask(self, image: TuningImage, seed: int) -> Mask:
        settings, (y, x) = self._settings, image.reference.shape
        return make_mask(
            settings.pattern,
            (y, x),
            settings.acceleration,
            seed,
            split="train",
            params=settings.mask_params,
        )

    def _loss(self, full: torch.Tensor, mask: Mask, is_real: bool) -> torch.Tensor:
        sampled = full * torch.from_numpy(mask.samples)
        scale = intensity_scale(sampled)
        phase = None if is_real else acs_phase(sampled, mask.acs_shape).to(self._device)
        zero_filled = (ifft2c(sampled) / scale).to(self._device)
        target = (ifft2c(full).abs() / scale).to(self._device)
        corner_mask = to_corner(torch.from_numpy(mask.samples))[None].to(self._device)
        with devices.mixed_precision(self._device):
            image = self._model(zero_filled, corner_mask, phase)
        return mse_plus_mae(image.abs(), target)

    def validate(self) -> float:
        """Mean PSNR over the validation images, each under its own fixed mask."""
        scores = []
        for i, image in enumerate(self._request.validation):
            mask = self._mask(image, VALIDATION_SEED + i)
            sampled = torch.from_numpy(image.kspace) * torch.from_numpy(mask.samples)
            result = reconstruct_coils(self._model, sampled, mask, image.is_real, self._device)
            scores.append(
                metrics.psnr(metrics.DEFAULT, image.reference, result.numpy(), image.volume_max)
            )
        return float(np.mean(scores))

    def keep(self, psnr: float) -> None:
        """Remember these weights as the best: on disk, whole or not at all."""
        self.best_psnr = psnr
        files.save(self._request.output, self._model, self._document())

    def point(self, psnr: float, is_best: bool) -> TrainingPoint:
        loss = float(np.mean(self._losses))
        self._losses.clear()
        left = self.elapsed() / self.step_count * (self.n_steps - self.step_count)
        return TrainingPoint(self.step_count, self.n_steps, self.epoch, loss, psnr, is_best, left)

    def _document(self) -> dict[str, Any]:
        request, settings, parent = self._request, self._settings, self._parent
        seen = (image.seen for image in (*request.tuning, *request.validation))
        return {
            **parent.config,
            "label": f"{parent.label}, tuned on {len(request.tuning)}",
            "task": {
                **parent.config["task"],
                "acceleration": settings.acceleration,
                "pattern": settings.pattern,
                "mask_params": settings_in_full(settings.pattern, settings.mask_params),
                "tuned": True,
            },
            "provenance": {
                "recipe": asdict(settings),
                "tuning_images": [image.key for image in request.tuning],
                "validation_images": [image.key for image in request.validation],
                "not_to_be_scored": sorted(parent.tuned_on.union(*seen)),
                "validation_psnr_db": round(self.best_psnr, 4),
                "validation_definition": metrics.DEFAULT,
                "epochs_done": round(self.epoch, 3),
                "device": self._device.type,
                "versions": files.versions(),
                "parent_sha256": self._parent_hash,
                "parent": parent.config["provenance"],
            },
        }
