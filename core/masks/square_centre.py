"""What the two-dimensional patterns share: a fully sampled centre of k-space's own proportions."""

from __future__ import annotations

from typing import Any

import numpy as np

from core.params import setting


def centre_share_setting() -> Any:  # noqa: ANN401 - dataclasses.field is typed so
    """Field of the share of samples that the centre takes."""
    return setting(
        0.05,
        "Share of the fully sampled centre",
        low=0.0,
        high=0.5,
        help="Share of all samples that the fully sampled centre takes.",
    )


class SquareCentre:
    """Settings of a pattern with a field ``centre_share``."""

    centre_share: float

    def acs_shape(self, shape: tuple[int, int], n_samples: int) -> tuple[int, int]:
        """Size (y, x) of the fully sampled centre."""
        side = float(np.sqrt(self.centre_share * n_samples / (shape[0] * shape[1])))
        return (max(1, int(side * shape[0])), max(1, int(side * shape[1])))
