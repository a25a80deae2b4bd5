"""The U-Net of the image domain (Ronneberger et al. 2015), as fastMRI shapes it.

Arshad et al. 2021 (https://doi.org/10.1016/j.mri.2020.09.018) transfer a U-Net between field
strengths, anatomies and accelerations by tuning it end to end. The shape is that of fastMRI's
baseline (Zbontar et al. 2018, https://arxiv.org/abs/1811.08839): 32 channels that double at each of
four poolings.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from itertools import pairwise

import torch
from torch import nn
from torch.nn import functional

from core.checkpoints import COMPLEX, MULTI, SINGLE
from core.coils import combine
from core.networks.consistency import consistency_weight
from core.networks.handling import PHASES, AllCoils
from core.networks.measured import Measured
from core.networks.network import Network
from core.networks.table import NETWORKS
from core.params import check, setting

LEAK = 0.2
"""Slope of the activation below 0."""


@dataclass(frozen=True)
class UNetConfig:
    """Shape of the network.

    ``values`` says whether it finds a real image or a complex one. ``skip`` is what its output is
    added to: ``real`` (its input: the real part, or all of it where ``values`` is ``complex``) or
    ``none`` (fastMRI's). ``norm`` is that of every layer: each channel of each image to mean 0 and
    variance 1, then ``affine`` (a learned scale and shift) or ``plain`` (fastMRI's, without).
    ``reg_weight`` 0 leaves data consistency out. ``phase`` is as of
    :class:`core.networks.multicoil.MulticoilConfig`.
    """

    n_channels: int = setting(32, "Channels", low=1, high=512)
    n_poolings: int = setting(4, "Poolings", low=1, high=7)
    values: str = setting("real", "Image", choices=("real", "complex"))
    skip: str = setting("real", "Skip connection", choices=("real", "none"))
    norm: str = setting("affine", "Normalisation", choices=("affine", "plain"))
    reg_weight: float = setting(
        float("inf"),
        "Data consistency λ",
        low=0.0,
        help="infinite keeps the samples exactly; 0: none",
    )
    phase: str = setting("centre", "Phase taken off", choices=PHASES.names())

    def __post_init__(self) -> None:
        check(self)


class Normalisation(nn.Module):
    """Each channel of each image to mean 0 and variance 1, and learned from there if affine."""

    def __init__(self, n_channels: int, is_affine: bool) -> None:
        super().__init__()
        self.weight = nn.Parameter(torch.ones(n_channels)) if is_affine else None
        self.bias = nn.Parameter(torch.zeros(n_channels)) if is_affine else None

    def forward(self, x: torch.Tensor) -> torch.Tensor:
        """Shape `(batch, channel, y, x)` to the same."""
        # Batch normalisation of one image at a time: torch's instance normalisation leaves
        # channels_last and bfloat16, which makes a step about half as long again.
        if len(x) == 1:
            return self._one(x)
        return torch.cat([self._one(image) for image in torch.split(x, 1)])

    def _one(self, x: torch.Tensor) -> torch.Tensor:
        return functional.batch_norm(x, None, None, self.weight, self.bias, training=True)


class Block(nn.Sequential):
    """Two convolutions of 3 x 3, each normalised and rectified."""

    def __init__(self, n_in: int, n_out: int, is_affine: bool) -> None:
        layers: list[nn.Module] = []
        for before, after in pairwise((n_in, n_out, n_out)):
            layers += [
                nn.Conv2d(before, after, kernel_size=3, padding=1, bias=False),
                Normalisation(after, is_affine),
                nn.LeakyReLU(LEAK, inplace=True),
            ]
        super().__init__(*layers)


class Upsampling(nn.Sequential):
    """A transposed convolution of 2 x 2 that doubles the size, normalised and rectified."""

    def __init__(self, n_in: int, n_out: int, is_affine: bool) -> None:
        super().__init__(
            nn.ConvTranspose2d(n_in, n_out, kernel_size=2, stride=2, bias=False),
            Normalisation(n_out, is_affine),
            nn.LeakyReLU(LEAK, inplace=True),
        )


class ImageUNet(nn.Module):
    """From channels of an image to channels of an image of the same size, whatever that is."""

    def __init__(self, n_in: int, n_out: int, config: UNetConfig) -> None:
        super().__init__()
        self._factor = 2**config.n_poolings
        is_affine = config.norm == "affine"
        widths = [config.n_channels * 2**level for level in range(config.n_poolings + 1)]
        steps = tuple(pairwise(widths))
        self.encoder = nn.ModuleList(
            Block(before, after, is_affine) for before, after in ((n_in, widths[0]), *steps)
        )
        self.upsamplings = nn.ModuleList(
            Upsampling(below, above, is_affine) for above, below in reversed(steps)
        )
        self.decoder = nn.ModuleList(
            Block(below, above, is_affine) for above, below in reversed(steps)
        )
        self.last = nn.Conv2d(widths[0], n_out, kernel_size=1)

    def forward(self, x: torch.Tensor) -> torch.Tensor:
        """Shape `(batch, channel, y, x)` to `(batch, channel, y, x)`."""
        shape = x.shape[-2:]
        x = padded(x, self._factor)
        levels = []
        for block in self.encoder[:-1]:
            x = block(x)
            levels.append(x)
            x = functional.avg_pool2d(x, kernel_size=2)
        x = self.encoder[-1](x)
        for upsampling, block in zip(self.upsamplings, self.decoder, strict=True):
            x = block(torch.cat([upsampling(x), levels.pop()], dim=1))
        return cropped(self.last(x), shape)


def padded(x: torch.Tensor, factor: int) -> torch.Tensor:
    """The image in the middle of zeros, so that both sides are multiples of ``factor``.

    They are at least twice that: the deepest level needs more than one pixel to normalise. Where
    the number of zeros is odd, one more comes after the image than before it.
    """
    missing = [max(-n % factor, 2 * factor - n) for n in x.shape[-2:]]
    (top, bottom), (left, right) = ((n // 2, n - n // 2) for n in missing)
    return functional.pad(x, (left, right, top, bottom)) if any(missing) else x


def cropped(x: torch.Tensor, shape: Sequence[int]) -> torch.Tensor:
    """The middle of a :func:`padded` image, of the given size (y, x)."""
    top, left = ((n - kept) // 2 for n, kept in zip(x.shape[-2:], shape, strict=True))
    return x[..., top : top + shape[0], left : left + shape[1]]


@NETWORKS.register("unet", "U-Net", UNetConfig)
class UNet(Network):
    """A U-Net from the combined zero-filled image to the image, then data consistency.

    It takes any number of coils, which it combines by their maps; one coil's map is its phase.
    """

    learns_from = (SINGLE, COMPLEX, MULTI)
    preset = "unet"
    wants_whole_images = True  # for its normalisation

    def __init__(self, config: UNetConfig) -> None:
        super().__init__()
        self.config = config
        self.unet = ImageUNet(2, 1 if config.values == "real" else 2, config)
        if config.skip == "real":  # start as the identity, so that a fresh network does no harm
            nn.init.zeros_(self.unet.last.weight)
            assert self.unet.last.bias is not None
            nn.init.zeros_(self.unet.last.bias)
        self._weight = consistency_weight(config.reg_weight)

    @property
    def handling(self) -> AllCoils:
        """It takes all coils together, without calibration consistency."""
        return AllCoils(0, self.config.phase)

    @property
    def parts(self) -> dict[str, tuple[nn.Parameter, ...]]:
        """A block is what a level of the decoder convolves; the last has the last layer with it."""
        unet = self.unet
        last = (*unet.decoder[-1].parameters(), *unet.last.parameters())
        norms = (m for m in self.modules() if isinstance(m, Normalisation))
        return {
            "decoder": (
                *unet.upsamplings.parameters(),
                *unet.decoder[:-1].parameters(),
                *last,
            ),
            "last block": last,
            "normalisation": tuple(p for norm in norms for p in norm.parameters()),
        }

    def forward(
        self,
        zero_filled: torch.Tensor,
        corner_mask: torch.Tensor,
        sens_maps: torch.Tensor,
        consistency: torch.Tensor | None = None,
    ) -> torch.Tensor:
        """Combined complex image, shape `(batch, y, x)`.

        Arguments as of :class:`core.networks.measured.Measured`; ``consistency`` is None, since
        there is no calibration consistency.
        """
        found = self.coil_images(zero_filled, corner_mask, sens_maps, consistency)
        return combine(found, sens_maps)

    def coil_images(
        self,
        zero_filled: torch.Tensor,
        corner_mask: torch.Tensor,
        sens_maps: torch.Tensor,
        consistency: torch.Tensor | None = None,
    ) -> torch.Tensor:
        """Coil images after data consistency, `(batch, coil, y, x)`; arguments likewise."""
        data = Measured(zero_filled, corner_mask, sens_maps, consistency, self._weight)
        return data.consistent(self._found(combine(zero_filled, sens_maps)))

    def _found(self, image: torch.Tensor) -> torch.Tensor:
        """What the U-Net makes of a complex image `(batch, y, x)`, complex."""
        given = torch.view_as_real(image).permute(0, 3, 1, 2)  # channels_last without a copy
        found = self.unet(given).to(image.real.dtype)
        if self.config.skip == "real":
            found = found + given[:, : found.shape[1]]
        imaginary = (
            found[:, 1] if self.config.values == "complex" else torch.zeros_like(found[:, 0])
        )
        return torch.complex(found[:, 0], imaginary)
