"""Variable-density Poisson-disc: samples keep a distance that grows from the centre outwards.

Darts are thrown in rounds at locations still open, many at a time, with an initially too large
distance that shrinks whenever the locations run out (the relaxation of McCool and Fiume, Graphics
Interface 1992), until the wanted number is placed: exactly that number, and never one too near.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from core.masks.patterns import PATTERNS, Plan, centre, radius
from core.masks.square_centre import SquareCentre, centre_share_setting
from core.params import check, setting

DITHER = 0.25
"""Each location's distance varies by up to this many pixels at random. Distances between pixels
come in steps (1, 1.4, 2, 2.2, ...); without it density would fall in steps too, as rings."""

PACKING = 0.7
"""Random packing in the plane: about this many samples in a square of the minimum distance."""

START, SHRINK, STALL = 1.1, 0.97, 0.02
"""First distance relative to that of random packing; its factor at each relaxation; the share of
missing samples that open locations must exceed for another round at the same distance."""


@dataclass(frozen=True)
class PoissonParams(SquareCentre):
    """Settings of the variable-density Poisson-disc."""

    growth: float = setting(
        10.0,
        "Growth of the distance",
        low=1.0,
        high=30.0,
        help="Distance between samples at the edge of k-space relative to that at its centre; "
        "1 for uniform density.",
    )
    centre_share: float = centre_share_setting()

    def __post_init__(self) -> None:
        check(self)


@PATTERNS.register("poisson", "Variable-density Poisson-disc", PoissonParams)
def poisson(plan: Plan, rng: np.random.Generator, params: PoissonParams) -> NDArray[np.bool_]:
    r"""Place samples at least :math:`d(q) = s\,g^q` apart, to within the dither of 0.25 pixel.

    :math:`q` is the distance from the centre of k-space, 1 at the middle of each edge, and
    :math:`g` the growth; :math:`s` is as large as the number of samples lets it be. Of two
    samples, the later keeps its own distance from the earlier, across the edges of k-space too
    (else the outermost rows, with neighbours on one side only, would be denser). Where
    :math:`d < 1` everything may be sampled.
    """
    shape = np.asarray(params.growth ** radius(plan.shape), np.float32)
    scale = START * _packing_scale(shape, plan.n_samples)
    board = _Board(plan.shape, scale * shape, params.growth)
    dither = rng.uniform(-DITHER, DITHER, shape.size).astype(np.float32)
    shape = shape.ravel()

    acs = np.zeros(plan.shape, bool)
    acs[centre(plan.shape, plan.acs_shape)] = True
    board.place(np.flatnonzero(acs))
    missing = plan.n_samples - int(np.count_nonzero(acs))
    distance = board.limited(scale * shape + dither)
    while missing:
        free = board.free(distance)
        if free.size <= STALL * missing:
            scale *= SHRINK
            distance = board.limited(scale * shape + dither)
            continue
        darts = rng.choice(free, min(free.size, missing), replace=False)
        kept = board.apart(darts, distance)
        board.place(kept)
        missing -= kept.size
    return board.samples.reshape(plan.shape)


def _packing_scale(shape: NDArray[np.float32], n_samples: int) -> float:
    """Factor of the distances at which random packing holds ``n_samples``, by bisection."""
    low, high = -10.0, 10.0
    for _ in range(24):
        middle = (low + high) / 2
        held = np.minimum(1.0, PACKING / (2.0**middle * shape) ** 2).sum()
        low, high = (middle, high) if held > n_samples else (low, middle)
    return float(2.0**low)


class _Board:
    """Samples placed so far, and how near each location has one.

    Locations are flat indices. k-space is periodic, and ``largest`` holds the largest distance
    that will be asked for at each location, shape `(y, x)`.
    """

    def __init__(self, shape: tuple[int, int], largest: NDArray[np.float32], growth: float) -> None:
        self._limit = (min(shape) - 1) // 2  # a disc must not meet itself across the edges
        reach = min(float(largest.max()) + DITHER, self._limit)
        pad = int(np.ceil(reach))
        width = shape[1] + 2 * pad
        flat = np.arange(shape[0] * shape[1]).reshape(shape)
        self._fold = np.pad(flat, pad, mode="wrap").ravel()
        self._home = ((flat // shape[1] + pad) * width + flat % shape[1] + pad).ravel()

        y, x = np.mgrid[-pad : pad + 1, -pad : pad + 1]
        squared = (y**2 + x**2).ravel()
        order = np.argsort(squared, kind="stable")
        order = order[(squared[order] > 0) & (squared[order] < reach**2)]
        self._offsets = (y * width + x).ravel()[order]
        self._squared = squared[order].astype(np.int32)
        self._reach = self._reaches(largest, reach, float(growth ** (2 / min(shape))))
        self._nearest = np.full(flat.size, np.iinfo(np.int32).max, np.int32)
        self._rank = np.zeros(flat.size, np.int32)
        self.samples = np.zeros(flat.size, bool)

    @staticmethod
    def _reaches(largest: NDArray[np.float32], reach: float, slope: float) -> NDArray[np.float32]:
        """How far from each location another can be that asks for a distance to it.

        That other's distance is larger by ``slope`` to the power of their separation at most, so
        each bound on the reach gives a smaller one.
        """
        bound = np.full(largest.size, reach, np.float32)
        for _ in range(3):
            bound = np.minimum(bound, largest.ravel() * slope**bound + DITHER)
        return bound

    def limited(self, distance: NDArray[np.float32]) -> NDArray[np.float32]:
        """Squares of distances, from 0 to the largest that fits into k-space."""
        return np.clip(distance, 0, self._limit) ** 2

    def free(self, distance: NDArray[np.float32]) -> NDArray[np.intp]:
        """Locations without a sample that keep their (squared) distance to every one."""
        return np.flatnonzero((self._nearest >= distance) & ~self.samples)

    def place(self, locations: NDArray[np.intp]) -> None:
        """Put samples there."""
        self.samples[locations] = True
        _, offset, target = self._pairs(locations, self._reach[locations] ** 2)
        np.minimum.at(self._nearest, target, self._squared[offset])

    def apart(self, darts: NDArray[np.intp], distance: NDArray[np.float32]) -> NDArray[np.intp]:
        """Those darts that keep their (squared) distance from every earlier one."""
        rank = np.arange(darts.size, 0, -1, dtype=np.int32)
        self._rank[darts] = rank
        dart, _, target = self._pairs(darts, distance[darts])
        too_near = np.zeros(darts.size, bool)
        too_near[dart[self._rank[target] > rank[dart]]] = True
        self._rank[darts] = 0
        return darts[~too_near]

    def _pairs(
        self, locations: NDArray[np.intp], distance: NDArray[np.float32]
    ) -> tuple[NDArray[np.intp], NDArray[np.intp], NDArray[np.intp]]:
        """Everything nearer to each location than its (squared) distance.

        Which of the locations, which of the offsets, and where that leads.
        """
        counts = np.searchsorted(self._squared, distance)
        number = np.repeat(np.arange(locations.size), counts)
        offset = np.arange(number.size) - np.repeat(np.cumsum(counts) - counts, counts)
        target = self._fold[self._home[locations][number] + self._offsets[offset]]
        return number, offset, target
