"""Networks, one file each; importing this package registers them all."""

from core.networks import cascade, multicoil, unet
from core.networks.table import NETWORKS

__all__ = ["NETWORKS", "cascade", "multicoil", "unet"]
