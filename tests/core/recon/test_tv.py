from dataclasses import replace

import numpy as np
import pytest
import sigpy
import torch
from sigpy.mri.app import TotalVariationRecon
from skimage.restoration import denoise_tv_chambolle

from core.acquisition import undersample
from core.progress import Cancelled, no_progress
from core.recon.tv import (
    TotalVariationParams,
    differences,
    differences_adjoint,
    mirrored,
    solve,
    total_variation,
)
from core.types import Mask, Scan
from docs.results import bart
from tests.core.recon.images import (
    magnitude,
    measured,
    phantom,
    psnr_db,
    simulated,
    variable_density_mask,
    zero_filled_psnr,
)

WEIGHT = 2e-3
EXACT = TotalVariationParams(reg_weight=WEIGHT, tolerance=3e-5, max_iterations=5000)


def gradient(image):
    """Written with NumPy alone. Shape `(2, y, x)`."""
    return np.stack([np.roll(image, -1, axis) - image for axis in (0, 1)])


def objective(undersampled, image, weight=WEIGHT):
    residual = (sigpy.fft(image) - undersampled.kspace[0].numpy()) * undersampled.mask.samples
    length = np.sqrt(np.sum(np.abs(gradient(image)) ** 2, axis=0))
    return 0.5 * np.sum(np.abs(residual) ** 2) + weight * np.sum(length)


def primal_dual(undersampled, weight, n_iterations, real=False):
    """Chambolle and Pock's algorithm, which shares nothing with the solver but the problem."""
    kspace, samples = undersampled.kspace[0].numpy(), undersampled.mask.samples
    image = np.zeros(kspace.shape, np.complex128)
    leading, dual = image.copy(), np.zeros((2, *kspace.shape), np.complex128)
    data_dual = np.zeros(kspace.shape, np.complex128)
    step = 1 / 3  # the norm of the stacked operator is at most 3
    for _ in range(n_iterations):
        dual = dual + step * gradient(leading)
        length = np.sqrt(np.sum(np.abs(dual) ** 2, axis=0))
        dual = dual / np.maximum(1, length / weight)
        data_dual = (data_dual + step * (samples * sigpy.fft(leading) - kspace)) / (1 + step)
        back = sum(np.roll(part, 1, axis) - part for axis, part in enumerate(dual))
        new = image - step * (back + sigpy.ifft(samples * data_dual))
        new = new.real + 0j if real else new
        leading, image = 2 * new - image, new
    return image


def test_ends_where_the_primal_dual_algorithm_ends():
    undersampled = simulated((48, 56))
    expected = primal_dual(undersampled, WEIGHT, 2000)
    found = solve(undersampled, EXACT, no_progress)
    image = found.coil_images[0].numpy()
    assert found.residual <= EXACT.tolerance
    assert found.n_iterations < EXACT.max_iterations
    best = objective(undersampled, expected)
    assert objective(undersampled, image) == pytest.approx(best, rel=1e-4)
    np.testing.assert_allclose(image, expected, atol=5e-3)


def test_default_tolerance_is_near_the_minimum():
    undersampled = simulated((96, 96))
    params = TotalVariationParams(reg_weight=WEIGHT)
    usual = solve(undersampled, params, no_progress)
    exact = solve(undersampled, EXACT, no_progress)
    least = objective(undersampled, exact.coil_images[0].numpy())
    assert usual.residual <= params.tolerance
    assert objective(undersampled, usual.coil_images[0].numpy()) == pytest.approx(least, rel=1e-3)
    assert psnr_db(undersampled, usual.coil_images[0].abs()) == pytest.approx(
        psnr_db(undersampled, exact.coil_images[0].abs()), abs=0.05
    )


