import numpy as np
import pytest
import torch

from core.acquisition import full_kspace
from core.coils import root_sum_of_squares
from core.fourier import ifft2c
from core.people import same_person
from core.phantom import (
    CoilRing,
    Label,
    coil_sensitivities,
    complex_noise,
    demo_local_scans,
    demo_scan,
    magnitude_scan,
    make_brain,
    noise_sd,
    simulate_scan,
    smooth_phase,
    weighted_images,
)
from core.types import image_key


@pytest.fixture(scope="module")
def brain():
    return make_brain(1, n_slices=4, size=96)


@pytest.fixture(scope="module")
def demo():
    return demo_scan()


def test_coil_maps_have_a_root_sum_of_squares_of_1():
    maps = coil_sensitivities(8, (64, 48))
    assert maps.shape == (8, 64, 48)
    assert maps.dtype == np.complex64
    np.testing.assert_allclose(np.linalg.norm(maps, axis=0), 1, atol=1e-5)


def test_coil_maps_are_smooth_and_differ():
    maps = coil_sensitivities(8, (128, 128))
    for axis in (1, 2):
        assert np.abs(np.diff(maps, axis=axis)).max() < 0.08
    peaks = {np.unravel_index(np.abs(m).argmax(), m.shape) for m in maps}
    assert len(peaks) == 8
    centre = np.abs(maps[:, 64, 64])
    assert centre == pytest.approx(np.full(8, 1 / np.sqrt(8)), abs=0.03)


def test_a_loop_on_its_axis_has_the_field_of_the_textbook():
    from core.phantom.coils import _loop_field

    depth = np.linspace(0.1, 0.6, 6)
    points = np.stack([0 * depth, -CoilRing().radius + depth, 0 * depth], axis=-1)[None]
    field = np.abs(_loop_field(points, 0.0, 0.2))[0]
    analytic = (0.2**2 + depth**2) ** -1.5
    np.testing.assert_allclose(field / field[0], analytic / analytic[0], rtol=1e-6)


def test_a_ring_turned_by_one_coil_is_the_same_ring():
    here = coil_sensitivities(8, (24, 20))
    turned = coil_sensitivities(8, (24, 20), CoilRing(rotation=2 * np.pi / 8))
    np.testing.assert_allclose(turned, np.roll(here, -1, axis=0), atol=1e-6)


def test_coils_far_off_the_slice_differ_less():
    def spread(ring):
        return np.abs(coil_sensitivities(8, (32, 32), ring)).std()

    near, high, wide = map(spread, (CoilRing(), CoilRing(height=1.0), CoilRing(radius=2.0)))
    assert max(high, wide) < 0.7 * near


def test_a_ring_beside_the_middle_moves_the_maps():
    size = 65  # an odd number of pixels has its middle on one
    moved = coil_sensitivities(6, (size, size), CoilRing(middle=(4 / 64, -8 / 64)))
    here = coil_sensitivities(6, (size, size))
    np.testing.assert_allclose(moved[:, 14:54, 12:52], here[:, 10:50, 20:60], atol=1e-6)


def test_a_ring_without_extent_is_refused():
    with pytest.raises(ValueError, match="radius of a coil ring must be positive, got 0"):
        CoilRing(radius=0.0)


def test_one_coil_is_uniform():
    np.testing.assert_array_equal(coil_sensitivities(1, (4, 5)), np.ones((1, 4, 5)))


def test_phase_is_smooth_and_seeded():
    phase = smooth_phase((128, 96), seed=4)
    assert phase.shape == (128, 96)
    assert phase.dtype == np.float32
    assert np.ptp(phase) > 0.3
    for axis in (0, 1):
        assert np.abs(np.diff(phase, axis=axis)).max() < 0.25
    np.testing.assert_array_equal(phase, smooth_phase((128, 96), seed=4))
    assert not np.allclose(phase, smooth_phase((128, 96), seed=5))


def test_noise_has_its_standard_deviation_in_both_parts():
    noise = complex_noise((200, 200), 2.5, np.random.default_rng(0))
    assert noise.dtype == np.complex64
    assert noise.real.std() == pytest.approx(2.5, rel=0.02)
    assert noise.imag.std() == pytest.approx(2.5, rel=0.02)
    assert abs(np.mean(noise.real * noise.imag)) < 0.1


def test_background_of_a_magnitude_scan_is_rician(brain):
    scan = magnitude_scan(brain, "t2", noise=0.03, seed=1)
    sd = noise_sd(brain, "t2", 0.03)
    air = scan.magnitude[brain.pd == 0]
    assert air.mean() == pytest.approx(sd * np.sqrt(np.pi / 2), rel=0.02)
    assert np.sqrt((air**2).mean() / 2) == pytest.approx(sd, rel=0.02)


