"""Networks of a noise study: trained, and watched while they learn."""

from __future__ import annotations

import time
from dataclasses import dataclass, field
from threading import Lock

import torch

from core.fingerprinting.network import FingerprintNetwork
from core.fingerprinting.pool import SignalPool, make_pool
from core.fingerprinting.signals import with_noise
from core.fingerprinting.training import CLEAN, FingerprintTraining, loss_of, new_network
from core.fingerprinting.training import train as train_network
from core.progress import Progress, no_progress
from core.studies.fingerprinting.result import Learning
from core.studies.fingerprinting.spec import FingerprintStudy

VALIDATION_SEED = 1_000_002
"""Of tissues and noise that networks are watched on: above the seeds of all networks."""


@dataclass(frozen=True, eq=False)
class ValidationSet:
    """The same noisy signals for every network.

    Attributes
    ----------
    tissues
        Shape `(n, 3)`.
    signals
        With noise of every SNR of the training. Shape `(n, readout)`.
    """

    tissues: torch.Tensor
    signals: torch.Tensor

    def loss(self, network: FingerprintNetwork) -> float:
        """The training loss on them."""
        with torch.no_grad():
            return float(loss_of(network, self.signals, self.tissues))


def validation_set(study: FingerprintStudy, device: torch.device) -> ValidationSet:
    """Signals of tissues that no network of the study learns from."""
    plan = study.training
    pool = make_pool(study.sequence, study.evaluation.n_validation, VALIDATION_SEED)
    generator = torch.Generator().manual_seed(VALIDATION_SEED)
    share = torch.rand(len(pool.tissues), generator=generator)
    snr_db = plan.snr_low_db + share * (plan.snr_high_db - plan.snr_low_db)
    signals = with_noise(pool.signals, snr_db, generator)
    return ValidationSet(pool.tissues.to(device), signals.to(device))


@dataclass
class _Watcher:
    """Takes the loss at some steps, and the time that it costs."""

    validation: ValidationSet
    due: frozenset[int]
    steps: list[int] = field(default_factory=list)
    losses: list[float] = field(default_factory=list)
    seconds: float = 0.0

    def __call__(self, step: int, network: FingerprintNetwork) -> None:
        if step not in self.due:
            return
        start = time.perf_counter()
        self.steps.append(step)
        self.losses.append(self.validation.loss(network))
        self.seconds += time.perf_counter() - start


@dataclass(frozen=True, eq=False)
class Trained:
    """A network, how it learned, and how long that took in seconds."""

    network: FingerprintNetwork
    learning: Learning
    seconds: float


def train(
    pool: SignalPool,
    settings: FingerprintTraining,
    checkpoints: tuple[float, ...],
    validation: ValidationSet,
    parent: FingerprintNetwork | None = None,
    progress: Progress = no_progress,
) -> Trained:
    """Train a network of a cell.

    Networks of one seed begin with the same weights, or with their parent's.

    Parameters
    ----------
    pool
        What it learns from.
    settings
        How.
    checkpoints
        Fractions of the steps at which the loss is taken if it learns with noise.
    validation
        Of what.
    parent
        What is trained on, and changed; None for random weights.
    progress
        Called after every step.
    """
    is_clean = settings.signals == CLEAN
    due = frozenset(() if is_clean else (round(share * settings.steps) for share in checkpoints))
    watcher = _Watcher(validation, due)
    network = _untrained(pool, settings.seed) if parent is None else parent
    watcher(0, network)
    watched, start = watcher.seconds, time.perf_counter()
    train_network(network, pool, settings, progress, watcher)
    seconds = time.perf_counter() - start - (watcher.seconds - watched)
    return Trained(network, Learning(tuple(watcher.steps), tuple(watcher.losses)), seconds)


_BEGINNING = Lock()
"""The random state that weights are drawn from is one for all threads."""


def _untrained(pool: SignalPool, seed: int) -> FingerprintNetwork:
    with _BEGINNING:
        return new_network(pool, seed)