def test_same_as_sigpys_application_where_both_norms_agree():
    # sigpy adds up both directions; for an image of columns there is only one.
    shape = (48, 48)
    profile = np.zeros(shape[1], np.float32)
    profile[10:22], profile[28:40] = 300, 120
    scan = Scan("columns", magnitude=np.broadcast_to(profile, (1, *shape)).copy())
    samples = np.zeros(shape, bool)
    samples[:, [*range(18, 31), 3, 9, 14, 35, 41, 46]] = True
    undersampled = undersample(scan, 0, Mask(samples, (48, 8), "lines", 2.5, 1))
    app = TotalVariationRecon(
        undersampled.kspace.numpy(),
        np.ones((1, *shape), np.complex64),
        WEIGHT,
        weights=samples.astype(np.float32),
        max_iter=2000,
        show_pbar=False,
    )
    expected = app.run()
    image = solve(undersampled, EXACT, no_progress).coil_images[0].numpy()
    theirs = objective(undersampled, expected)
    assert objective(undersampled, image) == pytest.approx(theirs, rel=2e-3)
    np.testing.assert_allclose(np.abs(image), np.abs(expected), atol=5e-3)


def test_full_sampling_is_the_denoising_of_scikit_image():
    noisy = phantom((64, 64)) + np.random.default_rng(0).normal(0, 30, (64, 64))
    noisy = np.abs(noisy).astype(np.float32)
    noisy[:3] = noisy[-3:] = noisy[:, :3] = noisy[:, -3:] = 0  # both borders alike: all zero
    full = Mask(np.ones((64, 64), bool), (64, 64), "gaussian", 1.0, 1)
    undersampled = undersample(Scan("noisy", magnitude=noisy[None]), 0, full)
    weight = 0.05
    params = replace(EXACT, reg_weight=weight)
    image = magnitude(total_variation, undersampled, params).numpy()
    observed = noisy / undersampled.scale
    expected = denoise_tv_chambolle(observed, weight=weight, eps=1e-9, max_num_iter=3000)
    assert np.abs(observed - expected).max() > 0.1
    np.testing.assert_allclose(image, expected, atol=3e-3)


@pytest.mark.skipif(not bart.is_installed(), reason="the command 'bart' is not installed")
def test_objective_is_no_higher_than_barts():
    undersampled = simulated((64, 64))
    theirs = bart.pics(undersampled, bart.TOTAL_VARIATION, WEIGHT, 400, "-u", "0.05")
    ours = solve(undersampled, EXACT, no_progress).coil_images[0].numpy()
    assert objective(undersampled, ours) <= objective(undersampled, theirs) * 1.001
    # BART's differences run the other way, so that the lengths at edges differ a little.
    assert objective(undersampled, theirs) < objective(undersampled, ours) * 1.05


def test_differences_and_their_adjoint():
    generator = torch.Generator().manual_seed(0)
    image = torch.randn((7, 10), dtype=torch.complex64, generator=generator)
    field = torch.randn((2, 7, 10), dtype=torch.complex64, generator=generator)
    np.testing.assert_array_equal(differences(image).numpy(), gradient(image.numpy()))
    left = torch.vdot(field.flatten(), differences(image).flatten())
    right = torch.vdot(differences_adjoint(field).flatten(), image.flatten())
    torch.testing.assert_close(left, right)


@pytest.mark.parametrize("shape", [(48, 56), (45, 50)])
def test_real_values_end_where_real_primal_dual_steps_end(shape):
    undersampled = simulated(shape)
    params = replace(EXACT, image_values="real")
    image = solve(undersampled, params, no_progress).coil_images[0].numpy()
    expected = primal_dual(undersampled, WEIGHT, 2000, real=True)
    assert np.abs(image.imag).max() < 1e-4
    np.testing.assert_allclose(image.real, expected.real, atol=5e-3)


