"""Views of a slice beside its magnitude image: phase, coils, k-space.

Files register themselves in the order in which a form offers them.
"""

# Views are offered in the order of these lines.
# isort: off
from core.views.phase import combined_image, phase_image
from core.views.coils import coil_magnitudes, coil_maps
from core.views.kspace import kspace_residual, log_kspace, relative_norm

# isort: on
from core.views.maps import slice_maps
from core.views.picture import GREY, INFERNO, PHASE, VIEWS, Picture, View

__all__ = [
    "GREY",
    "INFERNO",
    "PHASE",
    "VIEWS",
    "Picture",
    "View",
    "coil_magnitudes",
    "coil_maps",
    "combined_image",
    "kspace_residual",
    "log_kspace",
    "phase_image",
    "relative_norm",
    "slice_maps",
]
