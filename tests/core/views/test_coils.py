import numpy as np
import pytest

from core.fourier import ifft2c
from core.types import Scan
from core.views import VIEWS, slice_maps
from core.views.coils import SUPPORT
from tests.core.calibration.scans import known_scan

SHAPE = (96, 80)


@pytest.fixture(scope="module")
def known():
    return known_scan(SHAPE, 4, 0.001)


@pytest.fixture(scope="module")
def scan(known):
    return Scan("coils", kspace=np.stack([known.kspace.numpy(), 2 * known.kspace.numpy()]))


def test_coil_images_are_the_magnitudes_of_each_coil_in_the_scans_units(known, scan):
    picture = VIEWS["coil-images"].item.of_data(scan, 1)
    np.testing.assert_allclose(picture.values, 2 * ifft2c(known.kspace).abs().numpy(), rtol=1e-4)
    low, high = picture.limits
    assert low == 0
    assert 0.5 * picture.values.max() < high <= picture.values.max()


def test_coil_maps_have_norm_1_inside_and_are_dark_outside(known, scan):
    picture = VIEWS["coil-maps"].item.of_data(scan, 0)
    norm = np.linalg.norm(picture.magnitude, axis=0)
    inside = known.inside.numpy()
    assert (np.isclose(norm, 1, atol=1e-4) | (norm == 0)).all()
    assert (norm[inside] > 0).mean() > 0.99
    assert (norm == 0).any(), "the corners have no signal to learn from"
    np.testing.assert_array_equal(norm > 0, slice_maps(scan, 0).eigenvalues.numpy() > SUPPORT)


def test_coil_maps_are_the_true_ones_but_for_a_common_phase(known, scan):
    picture = VIEWS["coil-maps"].item.of_data(scan, 0)
    found = picture.magnitude * np.exp(1j * picture.values)
    true = known.sens_maps.numpy() / np.linalg.norm(known.sens_maps.numpy(), axis=0)
    product = np.abs((found.conj() * true).sum(axis=0))[known.inside.numpy()]
    assert np.quantile(product, 0.05) > 0.99
    relative = np.angle(found[1] * found[0].conj()) - np.angle(true[1] * true[0].conj())
    off = np.abs(np.angle(np.exp(1j * relative)))[known.inside.numpy()]
    assert np.quantile(off, 0.9) < 0.1


def test_maps_are_computed_once_a_slice(scan):
    first = slice_maps(scan, 0)
    assert slice_maps(scan, 0) is first
    assert slice_maps(scan, 1) is not first


def test_one_coil_has_none():
    one = Scan("one", kspace=np.ones((1, 1, 8, 8), np.complex64))
    images = Scan("images", magnitude=np.ones((1, 8, 8), np.float32))
    for name in ("coil-images", "coil-maps"):
        assert VIEWS[name].item.unavailable(one) == "this scan has one coil"
        assert "lost their coils" in VIEWS[name].item.unavailable(images)
    np.testing.assert_array_equal(slice_maps(one, 0).sens_maps.numpy(), np.ones((1, 8, 8)))
