"""What the centres of a tuning's images say of their coils, looked at once each."""

from __future__ import annotations

from collections.abc import Callable, Sequence

import torch

from core.calibration import Calibration, calibrate


class Calibrations:
    """Remembers the calibration of each image by its key."""

    def __init__(self) -> None:
        self._known: dict[str, Calibration] = {}

    def of(
        self, key: str, kspace: torch.Tensor, acs_shape: Sequence[int]
    ) -> Callable[[], Calibration]:
        """Gives the calibration of an image, computed when it is first asked for.

        Parameters
        ----------
        key
            Of the image, whose fully sampled centre must always be the same.
        kspace
            Undersampled, shape `(coil, y, x)`.
        acs_shape
            Size (y, x) of the fully sampled centre.
        """

        def calibration() -> Calibration:
            if key not in self._known:
                self._known[key] = calibrate(kspace, acs_shape)
            return self._known[key]

        return calibration
