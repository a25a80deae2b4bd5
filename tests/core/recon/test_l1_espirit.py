from dataclasses import replace

import numpy as np
import pytest
import sigpy
import torch

from core.calibration import calibration_of
from core.recon.l1_espirit import L1EspiritParams, iterates, l1_espirit
from core.recon.sense import SenseParams, sense
from docs.results import bart
from tests.core.recon.coils import coils, error_db
from tests.core.recon.images import magnitude, simulated

PLAIN = L1EspiritParams(reg_weight=2e-3, schedule="constant", shifts="none")


def objective(undersampled, image, params=PLAIN):
    """With sigpy's operators and PyWavelets, which share nothing with the solver."""
    import pywt

    maps = calibration_of(undersampled).sens_maps.numpy()
    samples = undersampled.mask.samples
    residual = (sigpy.fft(maps * image, axes=(-2, -1)) - undersampled.kspace.numpy()) * samples
    levels = pywt.wavedec2(image, params.wavelet, mode="periodization", level=2)
    coefficients, _ = pywt.coeffs_to_array(levels)
    return 0.5 * np.sum(np.abs(residual) ** 2) + params.reg_weight * np.sum(np.abs(coefficients))


@pytest.mark.parametrize(("acceleration", "limit_db"), [(2.0, -62), (3.0, -55), (4.0, -50)])
def test_recovers_the_phantom(acceleration, limit_db):
    undersampled = coils(acceleration=acceleration)
    params = L1EspiritParams(reg_weight=1e-4, n_iterations=120)
    image = magnitude(l1_espirit, undersampled, params)
    assert image.dtype == torch.float32
    assert image.shape == (96, 80)
    assert error_db(undersampled, image) < limit_db


@pytest.mark.parametrize("shape", [(96, 80), (65, 71)])
def test_beats_sense_where_samples_are_few(shape):
    undersampled = coils(shape, acceleration=5.0, noise_sd=0.005)
    plain = error_db(undersampled, magnitude(sense, undersampled, SenseParams()))
    assert error_db(undersampled, magnitude(l1_espirit, undersampled, L1EspiritParams())) < (
        plain - 3
    )


def test_objective_falls_to_where_plain_steps_of_sigpy_end():
    undersampled = coils((64, 64), noise_sd=0.01)
    *_, image = iterates(undersampled, replace(PLAIN, n_iterations=200))
    # The same problem by unaccelerated steps on sigpy's operators.
    maps = calibration_of(undersampled).sens_maps.numpy()
    samples = undersampled.mask.samples.astype(np.float32)
    encoding = sigpy.mri.linop.Sense(maps, weights=samples)
    expected = np.zeros((64, 64), np.complex64)
    right_side = encoding.H(undersampled.kspace.numpy())
    for _ in range(1500):
        expected = thresholded(expected - encoding.N(expected) + right_side, PLAIN)
    ends = objective(undersampled, expected)
    assert objective(undersampled, image.numpy()) == pytest.approx(ends, rel=1e-3)
    np.testing.assert_allclose(image.numpy(), expected, atol=1e-2)


def thresholded(image, params):
    import pywt

    levels = pywt.wavedec2(image, params.wavelet, mode="periodization", level=2)
    coefficients, places = pywt.coeffs_to_array(levels)
    size = np.maximum(np.abs(coefficients), 1e-12)
    coefficients = coefficients * np.maximum(1 - params.reg_weight / size, 0)
    levels = pywt.array_to_coeffs(coefficients, places, output_format="wavedec2")
    return pywt.waverec2(levels, params.wavelet, mode="periodization")


@pytest.mark.skipif(not bart.is_installed(), reason="the command 'bart' is not installed")
def test_as_good_as_bart():
    undersampled = coils((128, 128), 4.0, noise_sd=0.005)
    maps = calibration_of(undersampled).sens_maps.numpy()
    theirs = bart.pics(undersampled, bart.WAVELET, 2e-3, 100, sens_maps=maps)
    # BART's wavelet is the four-tap Daubechies.
    params = L1EspiritParams(reg_weight=2e-3, wavelet="db2", n_iterations=100)
    ours = magnitude(l1_espirit, undersampled, params)
    their_db = error_db(undersampled, torch.from_numpy(np.abs(theirs)))
    assert error_db(undersampled, ours) < their_db + 0.3
    assert np.linalg.norm(ours.numpy() - np.abs(theirs)) < 0.03 * np.linalg.norm(theirs)


def test_a_falling_weight_converges_sooner():
    undersampled = coils((64, 64), acceleration=4.0, noise_sd=0.001)
    small = replace(PLAIN, reg_weight=1e-4, n_iterations=80)
    ends = {}
    for schedule in ("constant", "falling"):
        params = replace(small, schedule=schedule)
        *_, image = iterates(undersampled, params)
        ends[schedule] = objective(undersampled, image.numpy(), params)
    assert ends["falling"] < ends["constant"]


def test_seed_decides():
    undersampled = coils((64, 64))
    params = L1EspiritParams(n_iterations=10)
    first, again, other = (
        magnitude(l1_espirit, undersampled, replace(params, seed=seed)) for seed in (0, 0, 1)
    )
    assert torch.equal(first, again)
    assert not torch.equal(first, other)


def test_one_coil_is_refused_in_one_line():
    with pytest.raises(ValueError, match=r"^parallel imaging needs at least 2 coils, got 1: phan"):
        magnitude(l1_espirit, simulated(), L1EspiritParams())


@pytest.mark.parametrize(
    ("change", "message"),
    [
        ({"reg_weight": 0.0}, "reg_weight must be at least 1e-06, got 0.0"),
        ({"n_iterations": 0}, "n_iterations must be at least 1, got 0"),
        ({"wavelet": "haar"}, "wavelet must be one of db4, db2, got 'haar'"),
        ({"shifts": "some"}, "shifts must be one of random, none, got 'some'"),
    ],
)
def test_settings_outside_their_range_are_refused(change, message):
    with pytest.raises(ValueError, match=message):
        L1EspiritParams(**change)
