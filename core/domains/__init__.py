"""Source domains, one file each; importing this package registers them all."""

from core.domains import mri, natural, phantom
from core.domains.table import DOMAINS, Domain, ImageGroup

__all__ = ["DOMAINS", "Domain", "ImageGroup", "mri", "natural", "phantom"]
