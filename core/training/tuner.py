"""Steps of a fine-tuning: the gradient, what holds it back, and the moving average of weights."""

from __future__ import annotations

import copy
import math
from collections.abc import Sequence

import torch
from torch import nn

from core.networks.network import Network
from core.training.optimiser import SCHEDULES, adam
from core.training.parts import train_only
from core.training.settings import TuneSettings


class Tuner:
    """Changes a network step by step, as the settings say.

    Attributes
    ----------
    model
        The network that steps are taken on.
    averaged
        The one to validate and to keep: the moving average of ``model`` over the steps.
    """

    def __init__(self, model: Network, settings: TuneSettings, n_steps: int) -> None:
        self.model = model
        self.averaged = copy.deepcopy(model).requires_grad_(False)
        self._settings = settings
        self._weights = train_only(model, settings.trainable)
        self._source = [weight.detach().clone() for weight in self._weights]
        self._optimiser = adam(self._weights, settings.learning_rate, settings.l2)
        self._schedule = SCHEDULES[settings.schedule](
            self._optimiser, settings.learning_rate, n_steps
        )
        self._n_done = 0

    def step(self, loss: torch.Tensor) -> None:
        """One step of Adam down a loss of :attr:`model`."""
        self._optimiser.zero_grad(set_to_none=True)
        loss.backward()  # type: ignore[no-untyped-call]
        pull_to(self._weights, self._source, self._settings.l2_source)
        nn.utils.clip_grad_norm_(self._weights, self._settings.clip or math.inf)
        self._optimiser.step()
        self._schedule.step()
        self._n_done += 1
        self._average()

    @torch.no_grad()
    def _average(self) -> None:
        """Draw the average towards the weights; quickly at first, when it is still the source's."""
        decay = min(self._settings.ema, self._n_done / (self._n_done + 9))
        for mean, weight in zip(self.averaged.parameters(), self.model.parameters(), strict=True):
            mean.lerp_(weight, 1 - decay)


@torch.no_grad()
def pull_to(weights: Sequence[nn.Parameter], source: Sequence[torch.Tensor], factor: float) -> None:
    r"""Add the gradient of :math:`f \|\theta - \theta_0\|^2` to that of the weights.

    L2-SP of Li, Grandvalet and Davoine 2018, https://arxiv.org/abs/1802.01483.
    """
    for weight, start in zip(weights, source, strict=True):
        if weight.grad is not None:
            weight.grad.add_(weight - start, alpha=2 * factor)