def test_noise_is_a_share_of_white_matter(brain):
    images = weighted_images(brain, "t1")
    white = np.median(images[brain.labels == Label.WHITE_MATTER])
    assert noise_sd(brain, "t1", 0.05) == pytest.approx(0.05 * white)


def test_bias_field_is_mild_and_smooth(brain):
    clean = weighted_images(brain, "t1")
    scan = magnitude_scan(brain, "t1", noise=0.0, seed=2, bias=0.05)
    inside = clean > 10
    ratio = scan.magnitude[inside] / clean[inside]
    assert 0.002 < ratio.std() < 0.15
    assert 0.7 < ratio.min() < ratio.max() < 1.4
    flat = magnitude_scan(brain, "t1", noise=0.0, bias=0.0)
    np.testing.assert_allclose(flat.magnitude, clean, rtol=1e-5)


@pytest.mark.parametrize("n_coils", [1, 6])
def test_noiseless_kspace_gives_the_image_back(brain, n_coils):
    scan = simulate_scan(brain, "t1", n_coils=n_coils, noise=0.0, seed=1)
    assert scan.kspace.shape == (4, n_coils, 96, 96)
    assert scan.kspace.dtype == np.complex64
    assert not scan.is_simulated
    assert scan.provenance.startswith(f"k-space of a digital phantom, {n_coils} coil")
    clean = weighted_images(brain, "t1")
    for i in range(4):
        image = root_sum_of_squares(ifft2c(full_kspace(scan, i)))
        np.testing.assert_allclose(image, clean[i], atol=2e-3)


def test_simulated_images_carry_a_phase(brain):
    scan = simulate_scan(brain, "t2", noise=0.0, seed=1)
    image = ifft2c(full_kspace(scan, 2))[0]
    assert torch.abs(image.imag).max() > 0.05 * torch.abs(image).max()


def test_kspace_noise_has_the_stated_deviation(brain):
    clean = simulate_scan(brain, "t1", n_coils=2, noise=0.0, seed=1)
    noisy = simulate_scan(brain, "t1", n_coils=2, noise=0.1, seed=1)
    sd = noise_sd(brain, "t1", 0.1)
    noise = noisy.kspace - clean.kspace
    assert noise.real.std() == pytest.approx(sd, rel=0.03)
    assert noise.imag.std() == pytest.approx(sd, rel=0.03)


def test_scans_are_seeded(brain):
    one, same, other = (magnitude_scan(brain, seed=seed) for seed in (1, 1, 2))
    assert image_key(one, 0) == image_key(same, 0) != image_key(other, 0)
    one, same, other = (simulate_scan(brain, seed=seed) for seed in (1, 1, 2))
    assert image_key(one, 0) == image_key(same, 0) != image_key(other, 0)


def test_demo_scan_says_what_it_is(demo):
    assert demo.name == "Phantom subject 1, T1-weighted"
    assert demo.magnitude.shape == (24, 256, 256)
    assert demo.magnitude.dtype == np.float32
    assert demo.is_simulated
    assert demo.edges == ("R", "L", "A", "P")
    assert any("digital phantom" in note for note in demo.notes)
    assert demo.spacing_mm == pytest.approx((4.9, 220 / 256, 220 / 256))
    assert demo.grid.to_file(demo.magnitude).shape == demo.grid.shape


def test_local_scans_are_other_subjects_of_the_same_protocol(demo):
    (local,) = demo_local_scans(1)
    assert local.name == "Phantom subject 2, T1-weighted"
    assert local.slice_shape == demo.slice_shape
    assert local.spacing_mm == demo.spacing_mm
    assert image_key(local, 12) != image_key(demo, 12)
    assert not same_person(local, demo)


def test_all_contrasts_of_a_brain_show_one_person(brain):
    scans = (magnitude_scan(brain, "t1"), magnitude_scan(brain, "t2"), simulate_scan(brain, "t1"))
    assert all(same_person(scans[0], scan) for scan in scans)


@pytest.mark.parametrize(
    ("call", "message"),
    [
        (lambda brain: magnitude_scan(brain, noise=-0.1), "noise must be at least 0, got -0.1"),
        (lambda brain: magnitude_scan(brain, seed=-2), "seed must be at least 0, got -2"),
        (lambda brain: magnitude_scan(brain, "pd"), "unknown contrast 'pd'"),
        (lambda brain: simulate_scan(brain, n_coils=0), "n_coils must be at least 1, got 0"),
        (lambda brain: demo_local_scans(0), "n must be at least 1, got 0"),
    ],
)
def test_bad_arguments_are_refused(brain, call, message):
    with pytest.raises(ValueError, match=message):
        call(brain)
