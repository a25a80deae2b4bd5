"""A small network of every architecture, for tests that must hold for all of them."""

from __future__ import annotations

import torch

from core.networks import NETWORKS
from core.networks.cascade import CascadeConfig
from core.networks.multicoil import MulticoilConfig
from core.networks.network import Network
from core.networks.unet import UNetConfig

CONFIGS = {
    "cascade": CascadeConfig(n_subnetworks=2, n_layers=1, n_channels=3),
    "multicoil": MulticoilConfig(n_subnetworks=2, n_layers=1, n_channels=3),
    "unet": UNetConfig(n_channels=2, n_poolings=2),
}
"""Architecture to a small configuration; every registered one is here."""


def small_network(architecture: str, seed: int = 2) -> Network:
    """One with random weights, none of them 0."""
    torch.manual_seed(seed)
    model = NETWORKS[architecture].item(CONFIGS[architecture])
    with torch.no_grad():
        for weight in model.parameters():
            weight.add_(0.05 * torch.randn_like(weight))
    return model
