"""A trained network applied to undersampled k-space."""

from __future__ import annotations

from collections.abc import Callable
from functools import cache

import torch

from core.acquisition import intensity_scale
from core.calibration import Calibration, calibrate
from core.combination import combined_by
from core.devices import mixed_precision
from core.networks.handling import Samples
from core.networks.network import Network
from core.progress import Progress, no_progress
from core.types import Mask


@torch.no_grad()
def find_coil_images(
    model: Network,
    kspace: torch.Tensor,
    mask: Mask,
    is_real: bool,
    device: torch.device,
    progress: Progress = no_progress,
    calibration: Callable[[], Calibration] | None = None,
) -> torch.Tensor:
    """What a network finds that every coil sees, the coils reaching the network as that has it.

    What it takes in one go is normalised by the one scale rule.

    Parameters
    ----------
    kspace
        Undersampled k-space, complex64, shape `(coil, y, x)`.
    mask
        The sampling mask.
    is_real
        Whether the image is known to be real, as one simulated from magnitude is.
    progress
        Hook, called before each run of the network; it may cancel.
    calibration
        Gives what the fully sampled centre says of the coils, where that is known already.

    Returns
    -------
    torch.Tensor
        Coil images in the units of ``kspace``, complex64, shape `(coil, y, x)`, on the processor.

    Raises
    ------
    ValueError
        If the network needs the coils calibrated, and the fully sampled centre is too small.
    """
    handling = model.handling
    groups = handling.groups(len(kspace))
    images = []
    for i, group in enumerate(groups):
        progress(i / len(groups), f"network, run {i + 1} of {len(groups)}")
        scale = intensity_scale(kspace[group])
        sampled = torch.from_numpy(mask.samples)
        samples = Samples(kspace[group], sampled, mask.acs_shape, is_real, calibration)
        given = handling.given(samples, scale, device)
        with mixed_precision(device):
            images.append(handling.coil_images(model, given)[0] * scale)
    return torch.cat(images).cpu().to(torch.complex64)


def reconstruct_magnitude(
    model: Network,
    kspace: torch.Tensor,
    mask: Mask,
    is_real: bool,
    device: torch.device,
    progress: Progress = no_progress,
    calibration: Callable[[], Calibration] | None = None,
) -> torch.Tensor:
    """Magnitude of :func:`find_coil_images`, combined by :mod:`core.combination`.

    Arguments and errors as there. float32, shape `(y, x)`, in the units of ``kspace``.
    """
    known = cache(calibration or (lambda: calibrate(kspace, mask.acs_shape)))
    found = find_coil_images(model, kspace, mask, is_real, device, progress, known)
    return combined_by(found, kspace, mask.acs_shape, known).float()
