import numpy as np
import pytest
import torch

from core.fourier import fft2c, ifft2c
from core.types import Scan
from core.views import VIEWS, phase_image
from tests.core.calibration.scans import known_scan

SHAPE = (96, 80)
VIEW = VIEWS["phase"].item


def scan_of(images):
    """A scan whose coil images these are, `(coil, y, x)`."""
    kspace = fft2c(torch.from_numpy(images.astype(np.complex64))).numpy()
    return Scan("known", kspace=kspace[None])


def wrapped(difference):
    return np.abs(np.angle(np.exp(1j * difference)))


def test_phase_is_in_radian_and_wraps():
    ramp = torch.linspace(-3.0, 9.0, 40)
    found = phase_image(torch.polar(torch.full((40,), 7.0), ramp))
    np.testing.assert_allclose(wrapped(found - ramp.numpy()), 0, atol=1e-5)
    assert np.abs(found).max() <= np.pi + 1e-6
    assert phase_image(torch.zeros(1, dtype=torch.complex64)) == 0


def test_one_coil_shows_its_own_phase_with_the_brightness_of_its_magnitude():
    y, x = np.indices((12, 16))
    phase, magnitude = 0.1 * x - 0.2 * y, 1.0 + x
    picture = VIEW.of_data(scan_of((magnitude * np.exp(1j * phase))[None]), 0)
    np.testing.assert_allclose(wrapped(picture.values - phase), 0, atol=1e-4)
    np.testing.assert_allclose(picture.magnitude, magnitude, rtol=1e-4)
    assert picture.limits == (-np.pi, np.pi)
    assert picture.white == pytest.approx(16, rel=0.01)
    np.testing.assert_allclose(picture.brightness[0, 3], np.sqrt(4 / picture.white), rtol=1e-4)


def test_a_method_that_finds_the_data_shows_the_phase_of_the_data_and_a_shift_shows():
    known = known_scan(SHAPE, 4)
    scan = Scan("known", kspace=known.kspace.numpy()[None])
    coil_images = ifft2c(known.kspace).numpy()
    data = VIEW.of_data(scan, 0)
    same = VIEW.of_method(scan, 0, None, coil_images)
    np.testing.assert_allclose(same.values, data.values, atol=1e-5)
    shifted = VIEW.of_method(scan, 0, None, coil_images * np.complex64(np.exp(0.5j)))
    inside = known.inside.numpy()
    difference = wrapped(shifted.values - data.values - 0.5)[inside]
    assert difference.max() < 1e-3


def test_the_phase_of_several_coils_is_as_smooth_as_that_of_the_object():
    """Between neighbours inside the object, phase moves by much less than a radian."""
    known = known_scan(SHAPE, 4)
    scan = Scan("known", kspace=known.kspace.numpy()[None])
    values, inside = VIEW.of_data(scan, 0).values, known.inside.numpy()
    step = wrapped(np.diff(values, axis=1))[inside[:, 1:] & inside[:, :-1]]
    assert np.quantile(step, 0.99) < 0.3


def test_magnitude_images_have_lost_their_phase():
    simulated = Scan("brain", magnitude=np.ones((1, 8, 8), np.float32))
    assert "lost their phase" in VIEW.unavailable(simulated)
    assert VIEW.unavailable(scan_of(np.ones((1, 8, 8)))) == ""


def test_coils_that_cannot_be_told_apart_are_refused_in_one_line():
    known = known_scan(SHAPE, 4)
    sampled = np.zeros(SHAPE, bool)
    sampled[::2] = True
    lines = Scan("lines", kspace=known.kspace.numpy()[None], sampled=sampled)
    with pytest.raises(ValueError, match="fully sampled centre of 24 x 24, got 288 of its samples"):
        VIEW.of_data(lines, 0)
    empty = Scan("empty", kspace=np.zeros((1, 4, *SHAPE), np.complex64))
    with pytest.raises(ValueError, match="cannot be told apart in slice 0, which is empty"):
        VIEW.of_data(empty, 0)
