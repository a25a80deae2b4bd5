"""The table of network architectures."""

from __future__ import annotations

from torch import nn

from core.registry import Registry

NETWORKS: Registry[type[nn.Module]] = Registry("network")
