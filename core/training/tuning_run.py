"""One fine-tuning from its request to its result: the steps, the validations, the best weights."""

from __future__ import annotations

import math
import time
from dataclasses import asdict, dataclass, replace
from pathlib import Path
from typing import Any

import numpy as np

from core import checkpoints, devices, metrics
from core.checkpoints import CheckpointInfo
from core.masks import settings_in_full
from core.networks import files
from core.networks.network import Network
from core.remarks import Sampling
from core.seen import choice_keys
from core.training.part_names import ALL
from core.training.settings import TuneSettings
from core.training.supervision import SUPERVISIONS
from core.training.tuner import Tuner
from core.training.tuning_data import AcquiredImage, TuningImage


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

    Attributes
    ----------
    step, n_steps
        Steps done, and how many there are in all.
    epoch
        Passes over the tuning images so far.
    loss
        Mean since the last point.
    validation_psnr_db
        Under the default definition of :mod:`core.metrics` if ``measure`` is ``PSNR``.
    is_best
        Whether it is the best so far, and so was kept.
    seconds_left
        If no patience ends the tuning before.
    measure
        What the validation's figure is: ``PSNR`` against the reference images, or, without any,
        ``PSNR of held-out samples``.
    """

    step: int
    n_steps: int
    epoch: float
    loss: float | None
    validation_psnr_db: float
    is_best: bool
    seconds_left: float
    measure: str


@dataclass(frozen=True)
class TuneResult:
    """What came out: the checkpoint of the best validation, and how it went.

    ``measure`` is as of :class:`TrainingPoint`; ``best_step`` is 0 where the untuned network was
    best. ``stopped_early`` says that steps were left when the user or the patience ended it.
    """

    path: Path
    start_psnr_db: float
    best_psnr_db: float
    best_step: int
    steps: int
    epochs: float
    seconds: float
    stopped_early: bool
    measure: str


class TuningRun:
    """The state of one fine-tuning: how far it is, its best so far.

    Attributes
    ----------
    n_done, n_steps
        Steps done, and how many there are in all.

    Raises
    ------
    ValueError
        If the parent cannot be read, or has no such layers as the settings would change.
    """

    def __init__(self, request: TuneRequest) -> None:
        supervision = SUPERVISIONS[request.settings.supervision].item
        self._request = request
        self._device = devices.resolve(request.device)
        self._parent: CheckpointInfo = checkpoints.read_info(request.parent)
        self._parent_hash = checkpoints.file_hash(request.parent)
        model = files.load(request.parent, self._device)
        self._settings = settings = _suited(request.settings, model)
        self.n_steps = settings.n_steps(len(request.tuning))
        self._tuner = Tuner(model, settings, self.n_steps)
        random = np.random.default_rng(np.random.SeedSequence(settings.seed))
        self._learner = supervision.learner(
            request.tuning, request.validation, settings, random, self._device, model.handling
        )
        self._supervision = supervision
        self.n_done = 0
        self._losses: list[float] = []
        self._psnrs: list[float] = []
        self._steps: list[int] = []
        self._start = time.perf_counter()

    def rounds(self) -> list[int]:
        """The steps after which to validate, evenly spread, the last one among them."""
        count = min(self._settings.validation_rounds, self.n_steps)
        return [round(self.n_steps * (i + 1) / count) for i in range(count)]

    def step(self) -> None:
        """One step."""
        loss = self._learner.loss(self._tuner.model)
        self._tuner.step(loss)
        self._losses.append(float(loss.detach()))
        self.n_done += 1

    def validate(self) -> TrainingPoint:
        """Validate; the best so far goes to disk, whole or not at all."""
        psnr = self._learner.validate(self._tuner.averaged)
        is_best = not self._psnrs or psnr > max(self._psnrs)
        self._psnrs.append(-math.inf if math.isnan(psnr) else psnr)
        self._steps.append(self.n_done)
        if is_best:
            files.save(self._request.output, self._tuner.averaged, self._document())
        loss = float(np.mean(self._losses)) if self._losses else None
        self._losses.clear()
        return TrainingPoint(
            self.n_done,
            self.n_steps,
            self._epoch,
            loss,
            psnr,
            is_best,
            self._seconds_left(),
            self._supervision.measure,
        )

    @property
    def is_out_of_patience(self) -> bool:
        """Whether the last validations were all below the best."""
        patience = self._settings.patience
        return 0 < patience <= len(self._psnrs) - 1 - int(np.argmax(self._psnrs))

    @property
    def _best_psnr(self) -> float:
        return max(self._psnrs)

    @property
    def _best_step(self) -> int:
        return self._steps[int(np.argmax(self._psnrs))]

    @property
    def _epoch(self) -> float:
        return self.n_done * self._learner.images_per_step / len(self._request.tuning)

    def message(self) -> str:
        """One line for the progress hook."""
        best = f"best validation {self._best_psnr:.2f} dB"
        return f"step {self.n_done}/{self.n_steps}, {best}"

    def result(self) -> TuneResult:
        """How it went."""
        return TuneResult(
            self._request.output,
            self._psnrs[0],
            self._best_psnr,
            self._best_step,
            self.n_done,
            self._epoch,
            time.perf_counter() - self._start,
            self.n_done < self.n_steps,
            self._supervision.measure,
        )

    def _seconds_left(self) -> float:
        if not self.n_done:
            return float("nan")
        elapsed = time.perf_counter() - self._start
        return elapsed / self.n_done * (self.n_steps - self.n_done)

    def _document(self) -> dict[str, Any]:
        request, settings, parent = self._request, self._settings, self._parent
        sampling = _sampling(request)
        seen = [image.seen for image in (*request.tuning, *request.validation)]
        seen.append(choice_keys(image.key for image in request.validation))
        return {
            **parent.config,
            "label": f"{parent.label}, {_what(settings)} on {len(request.tuning)}"
            f"{self._supervision.qualifier}",
            "task": {
                **parent.config["task"],
                "acceleration": sampling.acceleration,
                "pattern": sampling.pattern,
                "mask_params": settings_in_full(sampling.pattern, sampling.params),
                "tuned": True,
            },
            "provenance": {
                "recipe": asdict(settings),
                "tuning_images": [image.key for image in request.tuning],
                "validation_images": [image.key for image in request.validation],
                "not_to_be_scored": sorted(parent.tuned_on.union(*seen)),
                "validation_psnr_db": round(self._best_psnr, 4),
                "validation_measure": self._supervision.measure,
                "validation_definition": metrics.DEFAULT,
                "steps_done": self.n_done,
                "epochs_done": round(self._epoch, 3),
                "device": self._device.type,
                "versions": files.versions(),
                "parent_sha256": self._parent_hash,
                "parent": parent.config["provenance"],
            },
        }


def _suited(settings: TuneSettings, model: Network) -> TuneSettings:
    """The settings as they are possible with a network."""
    return replace(settings, crop=0, batch=1) if model.wants_whole_images else settings


def _what(settings: TuneSettings) -> str:
    """What a label says of the tuning: ``tuned``, ``decoder tuned``."""
    return "tuned" if settings.trainable == ALL else f"{settings.trainable} tuned"


def _sampling(request: TuneRequest) -> Sampling:
    """What the network is tuned for: the settings', or the scans' own if they have one."""
    first = request.tuning[0]
    if isinstance(first, AcquiredImage):
        mask = first.mask
        return Sampling(mask.pattern, mask.acceleration, mask.params)
    settings = request.settings
    return Sampling(settings.pattern, settings.acceleration, settings.mask_params)
