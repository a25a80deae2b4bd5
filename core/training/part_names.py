"""What the parts of networks are called that can be tuned alone. No torch here: forms read this.

A network declares which of these it has (:attr:`core.networks.network.Network.parts`).
"""

from __future__ import annotations

from core.registry import Registry

ALL = "all"

PARTS: Registry[str] = Registry("part of a network")
"""The item says what the part is; every network has the first."""

PARTS.register(ALL, "All")("every weight")
PARTS.register("decoder", "Decoder")("the half of a U-Net that goes up again")
PARTS.register("last block", "Last block")(
    "the last sub-network of a cascade, the last convolutions of a U-Net's decoder"
)
PARTS.register("all but first block", "All but the first block")("every sub-network but the first")
PARTS.register("biases", "Biases")("what the layers add, without the convolutions")
PARTS.register("normalisation", "Normalisation")(
    "scales and shifts behind the normalisation of each layer"
)
