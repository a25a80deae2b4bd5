"""Reconstruction by a trained network."""

from __future__ import annotations

from dataclasses import dataclass

import torch

from core import checkpoints
from core.checkpoints import CheckpointInfo
from core.params import check, setting
from core.progress import Progress
from core.recon.methods import METHODS
from core.types import Undersampled


@dataclass(frozen=True)
class NetworkParams:
    """Which checkpoint, and where it runs."""

    checkpoint: CheckpointInfo
    device: str = setting("auto", "Device")

    def __post_init__(self) -> None:
        check(self)

    @classmethod
    def named(cls, which: str, device: str = "auto") -> NetworkParams:
        """The network of a source domain (``natural``) or of a checkpoint file.

        Raises
        ------
        ValueError
            If there is none, or the file is no checkpoint.
        """
        return cls(checkpoints.find(which), device)

    @property
    def label(self) -> str:
        """The name a person reads."""
        return self.checkpoint.label


@METHODS.register("net", "Network", NetworkParams)
def network(undersampled: Undersampled, params: NetworkParams, progress: Progress) -> torch.Tensor:
    """Cascade of sub-networks and data consistency (Eqs. 6 to 10 of Dar et al.). `(y, x)`."""
    from core import devices
    from core.networks.files import load_cached
    from core.networks.inference import reconstruct_coils

    progress(0.0, f"{params.label}: loading")
    model = load_cached(params.checkpoint, params.device)
    progress(0.1, params.label)
    return reconstruct_coils(
        model,
        undersampled.kspace,
        undersampled.mask,
        undersampled.scan.is_simulated,
        devices.resolve(params.device),
    )


def tuned_on(params: NetworkParams) -> frozenset[str]:
    """Keys of the images that the network saw while it was tuned."""
    return params.checkpoint.tuned_on


def network_remarks(params: NetworkParams, undersampled: Undersampled) -> tuple[str, ...]:
    """What a reader must know: a network trained for another acceleration or pattern says so."""
    info, mask = params.checkpoint, undersampled.mask
    remarks = []
    if abs(info.acceleration - mask.acceleration) > 0.005 * info.acceleration:
        remarks.append(f"trained for R={info.acceleration:g}, used at R={mask.acceleration:g}")
    if info.pattern != mask.pattern:
        remarks.append(f"trained for {info.pattern} masks, used with {mask.pattern}")
    return tuple(remarks)
