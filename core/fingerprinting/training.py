r"""Training on clean or noisy signals, and the transfer from the one to the other.

Finkelstein et al. (2022): the weights of a network trained on clean signals start one that is
trained on noisy signals, with the last layer frozen, so that the layers before it must learn
features that noise does not change.
"""

from __future__ import annotations

import math
from collections.abc import Callable
from dataclasses import dataclass

import torch

from core.fingerprinting.network import FingerprintNetwork, GruConfig
from core.fingerprinting.pool import SignalPool
from core.fingerprinting.signals import normalised, with_noise
from core.params import check, setting
from core.progress import Progress, no_progress

CLEAN, NOISY = "clean", "noisy"
HEAD = "head"

_SHORTEST_CYCLE = 12
"""Steps; one of ten would have no warm-up, by whose length torch divides."""

Watch = Callable[[int, FingerprintNetwork], None]
"""Called with the number of steps done and the network as it is; must not change it."""


def watch_nothing(_step: int, _network: FingerprintNetwork) -> None:
    """A watch that looks at nothing."""


@dataclass(frozen=True)
class FingerprintTraining:
    """How a network is trained.

    ``frozen`` names parts of the network that keep their weights, separated by commas.
    """

    signals: str = setting(
        NOISY,
        "Signals",
        choices=(CLEAN, NOISY),
        help="Noise is drawn anew for every signal of every step.",
    )
    steps: int = setting(6000, "Steps", low=1, high=1_000_000, logarithmic=True)
    batch: int = setting(1024, "Signals a step", low=1, high=65_536, logarithmic=True)
    learning_rate: float = setting(
        1e-2, "Learning rate", low=1e-7, high=1.0, logarithmic=True, help="At its highest."
    )
    snr_low_db: float = setting(10.0, "Lowest SNR", low=-20, high=100, unit="dB")
    snr_high_db: float = setting(60.0, "Highest SNR", low=-20, high=100, unit="dB")
    frozen: str = setting("", "Frozen parts", help="recurrent, dense, head; separated by commas.")
    seed: int = setting(0, "Seed", low=0, high=2**31 - 1)

    def __post_init__(self) -> None:
        check(self)
        if self.snr_high_db < self.snr_low_db:
            raise ValueError(
                f"snr_high_db must be at least snr_low_db ({self.snr_low_db:g}), "
                f"got {self.snr_high_db:g}"
            )

    @property
    def frozen_parts(self) -> tuple[str, ...]:
        """Names of the frozen parts."""
        return tuple(name.strip() for name in self.frozen.split(",") if name.strip())


def new_network(pool: SignalPool, seed: int, config: GruConfig | None = None) -> FingerprintNetwork:
    """An untrained network for signals like those of a pool.

    Parameters
    ----------
    pool
        Gives the number of read-outs, the reference signal and the spread of the signals' norms.
    seed
        Of the initial weights.
    config
        Its size; by default that of the shipped networks.
    """
    n_readouts = pool.sequence.n_readouts
    with torch.random.fork_rng(devices=[]):
        torch.manual_seed(seed)
        network = FingerprintNetwork(config or GruConfig(n_readouts=n_readouts))
    signals, norms = normalised(pool.signals)
    scales = -norms.log()
    network = network.to(signals.device)
    network.reference.copy_(signals.mean(0))
    network.scale_mean.copy_(scales.mean())
    network.scale_sd.copy_(scales.std())
    return network


def loss_of(
    network: FingerprintNetwork,
    signals: torch.Tensor,
    tissues: torch.Tensor,
) -> torch.Tensor:
    r"""Mean squared error of the standardised logarithms of T1, T2, ADC and scale.

    Each parameter's logarithm counts in units of its spread over the tissues
    (:meth:`FingerprintNetwork.targets`), so that T1, T2 and ADC weigh alike and a factor of two is
    as wrong for a short T1 as for a long one.

    Parameters
    ----------
    network
        What is judged.
    signals
        For a proton density of 1, with their noise. Shape `(n, readout)`.
    tissues
        Shape `(n, 3)`.
    """
    targets = network.targets(tissues, 1 / signals.norm(dim=1))
    return (network(signals) - targets).square().mean()


def train(
    network: FingerprintNetwork,
    pool: SignalPool,
    settings: FingerprintTraining,
    progress: Progress = no_progress,
    watch: Watch = watch_nothing,
) -> tuple[float, ...]:
    """Train a network in place, by Adam with one cycle of the learning rate.

    Parameters
    ----------
    network
        Untrained, or trained on clean signals; on the pool's device.
    pool
        What it learns from.
    settings
        How.
    progress
        Called after every step.
    watch
        Called after every step.

    Returns
    -------
    tuple of float
        The loss at each step.

    Raises
    ------
    ValueError
        If a frozen part is not one of the network's, or all are.
    """
    learned = _learned(network, settings.frozen_parts)
    network.requires_grad_(False)
    for weight in learned:
        weight.requires_grad_(True)
    optimiser = torch.optim.Adam(learned, lr=settings.learning_rate)
    schedule = torch.optim.lr_scheduler.OneCycleLR(
        optimiser,
        settings.learning_rate,
        total_steps=max(settings.steps + 1, _SHORTEST_CYCLE),
        pct_start=0.1,
    )
    generator = torch.Generator(pool.signals.device).manual_seed(settings.seed)
    losses = []
    network.train()
    for step in range(settings.steps):
        loss = loss_of(network, *_batch(pool, settings, generator))
        optimiser.zero_grad()
        loss.backward()  # type: ignore[no-untyped-call]
        torch.nn.utils.clip_grad_norm_(learned, 1.0)
        optimiser.step()
        schedule.step()
        losses.append(float(loss.detach()))
        if not math.isfinite(losses[-1]):
            raise ValueError(
                f"learning_rate must be so low that training converges, got "
                f"{settings.learning_rate:g}: the loss became {losses[-1]} at step {step + 1}"
            )
        watch(step + 1, network)
        progress(
            (step + 1) / settings.steps,
            f"step {step + 1} of {settings.steps}, loss {losses[-1]:.3g}",
        )
    network.eval()
    return tuple(losses)


def _learned(network: FingerprintNetwork, frozen: tuple[str, ...]) -> list[torch.nn.Parameter]:
    """The weights of the parts that are not frozen."""
    parts = network.parts()
    for name in frozen:
        if name not in parts:
            raise ValueError(f"frozen must name parts among {', '.join(parts)}, got {name!r}")
    learned = [p for name, part in parts.items() if name not in frozen for p in part.parameters()]
    if not learned:
        raise ValueError(f"frozen must leave a part to train, got {', '.join(frozen)}")
    return learned


def _batch(
    pool: SignalPool, settings: FingerprintTraining, generator: torch.Generator
) -> tuple[torch.Tensor, torch.Tensor]:
    """Signals of some of a pool's tissues, with noise where it is asked for."""
    device = pool.signals.device
    chosen = torch.randint(len(pool.tissues), (settings.batch,), generator=generator, device=device)
    signals, tissues = pool.signals[chosen], pool.tissues[chosen]
    if settings.signals == NOISY:
        share = torch.rand(settings.batch, generator=generator, device=device)
        snr_db = settings.snr_low_db + share * (settings.snr_high_db - settings.snr_low_db)
        signals = with_noise(signals, snr_db, generator)
    return signals, tissues
