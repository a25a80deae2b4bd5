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
from core.recon.multi_coil import kernel_remarks
from core.remarks import network_remarks
from core.types import Undersampled


@dataclass(frozen=True)
class NetworkParams(MethodParams):
    """Which checkpoints, of which the one nearest in R for the scan's coils is used, and where.

    Attributes
    ----------
    members
        Checkpoints that differ in R and in the coils they are for, at least one.
    title
        The name a person reads.
    """

    members: tuple[CheckpointInfo, ...]
    title: str
    device: str = setting("auto", "Device")

    @classmethod
    def named(cls, which: str, device: str) -> Self:
        """The family of a source domain (``natural``), one of its networks, or a file.

        Raises
        ------
        ValueError
            If there is none, or the file is no checkpoint.
        """
        members = checkpoints.members(which)
        tuned_on = frozenset[str]().union(*(info.tuned_on for info in members))
        return cls(members, checkpoints.title(which, members), device, tuned_on=tuned_on)

    @property
    def label(self) -> str:
        """The name a person reads."""
        return self.title

    def checkpoint(self, undersampled: Undersampled) -> CheckpointInfo:
        """The network that is used on this slice."""
        return checkpoints.nearest(
            self.members, undersampled.mask.acceleration, undersampled.scan.n_coils
        )

    def prepare(self, undersampled: Undersampled) -> None:
        """Read the weights, if they are not in memory yet, and calibrate coils if it must be.

        Raises
        ------
        ValueError
            If the weights are damaged, or the fully sampled centre is too small to calibrate.
        """
        from core.calibration import calibration_of
        from core.networks.files import load_cached

        model = load_cached(self.checkpoint(undersampled), self.device)
        if model.handling.calibrates(undersampled.scan.n_coils):
            calibration_of(undersampled)

    def remarks(self, undersampled: Undersampled) -> tuple[str, ...]:
        """A network used otherwise than it was trained says so."""
        info, mask, scan = self.checkpoint(undersampled), undersampled.mask, undersampled.scan
        found = network_remarks(info, mask, scan)
        is_spirit = info.coils == checkpoints.MULTI and scan.n_coils > 1
        return (*found, *(kernel_remarks(mask, scan.n_coils) if is_spirit else ()))


@METHODS.register("net", "Network", NetworkParams)
def network(undersampled: Undersampled, params: NetworkParams, progress: Progress) -> torch.Tensor:
    """Coil images by a trained network of any architecture. `(coil, y, x)`."""
    from core import devices
    from core.calibration import calibration_of
    from core.networks.files import load_cached
    from core.networks.inference import find_coil_images

    model = load_cached(params.checkpoint(undersampled), params.device)
    return find_coil_images(
        model,
        undersampled.kspace,
        undersampled.mask,
        undersampled.scan.is_simulated,
        devices.resolve(params.device),
        progress,
        lambda: calibration_of(undersampled),
    )
