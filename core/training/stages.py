"""The stages of a training: steps of Adam on one loss each, kept on disk as they go."""

from __future__ import annotations

import time
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import torch
from torch import nn
from torch.optim.lr_scheduler import LRScheduler

from core.progress import Progress, part
from core.training import resume
from core.training.batches import Batch, Sampler
from core.training.optimiser import SCHEDULES, adam
from core.training.resume import TrainingState
from core.training.settings import TrainSettings

LossOf = Callable[[Batch], torch.Tensor]

STEPS_BETWEEN_READINGS = 10
"""The loss is read that often: each reading waits for a GPU to finish."""


@dataclass(frozen=True, eq=False)
class Stage:
    """Some steps on one loss: a sub-network's, or that of all of them end to end.

    ``cost`` is the time of a step in units of one sub-network's, for the progress bar.
    """

    name: str
    parameters: Sequence[nn.Parameter]
    loss_of: LossOf
    n_steps: int
    rate: float
    cost: float


class StagedTraining:
    """Runs the stages one after the other; its state goes to a file about every minute.

    Parameters
    ----------
    state_file
        Where the state is kept; None keeps none. A state found there is gone on from.
    identity
        What must be equal for a state to belong to this training.
    """

    def __init__(
        self,
        model: nn.Module,
        stages: Sequence[Stage],
        sampler: Sampler,
        settings: TrainSettings,
        state_file: Path | None = None,
        identity: Mapping[str, Any] | None = None,
    ) -> None:
        self._model = model
        self._stages = [stage for stage in stages if stage.n_steps]
        self._sampler = sampler
        self._settings = settings
        self._file = state_file
        self._identity = dict(identity or {})
        self._seconds_before = 0.0
        self._start = time.perf_counter()
        self._saved = self._start

    @property
    def seconds(self) -> float:
        """Time spent training, that of earlier parts included."""
        return self._seconds_before + time.perf_counter() - self._start

    def run(self, progress: Progress) -> None:
        """Train to the end.

        What ``progress`` raises ends it between two steps, and the state is kept.

        Raises
        ------
        ValueError
            If the loss is no longer finite, or the state file is not this training's.
        """
        state = None if self._file is None else resume.read_state(self._file, self._identity)
        if state is not None:
            resume.load_weights(self._model, state)
            self._sampler.random_state = state.random
            self._seconds_before = state.seconds
        # a GPU may otherwise choose among algorithms by the clock, and sum in any order
        with torch.backends.cudnn.flags(enabled=True, benchmark=False, deterministic=True):
            self._run_stages(state, progress)

    def _run_stages(self, state: TrainingState | None, progress: Progress) -> None:
        total = sum(s.n_steps * s.cost for s in self._stages) or 1.0
        done = 0.0
        for index, stage in enumerate(self._stages):
            share = stage.n_steps * stage.cost
            if state is None or index >= state.stage:
                hook = part(progress, done / total, (done + share) / total)
                at = state if state is not None and index == state.stage else None
                self._run_stage(index, at, hook)
            done += share

    def _run_stage(self, index: int, state: TrainingState | None, progress: Progress) -> None:
        stage = self._stages[index]
        optimiser = adam(stage.parameters, stage.rate, self._settings.l2)
        schedule = SCHEDULES[self._settings.schedule](optimiser, stage.rate, stage.n_steps)
        first = 0
        if state is not None:
            first = state.step
            resume.restore_moments(optimiser, state.moments, first)
            _restore_schedule(schedule, optimiser, state)
        average: torch.Tensor | None = None
        shown = float("nan")
        for step in range(first + 1, stage.n_steps + 1):
            optimiser.zero_grad(set_to_none=True)
            loss = stage.loss_of(self._sampler.draw())
            loss.backward()  # type: ignore[no-untyped-call]
            optimiser.step()
            schedule.step()
            latest = loss.detach()
            average = latest if average is None else 0.98 * average + 0.02 * latest
            if step == first + 1 or step % STEPS_BETWEEN_READINGS == 0 or step == stage.n_steps:
                shown = self._finite(average, stage)
            self._report(index, step, shown, optimiser, progress)

    def _finite(self, average: torch.Tensor, stage: Stage) -> float:
        """The loss, which is NaN for ever once it was not finite."""
        if not average.isfinite():
            raise ValueError(
                f"training diverged in {stage.name}: learning_rate {stage.rate:g} is too large"
            )
        return float(average)

    def _report(
        self, index: int, step: int, loss: float, optimiser: torch.optim.Adam, progress: Progress
    ) -> None:
        stage = self._stages[index]
        due = time.perf_counter() - self._saved >= resume.SECONDS_BETWEEN_SAVES
        if due and step % STEPS_BETWEEN_READINGS == 0:  # then the weights are known to be finite
            self._save(index, step, optimiser)
        try:
            progress(
                step / stage.n_steps,
                f"{stage.name}, step {step}/{stage.n_steps}, loss {loss:.4f}",
            )
        except BaseException:
            self._save(index, step, optimiser)
            raise

    def _save(self, index: int, step: int, optimiser: torch.optim.Adam) -> None:
        if self._file is None:
            return
        state = TrainingState(
            index,
            step,
            float(optimiser.param_groups[0]["lr"]),
            self._sampler.random_state,
            self.seconds,
            self._model.state_dict(),
            resume.moments_of(optimiser),
        )
        resume.write_state(self._file, self._identity, state)
        self._saved = time.perf_counter()


def _restore_schedule(
    schedule: LRScheduler, optimiser: torch.optim.Adam, state: TrainingState
) -> None:
    """Both schedules are functions of the number of steps done alone."""
    schedule.last_epoch = state.step
    for group in optimiser.param_groups:
        group["lr"] = state.learning_rate
