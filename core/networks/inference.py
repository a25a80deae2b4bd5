"""A trained network applied to undersampled k-space."""

from __future__ import annotations

import torch
from torch import nn

from core.acquisition import intensity_scale
from core.coils import root_sum_of_squares
from core.devices import mixed_precision
from core.fourier import ifft2c, to_corner
from core.networks.centre import acs_phase
from core.progress import Progress, no_progress
from core.types import Mask


@torch.no_grad()
def reconstruct_coils(
    model: nn.Module,
    kspace: torch.Tensor,
    mask: Mask,
    is_real: bool,
    device: torch.device,
    progress: Progress = no_progress,
) -> torch.Tensor:
    """Reconstruct a slice coil by coil and combine by root sum of squares.

    Each coil is normalised by the one scale rule, and its phase is taken from the fully sampled
    centre unless the image is known to be real.

    Parameters
    ----------
    kspace
        Undersampled k-space, complex64, shape `(coil, y, x)`.
    mask
        The sampling mask.
    is_real
        Whether the image is known to be real, as one simulated from magnitude is.
    progress
        Hook, called before each coil; it may cancel.

    Returns
    -------
    torch.Tensor
        Magnitude image in the units of ``kspace``, float32, shape `(y, x)`, on the processor.
    """
    corner_mask = to_corner(torch.from_numpy(mask.samples))[None].to(device)
    phases = None if is_real else acs_phase(kspace, mask.acs_shape).to(device)
    coils = []
    with mixed_precision(device):
        for i in range(kspace.shape[0]):
            progress(i / kspace.shape[0], f"network, coil {i + 1} of {kspace.shape[0]}")
            scale = intensity_scale(kspace[i : i + 1])
            zero_filled = (ifft2c(kspace[i : i + 1]) / scale).to(device)
            phase = None if phases is None else phases[i : i + 1]
            coils.append(model(zero_filled, corner_mask, phase).abs() * scale)
    return root_sum_of_squares(torch.cat(coils)).cpu().float()
