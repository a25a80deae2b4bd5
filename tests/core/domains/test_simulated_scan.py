"""A magnitude volume as a head array would have measured it."""

import numpy as np
import pytest
import torch

from core.coils import root_sum_of_squares
from core.domains.simulated_coils import with_simulated_coils
from core.fourier import ifft2c
from core.masks import make_mask
from core.pipeline import choose_method, compare
from core.types import SIMULATED, Scan

SHAPE = (96, 80)


@pytest.fixture(scope="module")
def volume():
    """Ellipsoids of two brightnesses with air round them."""
    z, y, x = np.meshgrid(*(np.linspace(-1, 1, n) for n in (5, *SHAPE)), indexing="ij")
    head = (z / 2) ** 2 + (y / 0.8) ** 2 + (x / 0.7) ** 2 < 1
    inside = z**2 + (y / 0.4) ** 2 + ((x - 0.1) / 0.3) ** 2 < 1
    magnitude = (100 * head + 80 * inside).astype(np.float32)
    return Scan("head", magnitude=magnitude, spacing_mm=(40.0, 2.0, 2.0))


def test_the_coils_see_the_magnitude(volume):
    scan = with_simulated_coils(volume, n_coils=6, noise=0.0)
    coil_images = ifft2c(torch.from_numpy(scan.kspace))
    assert coil_images.shape == (5, 6, *SHAPE)
    seen = root_sum_of_squares(coil_images)
    np.testing.assert_allclose(seen.numpy(), volume.magnitude, atol=2e-3)
    assert scan.provenance == f"{SIMULATED}, 6 coils"
    assert (scan.name, scan.spacing_mm) == (volume.name, volume.spacing_mm)


def test_coils_see_each_side_and_slices_differ(volume):
    scan = with_simulated_coils(volume, n_coils=8, noise=0.0)
    images = ifft2c(torch.from_numpy(scan.kspace)).abs().numpy()
    head = volume.magnitude[2] > 0
    left, right = (images[2][:, head & side].mean(axis=1) for side in _sides())
    assert (left / right).max() > 1.5
    assert (left / right).min() < 1 / 1.5
    both = (volume.magnitude[1] > 0) & (volume.magnitude[2] > 0)
    shares = [images[i][0][both] / volume.magnitude[i][both] for i in (1, 2)]
    assert np.abs(shares[0] - shares[1]).max() > 0.01, "the loops' plane is somewhere"


def _sides():
    x = np.broadcast_to(np.arange(SHAPE[1]), SHAPE)
    return x < SHAPE[1] // 2, x >= SHAPE[1] // 2


def test_bright_and_dark_differ_in_phase_alike_in_all_slices(volume):
    scan = with_simulated_coils(volume, n_coils=1, noise=0.0)
    images = ifft2c(torch.from_numpy(scan.kspace))[:, 0].numpy()
    steps = []
    for other in (0, 1):
        brighter = (volume.magnitude[2] == 180) & (volume.magnitude[other] == 100)
        alike = (volume.magnitude[2] == 180) & (volume.magnitude[other] == 180)
        change = np.angle(images[2] * images[other].conj())
        assert np.abs(change[alike]).max(initial=0) < 1e-3
        assert change[brighter].std() < 1e-3
        steps.append(change[brighter].mean())
    assert abs(steps[0]) > 0.05
    assert steps[0] == pytest.approx(steps[1], abs=1e-3)


def test_noise_is_relative_to_the_bright_level(volume):
    clean, noisy = (with_simulated_coils(volume, noise=noise) for noise in (0.0, 0.01))
    added = noisy.kspace - clean.kspace
    bright = np.percentile(volume.magnitude, 99)
    for part in (added.real, added.imag):
        assert part.std() == pytest.approx(0.01 * bright, rel=0.1)


def test_a_seed_gives_one_array(volume):
    one, again, other = (with_simulated_coils(volume, seed=seed) for seed in (1, 1, 2))
    np.testing.assert_array_equal(one.kspace, again.kspace)
    assert not np.allclose(one.kspace, other.kspace)


def test_parallel_imaging_takes_it(volume):
    scan = with_simulated_coils(volume, n_coils=8, noise=0.002)
    mask = make_mask("poisson", SHAPE, 3.0)
    methods = [choose_method(name) for name in ("zf", "sense")]
    zero_filled, sense = (c.score.psnr_db for c in compare(scan, [2], mask, methods))
    assert sense > zero_filled + 3


@pytest.mark.parametrize(
    ("changes", "said"),
    [({"n_coils": 0}, "n_coils of at least 1"), ({"noise": -0.1}, "noise of at least 0")],
)
def test_numbers_out_of_range_are_refused(volume, changes, said):
    with pytest.raises(ValueError, match=said):
        with_simulated_coils(volume, **changes)


def test_measured_kspace_is_refused(volume):
    with pytest.raises(ValueError, match="must hold magnitude images, got"):
        with_simulated_coils(with_simulated_coils(volume))
