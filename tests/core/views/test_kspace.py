import math

import numpy as np
import pytest
import torch

from core.acquisition import undersample
from core.combination import coil_images
from core.fourier import fft2c, ifft2c
from core.pipeline import choose_method, reconstruct_coils
from core.recon.sense import SenseParams, sense
from core.types import Mask, Scan
from core.views import VIEWS, kspace_residual, log_kspace, relative_norm
from core.views.kspace import FLOOR_DB, LEAST_DB
from tests.core.calibration.scans import known_scan
from tests.core.recon.coils import mask_with_centre

SHAPE = (96, 80)
RESIDUAL = VIEWS["residual"].item


@pytest.fixture(scope="module")
def scan():
    return Scan("coils", kspace=known_scan(SHAPE, 4, 0.001).kspace.numpy()[None])


@pytest.fixture(scope="module")
def mask():
    return mask_with_centre(SHAPE, 3.0)


def test_a_tenth_is_20_db_less_and_coils_add_as_root_sum_of_squares():
    kspace = torch.zeros(2, 3, 3, dtype=torch.complex64)
    kspace[:, 1, 1] = torch.tensor([3.0, 4.0j])
    kspace[0, 0, 0] = 0.5
    found = log_kspace(kspace, 5.0)
    assert found[1, 1] == pytest.approx(0, abs=1e-4)
    assert found[0, 0] == pytest.approx(-20, abs=1e-4)
    assert found[2, 2] == LEAST_DB
    assert (log_kspace(torch.zeros(1, 2, 2, dtype=torch.complex64), 0.0) == LEAST_DB).all()


def test_the_largest_measured_value_is_0_db(scan):
    picture = VIEWS["kspace"].item.of_data(scan, 0)
    assert picture.values.max() == pytest.approx(0, abs=1e-4)
    assert picture.limits == (FLOOR_DB, 0.0)
    magnitude = np.linalg.norm(scan.kspace[0], axis=0)
    expected = 20 * np.log10(magnitude / magnitude.max())
    np.testing.assert_allclose(picture.values, expected, atol=1e-3)


def test_the_residual_is_what_was_added_to_k_space():
    kspace = torch.complex(torch.randn(2, 8, 6), torch.randn(2, 8, 6))
    added = torch.zeros_like(kspace)
    added[1, 2, 3] = 5j
    found = kspace_residual(ifft2c(kspace + added), kspace)
    torch.testing.assert_close(found, added, atol=1e-5, rtol=0)


def test_relative_norms_are_taken_at_their_places_alone():
    measured = torch.ones(2, 4, 4, dtype=torch.complex64)
    residual = torch.zeros_like(measured)
    residual[0, 0] = 1.0
    residual[1, 1] = 1.0
    top = np.zeros((4, 4), bool)
    top[0] = True
    assert relative_norm(residual, measured, top) == pytest.approx(math.sqrt(1 / 2))
    assert relative_norm(residual, measured, ~top) == pytest.approx(math.sqrt(1 / 6))
    assert math.isnan(relative_norm(residual, measured * 0, top))


def test_zero_filling_agrees_with_its_samples_and_misses_all_else(scan, mask):
    found = reconstruct_coils(undersample(scan, 0, mask), choose_method("zf"))
    picture = RESIDUAL.of_method(scan, 0, mask, found.coil_images)
    assert (picture.values[mask.samples] < -100).all()
    full = RESIDUAL.of_data(scan, 0).values
    np.testing.assert_allclose(picture.values[~mask.samples], full[~mask.samples], atol=0.05)
    assert picture.caption == ("at samples < 0.01 %", "elsewhere 100 %")
    assert (VIEWS["kspace"].item.of_method(scan, 0, mask, found.coil_images).values[~mask.samples]
            < -100).all()  # fmt: skip


def test_an_image_of_all_coils_is_weighted_by_the_maps_it_was_found_with(scan, mask):
    undersampled = undersample(scan, 0, mask)
    found = reconstruct_coils(undersampled, choose_method("sense"))
    image = sense(undersampled, SenseParams(), lambda *_: None)
    expected = coil_images(undersampled, image).numpy() * undersampled.scale
    np.testing.assert_allclose(found.coil_images, expected, rtol=1e-4, atol=1e-6)
    norm = np.linalg.norm(found.coil_images, axis=0)
    np.testing.assert_allclose(norm, found.recon.image, rtol=1e-3, atol=1e-6)
    picture = RESIDUAL.of_method(scan, 0, mask, found.coil_images)
    at, elsewhere = (float(text.split()[-2]) for text in picture.caption)
    assert 0 < at < elsewhere < 100


def test_a_simulated_scan_has_k_space_and_its_own_image_no_residual():
    images = np.random.default_rng(1).uniform(0, 9, (1, 10, 12)).astype(np.float32)
    simulated = Scan("brain", magnitude=images)
    mask = Mask(np.eye(10, 12, dtype=bool), (1, 1), "random", 10.0, 1)
    assert RESIDUAL.unavailable(simulated) == ""
    picture = RESIDUAL.of_method(simulated, 0, mask, images.astype(np.complex64))
    assert picture.values.max() < -100
    peak = VIEWS["kspace"].item.of_data(simulated, 0).values.argmax()
    assert np.unravel_index(peak, (10, 12)) == (5, 6)


def test_where_nothing_was_ever_measured_there_is_no_residual(scan, mask):
    acquired = Scan("half", kspace=scan.kspace, sampled=mask.samples)
    images = ifft2c(torch.from_numpy(scan.kspace[0])).numpy() * np.complex64(2)
    picture = RESIDUAL.of_method(acquired, 0, mask, images)
    assert (picture.values[~mask.samples] == LEAST_DB).all()
    assert picture.caption == ("at samples 100 %",)
    kspace = fft2c(torch.from_numpy(images)).numpy()
    assert np.abs(kspace).max() == pytest.approx(2 * np.abs(scan.kspace).max(), rel=1e-4)
