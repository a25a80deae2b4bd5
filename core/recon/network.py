"""Reconstruction by a trained network."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Self

import torch

from core import checkpoints
from core.checkpoints import CheckpointInfo
from core.params import setting
from core.progress import Progress
from core.recon.methods import METHODS, MethodParams
from core.types import Undersampled

R_TOLERANCE = 0.005
"""Relative difference of R within which a network counts as trained for it."""


@dataclass(frozen=True)
class NetworkParams(MethodParams):
    """Which checkpoint, and where it runs."""

    checkpoint: CheckpointInfo
    device: str = setting("auto", "Device")

    @classmethod
    def named(cls, which: str, device: str) -> Self:
        """The network of a source domain (``natural``) or of a checkpoint file.

        Raises
        ------
        ValueError
            If there is none, or the file is no checkpoint.
        """
        info = checkpoints.find(which)
        return cls(info, device, tuned_on=info.tuned_on)

    @property
    def label(self) -> str:
        """The name a person reads."""
        return self.checkpoint.label

    def prepare(self) -> None:
        """Read the weights, if they are not in memory yet."""
        from core.networks.files import load_cached

        load_cached(self.checkpoint, self.device)

    def remarks(self, undersampled: Undersampled) -> tuple[str, ...]:
        """A network used at another acceleration or pattern than it was trained for says so."""
        info, mask = self.checkpoint, undersampled.mask
        found = []
        if abs(info.acceleration - mask.acceleration) > R_TOLERANCE * info.acceleration:
            found.append(f"trained for R={info.acceleration:g}, used at R={mask.acceleration:g}")
        if info.pattern != mask.pattern:
            found.append(f"trained for {info.pattern} masks, used with {mask.pattern}")
        return tuple(found)


@METHODS.register("net", "Network", NetworkParams)
def network(undersampled: Undersampled, params: NetworkParams, progress: Progress) -> torch.Tensor:
    """Cascade of sub-networks and data consistency (Eqs. 6 to 10 of Dar et al.). `(y, x)`."""
    from core import devices
    from core.networks.files import load_cached
    from core.networks.inference import reconstruct_coils

    model = load_cached(params.checkpoint, params.device)
    return reconstruct_coils(
        model,
        undersampled.kspace,
        undersampled.mask,
        undersampled.scan.is_simulated,
        devices.resolve(params.device),
        progress,
    )
