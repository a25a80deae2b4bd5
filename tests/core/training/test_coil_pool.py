import dataclasses

import numpy as np
import pytest
import torch

from core.coils import combine, expand
from core.domains import ImageGroup
from core.domains.simulated_coils import (
    HEIGHT,
    MIDDLE,
    RADII,
    random_ring,
    random_support,
    random_tissue_phase,
    simulated_coil_images,
    sinusoidal_phase,
)
from core.fourier import fft2c
from core.networks.handling import AllCoils
from core.phantom import coil_sensitivities
from core.training.augment import AUGMENTATIONS
from core.training.coil_pool import CoilSampler, simulate_pool
from core.training.coil_samples import calibrated_sample, fields_of
from core.training.coil_settings import CoilSettings
from core.training.settings import TrainSettings
from tests.core.training.images import blobs

CPU = torch.device("cpu")
HANDLING = AllCoils(n_consistency=5, phase="centre")
SETTINGS = TrainSettings(crop=48, batch=3, seed=5)
COILS = CoilSettings(n_coils=4, n_samples=3, noise=0.0, tissue_phase=0.0)


@pytest.fixture(scope="module", autouse=True)
def few_rings():
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr("core.training.coil_pool.N_RINGS", 2)
        yield


@pytest.fixture(scope="module")
def groups():
    return (ImageGroup("blobs", tuple(blobs(4, 64) + 10)),)


def pool(groups, **changes):
    coils = dataclasses.replace(COILS, **changes)
    return simulate_pool(groups, SETTINGS, coils, HANDLING, CPU, np.random.default_rng(0))


# --- the phase, as the paper says


def waves(n=400, shape=(41, 33)):
    random = np.random.default_rng(1)
    return np.stack([sinusoidal_phase(shape, random) for _ in range(n)])


def test_the_phase_is_a_sinusoid_of_at_most_pi_round_an_even_offset():
    phases = waves()
    middles = (phases.max(axis=(1, 2)) + phases.min(axis=(1, 2))) / 2
    assert np.ptp(phases, axis=(1, 2)).max() <= 2 * np.pi + 1e-5
    # offsets even round the circle: their mean phasor is short
    assert abs(np.exp(1j * phases[:, 20, 16]).mean()) < 3 / np.sqrt(400)
    assert middles.std() > 1


def test_spatial_frequencies_are_even_up_to_pi_along_each_axis():
    """Third differences of a sinusoid are its first ones times minus (2 - 2 cos of a step)."""
    frequencies = {1: [], 2: []}
    for phase in waves(300, (201, 201)).astype(np.float64):
        for axis in (0, 1):
            lines = np.moveaxis(phase, axis, 0)[::20]  # 0.2 apart on a side of length 2
            first = lines[1:-1] - lines[:-2]
            second = lines[2:] - 2 * lines[1:-1] + lines[:-2]
            third = second[1:] - second[:-1]
            ratio = -(third * first[1:]).sum() / (first[1:] ** 2).sum()
            frequencies[axis + 1].append(np.arccos(np.clip(1 - ratio / 2, -1, 1)) / 0.2)
    for found in frequencies.values():
        assert max(found) <= np.pi * 1.03
        np.testing.assert_allclose(np.quantile(found, [0.25, 0.5, 0.75]),
                                   [np.pi / 4, np.pi / 2, 3 * np.pi / 4], atol=0.4)  # fmt: skip


def test_amplitudes_run_from_0_to_pi():
    swings = np.ptp(waves(), axis=(1, 2)) / 2
    assert swings.min() < 0.2
    assert swings.max() > 0.9 * np.pi


def test_bright_and_dark_differ_in_phase_by_either_sign():
    magnitude = np.float32([[0.0, 1.0, 4.0]])
    random = np.random.default_rng(4)
    phases = np.stack([random_tissue_phase(magnitude, 2.0, random)[0] for _ in range(300)])
    np.testing.assert_allclose(phases[:, 2], 4 * phases[:, 1], rtol=1e-5)
    assert not phases[:, 0].any()
    assert -2 <= phases[:, 2].min() < -1.9
    assert 1.9 < phases[:, 2].max() <= 2


