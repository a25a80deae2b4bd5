"""What every network is to those who use and train it: sub-networks in series."""

from __future__ import annotations

from abc import ABC, abstractmethod
from typing import Any

import torch
from torch import nn

from core.networks.handling import Handling


class Series(nn.Module, ABC):
    """Sub-networks with steps between them that keep to the measured data.

    Attributes
    ----------
    config
        The architecture's frozen dataclass.
    subnetworks
        In order.
    """

    config: Any
    subnetworks: nn.ModuleList

    @property
    @abstractmethod
    def handling(self) -> Handling:
        """How coils reach it."""

    @abstractmethod
    def start_from(self, parent: nn.Module) -> None:
        """Take the weights of another network.

        Raises
        ------
        ValueError
            If they do not fit.
        """

    @abstractmethod
    def subnetwork_output(self, index: int, *given: torch.Tensor | None) -> torch.Tensor:
        """Image that one sub-network finds, those before it being fixed (Eq. 11).

        Parameters
        ----------
        index
            Of the sub-network.
        given
            What the whole network is called with.
        """

    @property
    def parts(self) -> dict[str, tuple[nn.Parameter, ...]]:
        """What may be tuned alone (:mod:`core.training.parts`): a block is a sub-network."""
        biases = (p for name, p in self.named_parameters() if name.endswith("bias"))
        return {
            "last block": tuple(self.subnetworks[-1].parameters()),
            "all but first block": tuple(self.subnetworks[1:].parameters()),
            "biases": tuple(biases),
        }