def test_a_mirrored_samples_weight_is_shared():
    weights = torch.zeros((4, 5))
    weights[3, 0] = 1.0  # k = (1, -2); its mirror image is (-1, 2) at index (1, 4)
    shared, samples = mirrored((weights, weights * (2 + 4j)))
    expected = torch.zeros((4, 5))
    expected[3, 0] = expected[1, 4] = 0.5
    torch.testing.assert_close(shared, expected)
    torch.testing.assert_close(samples[3, 0], torch.tensor(1 + 2j))
    torch.testing.assert_close(samples[1, 4], torch.tensor(1 - 2j))


def test_real_values_are_refused_for_measured_scans_and_remarked_on():
    params = TotalVariationParams(image_values="real")
    assert "real image" in params.remarks(simulated())[0]
    assert TotalVariationParams().remarks(simulated()) == ()
    with pytest.raises(ValueError, match=r"'real' needs a scan simulated .* coils: measured"):
        magnitude(total_variation, measured(), params)


@pytest.mark.parametrize("shape", [(96, 96), (65, 71), (97, 64)])
def test_recovers_a_piecewise_constant_phantom(shape):
    undersampled = simulated(shape)
    image = magnitude(total_variation, undersampled, TotalVariationParams())
    assert image.dtype == torch.float32
    assert image.shape == shape
    assert psnr_db(undersampled, image) > zero_filled_psnr(undersampled) + 10


def test_coils_count_on_their_own_and_are_combined():
    undersampled = measured()
    together = magnitude(total_variation, undersampled, EXACT)
    alone = [
        magnitude(total_variation, replace(undersampled, kspace=coil[None]), EXACT)
        for coil in undersampled.kspace
    ]
    torch.testing.assert_close(
        together, torch.stack(alone).square().sum(0).sqrt(), atol=2e-3, rtol=0
    )
    assert psnr_db(undersampled, together) > zero_filled_psnr(undersampled)


@pytest.mark.parametrize("image_values", ["complex", "real"])
def test_empty_slice_stays_empty(image_values):
    scan = Scan("nothing", magnitude=np.zeros((1, 64, 64), np.float32))
    undersampled = undersample(scan, 0, variable_density_mask((64, 64)))
    params = TotalVariationParams(image_values=image_values)
    assert not magnitude(total_variation, undersampled, params).any()


def test_a_mean_that_was_not_sampled_is_left_finite():
    undersampled = simulated((64, 64))
    samples = undersampled.mask.samples.copy()
    samples[32, 32] = False
    kspace = undersampled.kspace * torch.from_numpy(samples)
    lost = replace(undersampled, mask=replace(undersampled.mask, samples=samples), kspace=kspace)
    assert magnitude(total_variation, lost, TotalVariationParams()).isfinite().all()


def test_progress_rises_to_the_end_and_cancels_at_once():
    fractions = []
    undersampled = simulated((64, 64))
    total_variation(
        undersampled, TotalVariationParams(), lambda fraction, message: fractions.append(fraction)
    )
    assert fractions == sorted(fractions)
    assert (fractions[0], fractions[-1]) == (0, 1)

    calls = []

    def cancel(fraction, message):
        calls.append(message)
        if len(calls) == 3:
            raise Cancelled

    with pytest.raises(Cancelled):
        total_variation(undersampled, TotalVariationParams(), cancel)
    assert calls[-1] == "total variation, iteration 10"


def test_ends_at_the_largest_number_of_iterations():
    last = solve(simulated(), replace(EXACT, max_iterations=7), no_progress)
    assert last.n_iterations == 7
    assert last.residual > EXACT.tolerance


@pytest.mark.parametrize(
    ("change", "message"),
    [
        ({"reg_weight": 0.0}, "reg_weight must be at least 1e-06, got 0.0"),
        ({"tolerance": 1.0}, r"tolerance must be at most 0.1, got 1.0"),
        ({"max_iterations": 0}, "max_iterations must be at least 1, got 0"),
        ({"image_values": "odd"}, "image_values must be one of complex, real, got 'odd'"),
    ],
)
def test_settings_outside_their_range_are_refused(change, message):
    with pytest.raises(ValueError, match=message):
        TotalVariationParams(**change)
