"""The table of network architectures."""

from __future__ import annotations

from core.networks.series import Series
from core.registry import Registry

NETWORKS: Registry[type[Series]] = Registry("network")
