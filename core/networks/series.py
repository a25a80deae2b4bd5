"""Networks that are sub-networks in series, which can be trained one after the other."""

from __future__ import annotations

from abc import abstractmethod

import torch
from torch import nn

from core.networks.network import Network


class Series(Network):
    """Sub-networks with steps between them that keep to the measured data.

    Attributes
    ----------
    subnetworks
        In order.
    """

    subnetworks: nn.ModuleList

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
        """A block is a sub-network."""
        biases = (p for name, p in self.named_parameters() if name.endswith("bias"))
        return {
            "last block": tuple(self.subnetworks[-1].parameters()),
            "all but first block": tuple(self.subnetworks[1:].parameters()),
            "biases": tuple(biases),
        }
