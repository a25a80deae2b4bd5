import numpy as np
import pytest
import torch

from core.acquisition import direct_image, reference_image, undersample
from core.coils import combine, root_sum_of_squares
from core.combination import can_calibrate, combined, combined_full
from core.fourier import ifft2c
from core.masks import make_mask
from core.types import Scan
from tests.core.calibration.scans import known_scan

SHAPE = (96, 80)


@pytest.fixture(scope="module")
def noisy():
    return known_scan(SHAPE, 6, 0.02)


def test_the_reference_is_the_combination_by_the_true_sensitivities():
    known = known_scan(SHAPE, 6, 0.0)
    expected = combine(ifft2c(known.kspace), known.sens_maps).abs().numpy()
    scan = Scan("coils", kspace=known.kspace.numpy()[None])
    inside = expected > 0.1 * expected.max()
    reference = reference_image(scan, 0)
    np.testing.assert_allclose(reference[inside], expected[inside], rtol=0.02)
    assert reference_image(scan, 0) is reference  # computed once


def test_it_is_never_brighter_than_the_root_sum_of_squares_and_darker_in_noise(noisy):
    images = ifft2c(noisy.kspace)
    rss, image = root_sum_of_squares(images), combined_full(noisy.kspace, images)
    assert (image <= rss * (1 + 1e-5)).all()
    background = rss < 0.1 * rss.max()
    # of 6 coils of equal noise the root sum of squares shows sqrt(6) times one coil's, about
    assert float(image[background].mean()) < 0.6 * float(rss[background].mean())


def test_an_undersampled_slice_is_combined_by_the_same_sensitivities(noisy):
    scan = Scan("coils", kspace=noisy.kspace.numpy()[None])
    mask = make_mask("poisson", SHAPE, 2.0)
    assert min(mask.acs_shape) >= 12
    half = undersample(scan, 0, mask)
    image = combined(half, ifft2c(noisy.kspace))
    reference = torch.from_numpy(reference_image(scan, 0))
    inside = reference > 0.1 * reference.max()
    torch.testing.assert_close(image[inside], reference[inside], rtol=0.05, atol=0.0)


@pytest.mark.parametrize("case", ["one coil", "empty", "narrow centre"])
def test_coils_that_cannot_be_told_apart_are_combined_by_root_sum_of_squares(noisy, case):
    n_coils = 1 if case == "one coil" else 6
    kspace = noisy.kspace[:n_coils] * (0.0 if case == "empty" else 1.0)
    width = 4 if case == "narrow centre" else 24
    assert not can_calibrate(kspace, (width, 24))
    assert can_calibrate(noisy.kspace, (24, 24))
    if case != "narrow centre":
        images = ifft2c(kspace)
        assert torch.equal(combined_full(kspace, images), root_sum_of_squares(images))


def test_a_scan_acquired_undersampled_is_shown_by_root_sum_of_squares(noisy):
    sampled = make_mask("poisson", SHAPE, 4.0).samples
    scan = Scan("fast", kspace=(noisy.kspace.numpy() * sampled)[None], sampled=sampled)
    expected = root_sum_of_squares(ifft2c(noisy.kspace * torch.from_numpy(sampled)))
    np.testing.assert_allclose(direct_image(scan, 0), expected, rtol=1e-5)
