"""The table of network architectures."""

from __future__ import annotations

from core.networks.network import Network
from core.registry import Registry

NETWORKS: Registry[type[Network]] = Registry("network")

DEFAULT = "cascade"
"""The architecture for single coils where none is named."""
