"""What methods for several coils share: calibration, refusal of one coil, encoding by maps."""

from __future__ import annotations

from dataclasses import dataclass
from functools import cached_property
from typing import ClassVar

import torch

from core.calibration import KERNEL_SIZE, calibration_of
from core.coils import combine
from core.fourier import ifft2c, keep_sampled, to_corner
from core.recon.methods import MethodParams
from core.types import Mask, Undersampled


@dataclass(frozen=True, kw_only=True)
class MultiCoilParams(MethodParams):
    """Settings of a method that tells coils apart by the fully sampled centre."""

    min_coils: ClassVar[int] = 2
    stays_on_device: ClassVar[bool] = True

    def prepare(self, undersampled: Undersampled) -> None:
        """Calibrate once for all methods.

        Raises
        ------
        ValueError
            If there is one coil only, or the fully sampled centre is too small.
        """
        check_coils(undersampled)
        if not is_empty(undersampled):
            calibration_of(undersampled)


LEAST_EQUATIONS = 0.15
"""Equations over unknowns below which SPIRiT's kernel is hardly more than its regularisation."""


def kernel_remarks(mask: Mask, n_coils: int) -> tuple[str, ...]:
    """That the fully sampled centre is small for SPIRiT's kernel; nothing where it is not.

    Every place of the kernel inside the centre is an equation, every one of its samples but the
    middle one of the coil itself an unknown.
    """
    y, x = (max(n - KERNEL_SIZE + 1, 0) for n in mask.acs_shape)
    n_unknowns = n_coils * KERNEL_SIZE**2 - 1
    if y * x >= LEAST_EQUATIONS * n_unknowns:
        return ()
    size = " x ".join(map(str, mask.acs_shape))
    return (
        f"the fully sampled centre of {size} is small for the kernel of {n_coils} coils "
        f"({y * x} equations for {n_unknowns} unknowns)",
    )


def is_empty(undersampled: Undersampled) -> bool:
    """Whether nothing was measured, so that there is nothing to learn coils from."""
    return not undersampled.kspace.any()


def empty_image(undersampled: Undersampled) -> torch.Tensor:
    """The image of a slice that :func:`is_empty`. complex64, shape `(y, x)`.

    Raises
    ------
    ValueError
        If there is one coil only.
    """
    check_coils(undersampled)
    return torch.zeros_like(undersampled.kspace[0])


def check_coils(undersampled: Undersampled) -> None:
    """Refuse single-coil data, which these methods have nothing to learn from.

    Raises
    ------
    ValueError
        If there is one coil only.
    """
    n_coils = undersampled.kspace.shape[-3]
    if n_coils < MultiCoilParams.min_coils:
        scan = undersampled.scan
        raise ValueError(
            f"parallel imaging needs at least {MultiCoilParams.min_coils} coils, got {n_coils}: "
            f"{scan.name}, {scan.provenance}"
        )


def sampled_at(undersampled: Undersampled) -> torch.Tensor:
    """The mask as :func:`core.fourier.keep_sampled` takes it. float32, shape `(y, x)`."""
    samples = torch.from_numpy(undersampled.mask.samples)
    return to_corner(samples).to(undersampled.kspace.device, torch.float32)


@dataclass(frozen=True, eq=False)
class SenseModel:
    r"""The normal equations of :math:`M F S x = y_u`, of which S weights by the coil maps.

    Attributes
    ----------
    sens_maps
        complex64, shape `(coil, y, x)`, of norm 1 over the coils: :math:`\|M F S\| \le 1`.
    corner_mask
        M with its origin at index 0. float32, shape `(y, x)`.
    right_side
        :math:`S^H F^{-1} y_u`, the combined zero-filled image. complex64, shape `(y, x)`.
    """

    sens_maps: torch.Tensor
    corner_mask: torch.Tensor
    right_side: torch.Tensor

    @cached_property
    def _conjugate_maps(self) -> torch.Tensor:
        return self.sens_maps.conj().resolve_conj()

    def normal(self, image: torch.Tensor) -> torch.Tensor:
        r""":math:`S^H F^{-1} M F S x`, shape `(y, x)`; coil by coil, so that caches hold it."""
        result = torch.zeros_like(self.right_side)
        for sens_map, conjugate in zip(self.sens_maps, self._conjugate_maps, strict=True):
            result.addcmul_(conjugate, keep_sampled(sens_map * image, self.corner_mask))
        return result


def sense_model(undersampled: Undersampled) -> SenseModel:
    """The model of a slice, with the maps of its own fully sampled centre.

    Raises
    ------
    ValueError
        If there is one coil only, or the fully sampled centre is too small.
    """
    check_coils(undersampled)
    maps = calibration_of(undersampled).sens_maps
    zero_filled = combine(ifft2c(undersampled.kspace), maps)
    return SenseModel(maps, sampled_at(undersampled), zero_filled)
