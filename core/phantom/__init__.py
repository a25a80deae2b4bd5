"""The digital brain phantom: any number of heads by seed, their images and their raw data."""

from core.phantom.brain import FIELD_OF_VIEW_MM, Brain, make_brain
from core.phantom.coils import CoilRing, coil_sensitivities, complex_noise, smooth_phase
from core.phantom.contrast import CONTRASTS, flair, t1_weighted, t2_weighted
from core.phantom.field_strength import FIELDS_T, tissues_at
from core.phantom.scan import (
    EDGES,
    INTENSITY,
    NOISE,
    demo_local_scans,
    demo_scan,
    magnitude_scan,
    noise_sd,
    simulate_scan,
    weighted_images,
)
from core.phantom.tissues import TISSUES, Label, Tissue

__all__ = [
    "CONTRASTS",
    "EDGES",
    "FIELDS_T",
    "FIELD_OF_VIEW_MM",
    "INTENSITY",
    "NOISE",
    "TISSUES",
    "Brain",
    "CoilRing",
    "Label",
    "Tissue",
    "coil_sensitivities",
    "complex_noise",
    "demo_local_scans",
    "demo_scan",
    "flair",
    "magnitude_scan",
    "make_brain",
    "noise_sd",
    "simulate_scan",
    "smooth_phase",
    "t1_weighted",
    "t2_weighted",
    "tissues_at",
    "weighted_images",
]
