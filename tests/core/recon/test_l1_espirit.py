from dataclasses import replace

import numpy as np
import pytest
import sigpy
import torch

from core.acquisition import undersample
from core.calibration import calibration_of
from core.progress import Cancelled
from core.recon.l1_espirit import L1EspiritParams, iterates, l1_espirit
from core.recon.sense import SenseParams, sense
from core.types import Scan
from docs.results import bart
from tests.core.recon.coils import coils, error_db, mask_with_centre
from tests.core.recon.images import magnitude, simulated

MASK = mask_with_centre((96, 80), 3.0)
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


def test_an_empty_slice_stays_empty():
    empty = undersample(Scan("nothing", kspace=np.zeros((1, 3, 96, 80), np.complex64)), 0, MASK)
    L1EspiritParams().prepare(empty)
    image = magnitude(l1_espirit, empty, L1EspiritParams())
    assert image.shape == (96, 80)
    assert not image.any()


def test_progress_comes_at_every_iteration_and_cancels_at_once():
    fractions, calls = [], []
    params = L1EspiritParams(n_iterations=8)
    l1_espirit(coils(), params, lambda fraction, message: fractions.append(fraction))
    assert fractions == sorted(fractions)
    assert len(fractions) == 9
    assert fractions[-1] == 1

    def cancel(fraction, message):
        calls.append(message)
        if len(calls) == 4:
            raise Cancelled

    with pytest.raises(Cancelled):
        l1_espirit(coils(), params, cancel)
    assert calls[-1] == "L1-ESPIRiT, iteration 3 of 8"


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
