"""How the coils of a slice reach a network: one after the other, or all together.

A network says by its ``handling`` which of these it wants. Reconstruction and tuning go by that and
never ask for the architecture.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Protocol, runtime_checkable

import torch
from torch import nn

from core.calibration import Calibration, bounded_kernel, calibrate, power
from core.coils import combine
from core.fourier import ifft2c, to_corner
from core.networks.centre import acs_image, acs_phase, phasor
from core.registry import Registry

Given = tuple[torch.Tensor | None, ...]
"""What a network is called with: ``model(*given)`` is the combined image, `(batch, y, x)`."""


@dataclass(frozen=True, eq=False)
class Samples:
    """The samples of one slice.

    Attributes
    ----------
    kspace
        0 where not sampled. complex64, shape `(coil, y, x)`.
    sampled
        True where sampled, bool, shape `(y, x)`.
    acs_shape
        Size (y, x) of the fully sampled centre.
    is_real
        Whether the image is known to be real, as one simulated from magnitude is.
    calibration
        Gives what the centre says of the coils, where that is known already.
    """

    kspace: torch.Tensor
    sampled: torch.Tensor
    acs_shape: Sequence[int]
    is_real: bool
    calibration: Callable[[], Calibration] | None = None

    def calibrated(self) -> Calibration:
        """What the fully sampled centre says of the coils."""
        if self.calibration is not None:
            return self.calibration()
        return calibrate(self.kspace, self.acs_shape)


class Handling(Protocol):
    """A way to give a slice's coils to a network."""

    def groups(self, n_coils: int) -> tuple[slice, ...]:
        """The coils that each call of the network takes."""
        ...

    def calibrates(self, n_coils: int) -> bool:
        """Whether so many coils must be calibrated."""
        ...

    def given(self, samples: Samples, scale: float, device: torch.device) -> Given:
        """What the network is called with for the coils of one group, a batch of one.

        ``scale`` is the intensity that becomes 1.
        """
        ...

    def given_real(self, zero_filled: torch.Tensor, corner_mask: torch.Tensor) -> Given:
        """What the network is called with for images of one coil that are known to be real.

        Both of shape `(batch, y, x)`.
        """
        ...

    def coil_images(self, model: nn.Module, given: Given) -> torch.Tensor:
        """What the network finds that these coils see. Complex, shape `(batch, coil, y, x)`."""
        ...


class CoilByCoil:
    """Coils one after the other, each with its phase: ``(zero_filled, corner_mask, phase)``.

    The phase is the one that the fully sampled centre shows, or None for a real image. Shapes
    `(batch, y, x)`.
    """

    def groups(self, n_coils: int) -> tuple[slice, ...]:
        """Each coil alone."""
        return tuple(slice(i, i + 1) for i in range(n_coils))

    def calibrates(self, n_coils: int) -> bool:
        """Never: a coil's phase is all that it takes."""
        del n_coils
        return False

    def given(self, samples: Samples, scale: float, device: torch.device) -> Given:
        """Zero-filled image, corner mask and phase of one coil."""
        phase = None if samples.is_real else acs_phase(samples.kspace, samples.acs_shape)
        return (
            (ifft2c(samples.kspace) / scale).to(device),
            to_corner(samples.sampled)[None].to(device),
            None if phase is None else phase.to(device),
        )

    def given_real(self, zero_filled: torch.Tensor, corner_mask: torch.Tensor) -> Given:
        """As they are: there is no phase."""
        return zero_filled, corner_mask, None

    def coil_images(self, model: nn.Module, given: Given) -> torch.Tensor:
        """The result with its phase."""
        *_, phase = given
        image = model(*given)
        return (image if phase is None else image * phase).unsqueeze(-3)


COIL_BY_COIL = CoilByCoil()

EVERYWHERE = (slice(None), slice(None))
"""The window (y, x) that is the whole image."""

PHASES: Registry[Callable[[torch.Tensor], torch.Tensor]] = Registry("phase")
"""Phase that a network's combined images are freed of, from the image of the centre alone."""

