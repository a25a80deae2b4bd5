"""Networks, one file each; importing this package registers them all."""

from core.networks import cascade, multicoil, unet
from core.networks.table import DEFAULT, NETWORKS

__all__ = ["DEFAULT", "NETWORKS", "cascade", "multicoil", "unet"]
