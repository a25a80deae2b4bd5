"""Sampling patterns, one file each; importing this package registers them all."""

# Patterns are offered in the order of these lines, the default first.
# isort: off
from core.masks.poisson import poisson
from core.masks.gaussian import gaussian
from core.masks.random_lines import random_lines
from core.masks.equispaced import equispaced

# isort: on
from core.masks.acquired import acquired_mask, sampled_centre
from core.masks.make import DEFAULT_PATTERN, make_mask, settings_in_full, training_masks
from core.masks.patterns import ACQUIRED, PATTERNS, Pattern, PatternParams, Plan

__all__ = [
    "ACQUIRED",
    "DEFAULT_PATTERN",
    "PATTERNS",
    "Pattern",
    "PatternParams",
    "Plan",
    "acquired_mask",
    "equispaced",
    "gaussian",
    "make_mask",
    "poisson",
    "random_lines",
    "sampled_centre",
    "settings_in_full",
    "training_masks",
]
