"""The cascade of sub-networks interleaved with data consistency (Eq. 10 of Dar et al.)."""

from __future__ import annotations

from dataclasses import dataclass
from itertools import pairwise

import torch
from torch import nn

from core.checkpoints import SINGLE
from core.networks.consistency import consistency_weight, data_consistency
from core.networks.handling import COIL_BY_COIL, CoilByCoil
from core.networks.series import Series
from core.networks.table import NETWORKS
from core.params import check, setting


@dataclass(frozen=True)
class CascadeConfig:
    """Shape of a cascade; the defaults are the paper's but for ``skip``.

    ``skip`` is what each sub-network adds its output to: ``real`` (the real part of its input, so
    that it learns the correction alone) or ``none`` (the paper's).
    """

    n_subnetworks: int = setting(5, "Sub-networks", low=1, high=20)
    n_layers: int = setting(4, "Hidden layers", low=1, high=12)
    n_channels: int = setting(64, "Channels", low=1, high=512)
    skip: str = setting("real", "Skip connection", choices=("real", "none"))
    reg_weight: float = setting(
        float("inf"), "Data consistency λ", low=0.0, help="infinite keeps the samples exactly"
    )

    def __post_init__(self) -> None:
        check(self)


class SubNetwork(nn.Module):
    """Two channels in (real, imaginary), hidden ReLU convolutions of 3 x 3, one channel out."""

    def __init__(self, config: CascadeConfig) -> None:
        super().__init__()
        widths = [2, *[config.n_channels] * config.n_layers, 1]
        self.convolutions = nn.ModuleList(
            nn.Conv2d(n_in, n_out, kernel_size=3, padding=1) for n_in, n_out in pairwise(widths)
        )
        self._skips = config.skip == "real"
        for layer in self.convolutions:
            assert isinstance(layer, nn.Conv2d)
            nn.init.kaiming_normal_(layer.weight, nonlinearity="relu")
            nn.init.zeros_(layer.bias)  # type: ignore[arg-type]  # it has a bias
        if self._skips:  # start as the identity, so that a fresh sub-network does no harm
            nn.init.zeros_(self.convolutions[-1].weight)  # type: ignore[arg-type]

    def forward(self, image: torch.Tensor) -> torch.Tensor:
        """Complex image `(batch, y, x)` to real image `(batch, y, x)`."""
        x = torch.view_as_real(image).permute(0, 3, 1, 2)  # channels_last without a copy
        for layer in self.convolutions[:-1]:
            x = torch.relu_(layer(x))
        x = self.convolutions[-1](x)[:, 0].to(image.real.dtype)
        return x + image.real if self._skips else x


@NETWORKS.register("cascade", "Cascade with data consistency", CascadeConfig)
class Cascade(Series):
    """Sub-networks in series, each followed by data consistency.

    Works on magnitude images: a sub-network's output is real. Where the image has a phase, that
    phase is given and taken off before, and put back around, each consistency step, so that the
    sub-networks always see an image that is nearly real.
    """

    learns_from = (SINGLE,)

    def __init__(self, config: CascadeConfig) -> None:
        super().__init__()
        self.config = config
        self.subnetworks = nn.ModuleList(SubNetwork(config) for _ in range(config.n_subnetworks))
        self._weight = consistency_weight(config.reg_weight)

    @property
    def handling(self) -> CoilByCoil:
        """It takes coils one after the other."""
        return COIL_BY_COIL

    def forward(
        self,
        zero_filled: torch.Tensor,
        corner_mask: torch.Tensor,
        phase: torch.Tensor | None = None,
        n_subnetworks: int | None = None,
    ) -> torch.Tensor:
        """Reconstruct.

        Parameters
        ----------
        zero_filled
            Zero-filled image :math:`x_u`, complex64, shape `(batch, y, x)`.
        corner_mask
            Sampling mask with its origin at index 0, shape `(batch or 1, y, x)`.
        phase
            Unit phasor of the image, complex64, same shape as ``zero_filled``; None for a real
            image.
        n_subnetworks
            How many sub-networks to run; all by default. After p of them the result is the input
            :math:`x_{i,p+1}` of the next (Eq. 10).

        Returns
        -------
        torch.Tensor
            Complex image with the phase taken off, shape `(batch, y, x)`.
        """
        mask = corner_mask.to(zero_filled.real.dtype)
        image = zero_filled if phase is None else zero_filled * phase.conj()
        for subnetwork in self.subnetworks[:n_subnetworks]:
            image = self._consistent(subnetwork(image), zero_filled, mask, phase)
        return image

    def subnetwork_output(self, index: int, *given: torch.Tensor | None) -> torch.Tensor:
        """Real image that one sub-network finds, those before it being fixed (Eq. 11)."""
        zero_filled, corner_mask, phase = given
        assert zero_filled is not None
        assert corner_mask is not None
        with torch.no_grad():
            inputs = self(zero_filled, corner_mask, phase, n_subnetworks=index)
        return self.subnetworks[index](inputs)

    def _consistent(
        self,
        image: torch.Tensor,
        zero_filled: torch.Tensor,
        mask: torch.Tensor,
        phase: torch.Tensor | None,
    ) -> torch.Tensor:
        if phase is None:
            return data_consistency(image, zero_filled, mask, self._weight)
        return phase.conj() * data_consistency(phase * image, zero_filled, mask, self._weight)
