r"""The recurrent network that reads T1, T2, ADC and proton density from a signal.

A gated recurrent unit (Cho et al., EMNLP 2014) walks over the signal, some read-outs at a step; its
last state goes through a dense layer to the head. The head's outputs are logarithms, so what the
network says is positive.
"""

from __future__ import annotations

import math
from collections.abc import Mapping
from dataclasses import dataclass

import torch
from torch import nn
from torch.nn.functional import pad, relu

from core.fingerprinting.estimate import Estimate
from core.fingerprinting.parameters import PARAMETERS
from core.fingerprinting.signals import normalised
from core.params import check, setting

BLOCK = 4096
"""Signals at once in :meth:`FingerprintNetwork.estimate`: what a core's cache holds."""


@dataclass(frozen=True)
class GruConfig:
    """Size of the network."""

    n_readouts: int = setting(320, "Read-outs", low=1, high=5000)
    readouts_a_step: int = setting(40, "Read-outs a step", low=1, high=5000)
    hidden: int = setting(64, "Hidden units", low=1, high=1024)
    dense: int = setting(256, "Units of the dense layer", low=1, high=1024)

    def __post_init__(self) -> None:
        check(self)


class FingerprintNetwork(nn.Module):
    """Signals to tissues.

    Attributes
    ----------
    config
        Its size.
    reference
        A mean signal, shape `(readout,)`: tells the sign of signals whose phase is taken off.
    """

    reference: torch.Tensor
    scale_mean: torch.Tensor
    scale_sd: torch.Tensor
    log_mean: torch.Tensor
    log_sd: torch.Tensor

    def __init__(self, config: GruConfig) -> None:
        super().__init__()
        self.config = config
        self.recurrent = nn.GRU(config.readouts_a_step, config.hidden, batch_first=True)
        self.dense = nn.Linear(config.hidden, config.dense)
        self.head = nn.Linear(config.dense, len(PARAMETERS) + 1)
        self.register_buffer("reference", torch.zeros(config.n_readouts))
        self.register_buffer("scale_mean", torch.zeros(()))
        self.register_buffer("scale_sd", torch.ones(()))
        # An even spread over the logarithm of a range has its middle and this deviation.
        middle = [math.log(p.low) + p.log_range / 2 for p in PARAMETERS]
        spread = [p.log_range / math.sqrt(12) for p in PARAMETERS]
        self.register_buffer("log_mean", torch.tensor(middle), persistent=False)
        self.register_buffer("log_sd", torch.tensor(spread), persistent=False)

    def parts(self) -> Mapping[str, nn.Module]:
        """What can be frozen, in the order that signals go through it; the last is the head."""
        return {"recurrent": self.recurrent, "dense": self.dense, "head": self.head}

    def forward(self, signals: torch.Tensor) -> torch.Tensor:
        """Standardised logarithms of T1, T2, ADC and scale (see :meth:`targets`).

        Parameters
        ----------
        signals
            Real, of any positive norm, shape `(n, readout)`.

        Returns
        -------
        torch.Tensor
            Shape `(n, 4)`.
        """
        size = self.config.readouts_a_step
        # The last step is filled up with zeros.
        full = pad(normalised(signals)[0], (0, -signals.shape[1] % size))
        _, last = self.recurrent(full.reshape(len(full), -1, size) * math.sqrt(signals.shape[1]))
        return self.head(relu(self.dense(last[0])))

    def targets(self, tissues: torch.Tensor, scales: torch.Tensor) -> torch.Tensor:
        r"""What :meth:`forward` should say: :math:`(\ln\theta - \mu)/\sigma` of each parameter.

        For T1, T2 and ADC, :math:`\mu` and :math:`\sigma` are those of tissues spread evenly over
        the logarithm of the range, so that the three count alike. The fourth is the proton density
        over the norm of the (noisy) signal, standardised over the training signals.

        Parameters
        ----------
        tissues
            Shape `(n, 3)`.
        scales
            Proton density over the norm of each signal, shape `(n,)`.
        """
        logs = (tissues.log() - self.log_mean) / self.log_sd
        scale = (scales.log() - self.scale_mean) / self.scale_sd
        return torch.cat([logs, scale[:, None]], dim=1)

    @torch.inference_mode()
    def estimate(self, signals: torch.Tensor) -> Estimate:
        """What the network finds of signals, within the range that it learnt, as a dictionary does.

        Parameters
        ----------
        signals
            Real, shape `(n, readout)`; the phase of complex ones is taken off by
            :func:`core.fingerprinting.signals.phased` with :attr:`reference`.
        """
        found = torch.cat([self(block) for block in torch.split(signals, BLOCK)])
        # Noise that it has not learnt from drives its outputs anywhere, beyond all numbers at last.
        ends = math.sqrt(3)  # of an even spread with a standard deviation of 1
        logs = found[:, :-1].clamp(-ends, ends) * self.log_sd + self.log_mean
        scales = (found[:, -1].clamp(-5, 5) * self.scale_sd + self.scale_mean).exp()
        return Estimate(logs.exp(), scales * signals.norm(dim=1))
