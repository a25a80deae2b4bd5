"""What makes the two-dimensional patterns what they are called."""

import itertools

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from scipy.ndimage import distance_transform_edt
from scipy.spatial import cKDTree
from scipy.stats import pearsonr

from core.masks import PATTERNS, make_mask

RINGS = np.linspace(0.3, 1.3, 6)


def polar(shape: tuple[int, int]) -> np.ndarray:
    y, x = ((np.arange(n) - n // 2) / (n / 2) for n in shape)
    return np.hypot(y[:, None], x)


def nearest(samples: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    """Radius of each sample, and its distance to the nearest other (k-space being periodic)."""
    points = np.argwhere(samples)
    distance = cKDTree(points, boxsize=samples.shape).query(points, k=2)[0][:, 1]
    return polar(samples.shape)[samples], distance


def by_ring(radius: np.ndarray, values: np.ndarray) -> list[np.ndarray]:
    return [values[(radius >= a) & (radius < b)] for a, b in itertools.pairwise(RINGS)]


def shuffled_in_rings(samples: np.ndarray, width: float = 0.04) -> np.ndarray:
    """Random samples of the same density: every narrow ring's samples thrown about within it."""
    rng = np.random.default_rng(0)
    out = np.zeros_like(samples)
    ring = (polar(samples.shape) / width).astype(int)
    for i in range(ring.max() + 1):
        inside = np.flatnonzero(ring == i)
        out.flat[rng.choice(inside, np.count_nonzero(samples.flat[inside]), replace=False)] = True
    return out


@pytest.mark.parametrize("acceleration", [4, 7, 10])
def test_poisson_distances_grow_and_exceed_those_of_random_samples(acceleration: float) -> None:
    samples = make_mask("poisson", (256, 256), acceleration, 2).samples
    least, typical = zip(*((d.min(), d.mean()) for d in by_ring(*nearest(samples))), strict=True)
    random = by_ring(*nearest(shuffled_in_rings(samples)))
    assert all(a <= b for a, b in itertools.pairwise(least))
    assert all(a < b for a, b in itertools.pairwise(typical))
    assert least[-1] > 2.5 * least[0]
    # Random samples of the same density often touch, anywhere; discs never overlap.
    assert min(d.min() for d in random) == 1
    assert all(a > 1.3 * d.mean() for a, d in zip(typical[1:], random[1:], strict=True))
    assert all(a > np.quantile(d, 0.3) for a, d in zip(least[2:], random[2:], strict=True))


@settings(max_examples=15, deadline=None)
@given(
    shape=st.tuples(st.integers(64, 200), st.integers(64, 200)),
    acceleration=st.floats(2, 10),
    growth=st.floats(1, 20),
    seed=st.integers(0, 100),
)
def test_poisson_discs_never_overlap(
    shape: tuple[int, int], acceleration: float, growth: float, seed: int
) -> None:
    """The promise d >= s g^q less the dither.

    The s asked for is that of a loose packing, 0.45 samples in a square of the distance (random
    sequential packing in the plane has 0.7): a pattern that merely has the density fails.
    """
    kind = PATTERNS["poisson"].params
    assert kind is not None
    mask = make_mask("poisson", shape, acceleration, seed, params=kind(growth=growth))
    shape_of_distance = growth ** polar(shape)
    scales = np.geomspace(0.02, 20, 400)
    held = [np.minimum(1, 0.45 / (s * shape_of_distance) ** 2).sum() for s in scales]
    scale = scales[np.searchsorted(-np.array(held), -np.count_nonzero(mask.samples))]
    outside = mask.samples.copy()
    y, x = (n // 2 - a // 2 for n, a in zip(shape, mask.acs_shape, strict=True))
    outside[y : y + mask.acs_shape[0], x : x + mask.acs_shape[1]] = False
    points = np.argwhere(outside)
    distance = cKDTree(np.argwhere(mask.samples), boxsize=shape).query(points, k=2)
    own = scale * shape_of_distance[outside]
    other = scale * shape_of_distance[tuple(np.argwhere(mask.samples)[distance[1][:, 1]].T)]
    assert np.all(distance[0][:, 1] >= np.minimum(own, other) - 0.25)


def test_poisson_leaves_no_holes() -> None:
    """No location is much farther from its nearest sample than the distance kept there."""
    samples = make_mask("poisson", (256, 256), 8, 0).samples
    radius, distance = nearest(samples)
    gap = distance_transform_edt(~samples)
    for low, high in itertools.pairwise(RINGS[:-1]):
        kept = distance[(radius >= low) & (radius < high)].mean()
        within = (polar(samples.shape) >= low) & (polar(samples.shape) < high)
        assert gap[within].max() < 1.8 * kept


@pytest.mark.parametrize("pattern", ["poisson", "gaussian"])
@pytest.mark.parametrize("acceleration", [2, 4, 10])
def test_density_falls_from_the_centre(pattern: str, acceleration: float) -> None:
    samples = make_mask(pattern, (256, 256), acceleration).samples
    density = [d.mean() for d in by_ring(polar(samples.shape).ravel(), samples.ravel())]
    assert all(a >= b for a, b in itertools.pairwise(density))
    assert density[0] > 5 * density[-1]
    assert samples[polar(samples.shape) > 0.95].any()


def test_poisson_density_is_even_at_the_edges_of_kspace() -> None:
    """The outermost rows have no excess, as they would without neighbours across the edge."""
    kind = PATTERNS["poisson"].params
    assert kind is not None
    uniform = kind(growth=1.0)
    density = np.mean(
        [make_mask("poisson", (96, 96), 6, k, params=uniform).samples for k in range(40)], axis=0
    )
    border = np.concatenate([density[[0, -1]].ravel(), density[:, [0, -1]].ravel()])
    assert border.mean() == pytest.approx(density[2:30].mean(), rel=0.1)


def test_no_preferred_direction_or_repetition_in_the_point_spread() -> None:
    """Aliasing is noise-like: no side lobe stands far out of what random samples have.

    A Poisson-disc moves aliasing out of an annulus around the centre to its rim, so its largest
    lobe is a little above that of random samples of the same density.
    """
    samples = make_mask("poisson", (256, 256), 4, 5).samples
    lobes = []
    for pattern in (samples, shuffled_in_rings(samples)):
        spread = np.abs(np.fft.fftshift(np.fft.ifft2(np.fft.ifftshift(pattern))))
        lobes.append(spread[polar(spread.shape) > 0.1].max() / spread.max())
    assert lobes[0] < 1.3 * lobes[1]
    assert lobes[0] < 0.02


def test_gaussian_density_follows_the_gaussian() -> None:
    """Where sampling is sparse, density is proportional to exp(-q²/2w²)."""
    kind = PATTERNS["gaussian"].params
    assert kind is not None
    width = 0.35
    params = kind(width=width, centre_share=0.0)
    density = np.mean(
        [make_mask("gaussian", (128, 128), 20, k, params=params).samples for k in range(200)], 0
    )
    q = polar((128, 128))
    rings = [(q >= a) & (q < a + 0.05) for a in np.arange(0.3, 0.9, 0.05)]
    log_density = np.log([density[r].mean() for r in rings])
    squared = np.array([(q[r] ** 2).mean() for r in rings])
    slope = np.polyfit(squared, log_density, 1)[0]
    assert slope == pytest.approx(-1 / (2 * width**2), rel=0.06)


def test_gaussian_samples_are_independent() -> None:
    """Neighbours are no rarer than chance: unlike those of Poisson discs."""
    q = polar((128, 128))
    ring = (q > 0.4) & (q < 0.8)
    ring[:, -1] = False
    correlation = {}
    for pattern in ("gaussian", "poisson"):
        masks = np.array([make_mask(pattern, (128, 128), 4, k).samples for k in range(60)], float)
        residual = masks - masks.mean(axis=0)
        pairs = residual[:, ring].ravel(), np.roll(residual, -1, axis=2)[:, ring].ravel()
        correlation[pattern] = pearsonr(*pairs).statistic
    assert abs(correlation["gaussian"]) < 0.02
    assert correlation["poisson"] < -0.1
