"""A trained network applied to undersampled k-space."""

from __future__ import annotations

from collections.abc import Callable

import torch

from core.acquisition import intensity_scale
from core.calibration import Calibration, calibrate
from core.coils import root_sum_of_squares
from core.combination import combined_by
from core.devices import mixed_precision
from core.networks.handling import Given, Samples
from core.networks.series import Series
from core.progress import Progress, no_progress
from core.types import Mask


@torch.no_grad()
def reconstruct_coils(
    model: Series,
    kspace: torch.Tensor,
    mask: Mask,
    is_real: bool,
    device: torch.device,
    progress: Progress = no_progress,
    calibration: Callable[[], Calibration] | None = None,
) -> torch.Tensor:
    """Reconstruct a slice, its coils reaching the network as that has it.

    A network that takes all coils together gives the combined image. One that takes them one after
    the other gives coil images, which :mod:`core.combination` combines. What it takes in one go is
    normalised by the one scale rule.

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
        Magnitude image in the units of ``kspace``, float32, shape `(y, x)`, on the processor.

    Raises
    ------
    ValueError
        If the network needs the coils calibrated, and the fully sampled centre is too small.
    """
    handling = model.handling
    calibration = calibration or (lambda: calibrate(kspace, mask.acs_shape))
    groups = handling.groups(len(kspace))
    find = _combined_image if len(groups) == 1 else _coil_images
    images = []
    for i, group in enumerate(groups):
        progress(i / len(groups), f"network, run {i + 1} of {len(groups)}")
        scale = intensity_scale(kspace[group])
        sampled = torch.from_numpy(mask.samples)
        samples = Samples(kspace[group], sampled, mask.acs_shape, is_real, calibration)
        given = handling.given(samples, scale, device)
        with mixed_precision(device):
            images.append(find(model, given) * scale)
    found = torch.cat(images).cpu()
    if len(groups) == 1:
        return root_sum_of_squares(found).float()
    return combined_by(found, kspace, mask.acs_shape, calibration).float()


def _combined_image(model: Series, given: Given) -> torch.Tensor:
    """Magnitude of what one run for all coils finds. Shape `(1, y, x)`."""
    magnitude: torch.Tensor = model(*given).abs()
    return magnitude


def _coil_images(model: Series, given: Given) -> torch.Tensor:
    """Coil images of a run for some of the coils. Shape `(coil, y, x)`."""
    return model.handling.coil_images(model, given)[0]