PHASES.register("centre", "Of the fully sampled centre")(phasor)
PHASES.register("none", "None")(torch.ones_like)


@dataclass(frozen=True)
class AllCoils:
    r"""All coils together: ``(zero_filled, corner_mask, sens_maps, consistency)``.

    Zero-filled images and maps have the shape `(batch, coil, y, x)`, ``consistency`` (:math:`G^n`,
    all calibration-consistency projections in a row as one matrix a pixel) has
    `(batch, coil, coil, y, x)`.

    With the phase ``centre``, the maps carry the phase that the fully sampled centre shows of the
    combined image, so that :math:`A^* x` is nearly real and the networks of magnitude images are
    a good start. Data of one coil have nothing to calibrate: their map is that phase alone (1 with
    the phase ``none``, or for an image that is known to be real), and ``consistency`` is None.

    Attributes
    ----------
    n_consistency
        Consecutive calibration-consistency projections; 0 for none.
    phase
        Name in :data:`PHASES`.
    """

    n_consistency: int
    phase: str

    def groups(self, n_coils: int) -> tuple[slice, ...]:
        """All coils."""
        return (slice(0, n_coils),)

    def calibrates(self, n_coils: int) -> bool:
        """If there is more than one."""
        return n_coils > 1

    def given(self, samples: Samples, scale: float, device: torch.device) -> Given:
        """Zero-filled images, corner mask, maps and projections of a slice."""
        sens_maps, kernel = self.calibrated(samples)
        consistency = self.consistency(kernel, samples.kspace.shape[-2:], device)
        return (
            (ifft2c(samples.kspace) / scale)[None].to(device),
            to_corner(samples.sampled)[None].to(device),
            sens_maps[None].to(device),
            None if consistency is None else consistency[None],
        )

    def calibrated(self, samples: Samples) -> tuple[torch.Tensor, torch.Tensor | None]:
        """Maps `(coil, y, x)`, phase included, and SPIRiT kernel `(coil, coil, ky, kx)`."""
        if not self.calibrates(len(samples.kspace)):
            return self._with_phase(torch.ones_like(samples.kspace), samples), None
        calibration = samples.calibrated()
        return self._with_phase(calibration.sens_maps, samples), calibration.kernel

    def consistency(
        self,
        kernel: torch.Tensor | None,
        shape: Sequence[int],
        device: torch.device,
        window: tuple[slice, slice] = EVERYWHERE,
    ) -> torch.Tensor | None:
        """All projections as one matrix a pixel, `(coil, coil, y, x)`; None for no kernel.

        Parameters
        ----------
        kernel
            SPIRiT kernel.
        shape
            Size (y, x) of the image that it was learnt from.
        device
            Where the projections will be.
        window
            Part of that image.
        """
        if kernel is None or self.n_consistency == 0:
            return None
        matrices = bounded_kernel(kernel.to(device), shape)[..., *window]
        return power(matrices, self.n_consistency)

    def _with_phase(self, sens_maps: torch.Tensor, samples: Samples) -> torch.Tensor:
        if samples.is_real:
            return sens_maps
        centre = combine(acs_image(samples.kspace, samples.acs_shape), sens_maps)
        return sens_maps * PHASES[self.phase].item(centre)

    def given_real(self, zero_filled: torch.Tensor, corner_mask: torch.Tensor) -> Given:
        """One coil with the map 1."""
        coil = zero_filled.unsqueeze(-3)
        return coil, corner_mask, torch.ones_like(coil), None

    def coil_images(self, model: nn.Module, given: Given) -> torch.Tensor:
        """Coil images after the last data consistency."""
        assert isinstance(model, FindsCoilImages)
        return model.coil_images(*given)


@runtime_checkable
class FindsCoilImages(Protocol):
    """A network that reconstructs the coil images, which it combines at the end."""

    def coil_images(self, *given: torch.Tensor | None) -> torch.Tensor:
        """Complex, shape `(batch, coil, y, x)`."""
        ...