def test_the_phase_of_tissues_is_sharp_and_leaves_the_magnitude():
    """It stays where the phase of the centre is taken off, unlike a smooth one."""
    magnitude = blobs(1, 64)[0]
    one = np.ones((1, 64, 64), np.complex64)
    shares = []
    for largest in (0.0, 2.0):
        found = []
        for seed in range(8):
            random = np.random.default_rng(seed)
            seen = simulated_coil_images(magnitude, one, 0.0, random, largest)
            np.testing.assert_allclose(seen[0].abs(), magnitude, atol=1e-4)
            sample = calibrated_sample(seen, (20, 20), HANDLING)
            image = combine(sample.coil_images, sample.sens_maps)
            found.append(float(image.imag.norm() / image.norm()))
        shares.append(np.mean(found))
    assert shares[1] > 1.5 * shares[0]


def test_objects_lie_inside_the_field_of_view():
    random = np.random.default_rng(3)
    supports = np.stack([random_support((120, 80), random) for _ in range(30)])
    border = np.ones((120, 80), bool)
    border[2:-2, 1:-1] = False
    assert not supports[:, border].any()
    assert (supports[:, 30:90, 20:60] == 1).all()
    shares = supports.mean(axis=(1, 2))
    assert shares.min() > 0.45
    assert 0.6 < shares.max() < 0.8
    assert np.ptp(shares) > 0.05


def test_rings_keep_to_their_ranges():
    random = np.random.default_rng(2)
    rings = [random_ring(random) for _ in range(200)]
    for values, low, high in (
        ([ring.radius for ring in rings], *RADII),
        ([ring.rotation for ring in rings], 0, 2 * np.pi),
        ([ring.height for ring in rings], 0, HEIGHT),
        ([x for ring in rings for x in ring.middle], -MIDDLE, MIDDLE),
    ):
        assert low <= min(values) < low + 0.1 * (high - low)
        assert high - 0.1 * (high - low) < max(values) <= high


def test_coil_images_are_the_magnitude_seen_by_the_coils():
    magnitude = blobs(1, 32)[0]
    coils = coil_sensitivities(5, (32, 32))
    seen = simulated_coil_images(magnitude, coils, 0.0, np.random.default_rng(0))
    image = combine(seen, torch.from_numpy(coils))
    np.testing.assert_allclose(image.abs(), magnitude, atol=1e-3)
    torch.testing.assert_close(expand(image, torch.from_numpy(coils)), seen, atol=1e-3, rtol=1e-3)
    noisy = simulated_coil_images(magnitude, coils, 2.0, np.random.default_rng(0))
    assert float((noisy - seen).real.std()) == pytest.approx(2, rel=0.05)


# --- calibrated samples


def test_the_kernel_of_a_sample_leaves_its_images_as_they_are(groups):
    for sample in pool(groups):
        fields = fields_of(sample, dataclasses.replace(HANDLING, n_consistency=1))
        again = torch.einsum("oiyx,iyx->oyx", fields.consistency, sample.coil_images)
        assert torch.dist(again, sample.coil_images) < 0.1 * sample.coil_images.norm()


def test_the_maps_of_a_sample_explain_its_images(groups):
    for sample in pool(groups):
        norms = torch.linalg.vector_norm(sample.sens_maps, dim=0)
        torch.testing.assert_close(norms, torch.ones_like(norms), atol=1e-3, rtol=0)
        explained = expand(combine(sample.coil_images, sample.sens_maps), sample.sens_maps)
        assert torch.dist(explained, sample.coil_images) < 0.1 * sample.coil_images.norm()


def test_the_phase_of_the_centre_makes_the_combined_image_nearly_real(groups):
    shares = []
    for sample in pool(groups):
        image = combine(sample.coil_images, sample.sens_maps)
        shares.append(float(image.imag.norm() / image.norm()))
    assert max(shares) < 0.2


def test_one_coil_has_its_phase_for_a_map_and_no_kernel(groups):
    [first, *_] = pool(groups, n_coils=1)
    assert first.kernel is None
    assert fields_of(first, HANDLING).consistency is None
    image = combine(first.coil_images, first.sens_maps)
    assert image.imag.norm() < 0.2 * image.norm()


