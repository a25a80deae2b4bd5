"""Independent random samples whose density falls off as a Gaussian from the centre of k-space."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from core.masks.patterns import PATTERNS, Plan, centre, radius
from core.masks.square_centre import SquareCentre, centre_share_setting
from core.params import check, setting


@dataclass(frozen=True)
class GaussianParams(SquareCentre):
    """Settings of the two-dimensional Gaussian variable density."""

    width: float = setting(
        0.28,
        "Width of the density",
        low=0.1,
        high=2.0,
        help="Standard deviation, relative to the distance from the centre to the edge of k-space.",
    )
    centre_share: float = centre_share_setting()

    def __post_init__(self) -> None:
        check(self)


@PATTERNS.register("gaussian", "2D Gaussian variable density", GaussianParams)
def gaussian(plan: Plan, rng: np.random.Generator, params: GaussianParams) -> NDArray[np.bool_]:
    r"""Draw without replacement with weights :math:`\exp(-q^2 / 2w^2)`.

    The locations with the largest ``log(weight) + Gumbel noise`` are such a draw of exactly the
    wanted size (Kool et al., ICML 2019), also where the weights alone would ask for more than one
    sample a location.
    """
    key = rng.gumbel(size=plan.shape) - radius(plan.shape) ** 2 / (2 * params.width**2)
    key[centre(plan.shape, plan.acs_shape)] = np.inf
    chosen = np.argpartition(key, key.size - plan.n_samples, axis=None)[-plan.n_samples :]
    samples = np.zeros(plan.shape, bool)
    samples.flat[chosen] = True
    return samples
