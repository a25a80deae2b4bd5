"""Reconstruction methods, one file each; importing this package registers them all."""

from core.recon import zero_filled, wavelet, tv, sense, spirit, l1_espirit, network  # isort: skip  # lists keep this order
from core.recon.methods import METHODS, Method

__all__ = [
    "METHODS",
    "Method",
    "l1_espirit",
    "network",
    "sense",
    "spirit",
    "tv",
    "wavelet",
    "zero_filled",
]