@pytest.mark.parametrize("augment", ["turns", "rotations"])
def test_a_changed_slice_keeps_its_calibration(groups, augment):
    """Maps and projections fit the turned images as they fitted the images."""
    sample = pool(groups)[0]
    fields = fields_of(sample, dataclasses.replace(HANDLING, n_consistency=1))
    changed = fields.changed(AUGMENTATIONS[augment], np.random.default_rng(1))
    assert not torch.equal(changed.coil_images, fields.coil_images)
    again = torch.einsum("oiyx,iyx->oyx", changed.consistency, changed.coil_images)
    explained = expand(combine(changed.coil_images, changed.sens_maps), changed.sens_maps)
    for found in (again, explained):
        assert torch.dist(found, changed.coil_images) < 0.12 * changed.coil_images.norm()


def test_a_window_has_the_fields_of_its_pixels(groups):
    sample = pool(groups)[0]
    window = (slice(5, 25), slice(10, 41))
    whole, part = fields_of(sample, HANDLING), fields_of(sample, HANDLING, window)
    torch.testing.assert_close(part.consistency, whole.consistency[..., *window])
    torch.testing.assert_close(part.coil_images, whole.coil_images[..., *window])
    torch.testing.assert_close(part.sens_maps, whole.sens_maps[..., *window])


# --- draws


def sampler(groups, **changes):
    settings = dataclasses.replace(SETTINGS, **changes)
    return CoilSampler(groups, settings, COILS, HANDLING, CPU)


def test_batches_are_undersampled_seeded_and_of_all_coils(groups):
    batch = sampler(groups).draw()
    zero_filled, corner_mask, sens_maps, consistency = batch.given
    assert zero_filled.shape == sens_maps.shape == (3, 4, 48, 48)
    assert consistency.shape == (3, 4, 4, 48, 48)
    assert batch.target.shape == (3, 48, 48)
    assert float(corner_mask.float().mean()) == pytest.approx(1 / 4, rel=0.02)
    sampled = torch.fft.fft2(zero_filled) * ~corner_mask[:, None]
    assert float(sampled.abs().max()) < 1e-3
    again = sampler(groups).draw()
    assert all(map(torch.equal, again.given, batch.given))
    other = sampler(groups, seed=6).draw()
    assert not torch.equal(other.target, batch.target)


def test_the_target_is_the_combination_of_what_was_undersampled(groups):
    batch = sampler(groups).draw()
    zero_filled, corner_mask, sens_maps, _ = batch.given
    seen = expand(batch.target, sens_maps)
    kept = torch.fft.ifft2(torch.fft.fft2(seen) * corner_mask[:, None])
    assert torch.dist(kept, zero_filled) < 0.1 * zero_filled.norm()


def test_draws_go_on_from_a_state(groups):
    one, other = sampler(groups), sampler(groups)
    one.draw()
    state = one.random_state
    expected = one.draw()
    other.random_state = state
    assert torch.equal(other.draw().target, expected.target)


def test_images_are_divided_by_their_bright_level(groups):
    brighter = (ImageGroup("bright", tuple(1000 * image for image in groups[0].images)),)
    for one, other in zip(pool(groups), pool(brighter), strict=True):
        torch.testing.assert_close(one.coil_images, other.coil_images, atol=1e-4, rtol=1e-3)


def test_the_calibrated_centre_is_that_of_a_slice_of_256(groups):
    """Other values outside it change nothing."""
    sample = pool(groups)[0]
    kspace = fft2c(sample.coil_images)
    centre = torch.zeros(48, 48, dtype=torch.bool)
    centre[10:38, 10:38] = True  # 28 x 28 at R=4
    outside = torch.fft.ifftshift(kspace * centre, dim=(-2, -1))
    inside = torch.fft.fftshift(torch.fft.ifft2(outside, norm="ortho"), dim=(-2, -1))
    again = calibrated_sample(inside, (28, 28), HANDLING)
    torch.testing.assert_close(again.kernel, sample.kernel, atol=1e-4, rtol=1e-3)
