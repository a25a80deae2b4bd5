"""What was measured of a slice, and the steps of a network that keep to it."""

from __future__ import annotations

import torch

from core.calibration import apply_kernel
from core.coils import combine, expand
from core.networks.consistency import data_consistency


class Measured:
    """Data of all coils, as :class:`core.networks.handling.AllCoils` gives them to a network.

    Parameters
    ----------
    zero_filled
        Zero-filled coil images, complex64, shape `(batch, coil, y, x)`.
    corner_mask
        Sampling mask with its origin at index 0, shape `(batch or 1, y, x)`.
    sens_maps
        Coil maps of norm 1 over the coils, shape `(batch or 1, coil, y, x)`.
    consistency
        Calibration consistency as one matrix a pixel, shape `(batch or 1, coil, coil, y, x)`, or
        None.
    weight
        Of data consistency (:func:`core.networks.consistency.consistency_weight`).
    """

    def __init__(
        self,
        zero_filled: torch.Tensor,
        corner_mask: torch.Tensor,
        sens_maps: torch.Tensor,
        consistency: torch.Tensor | None,
        weight: float,
    ) -> None:
        self._zero_filled = zero_filled
        self._mask = corner_mask.to(zero_filled.real.dtype).unsqueeze(-3)
        self._sens_maps = sens_maps
        self._consistency = consistency
        self._weight = weight

    def calibrated(self, coils: torch.Tensor) -> torch.Tensor:
        """Input of a sub-network: :math:`A^* f_{DC}{f_{CC}{x}}`, shape `(batch, y, x)`."""
        if self._consistency is not None:
            coils = self._kept(apply_kernel(self._consistency, coils))
        return combine(coils, self._sens_maps)

    def consistent(self, image: torch.Tensor) -> torch.Tensor:
        """Coil images of a combined image: :math:`f_{DC}{A C}`, shape `(batch, coil, y, x)`."""
        return self._kept(expand(image, self._sens_maps))

    def _kept(self, coils: torch.Tensor) -> torch.Tensor:
        if self._weight == 0:  # λ = 0: no data consistency, and no transforms for nothing
            return coils
        return data_consistency(coils, self._zero_filled, self._mask, self._weight)
