from dataclasses import replace

import numpy as np
import pytest
from skimage.data import shepp_logan_phantom
from skimage.transform import resize

from core import metrics
from core.acquisition import reference_image, undersample, volume_maximum
from core.progress import Cancelled, no_progress
from core.recon import wavelet_tuning
from core.recon.wavelet import WaveletParams, wavelet
from core.recon.wavelet_tuning import tune
from core.seen import keys_of
from core.types import Mask, Scan


@pytest.fixture(scope="module")
def images():
    first = resize(shepp_logan_phantom(), (64, 64), anti_aliasing=True).astype(np.float32)
    noise = np.random.default_rng(0).normal(0, 0.02, first.shape)
    second = np.abs(np.rot90(first) + noise).astype(np.float32)
    scan = Scan("phantom", magnitude=np.stack([first, second, np.zeros_like(first)]) * 300)
    samples = np.random.default_rng(1).random((64, 64)) < 0.35
    samples[26:38, 26:38] = True
    mask = Mask(samples, (12, 12), "gaussian", 3.0, 1)
    return [undersample(scan, index, mask) for index in range(3)]


@pytest.fixture(scope="module")
def tuned(images):
    return tune(images[:2], max_iterations=60)


def mean_psnr(images, params):
    values = []
    for image in images:
        recon = wavelet(image, params, no_progress).numpy() * image.scale
        reference = reference_image(image.scan, image.slice_index)
        peak = volume_maximum(image.scan)
        values.append(metrics.score(metrics.DEFAULT, reference, recon, peak).psnr_db)
    return np.mean(values)


def test_best_of_the_table_is_chosen_and_is_what_the_method_gives(images, tuned):
    best = max(tuned.table, key=lambda trial: trial.psnr_db)
    assert (tuned.params.reg_weight, tuned.params.n_iterations) == (
        best.reg_weight,
        best.n_iterations,
    )
    assert mean_psnr(images[:2], tuned.params) == pytest.approx(best.psnr_db, abs=1e-3)
    for preset in (WaveletParams(), WaveletParams(reg_weight=1e-3, n_iterations=80)):
        shorter = replace(preset, n_iterations=60)
        assert mean_psnr(images[:2], shorter) < best.psnr_db + 0.1


def test_grid_is_refined_around_its_best(tuned):
    weights = sorted({trial.reg_weight for trial in tuned.table})
    assert len(weights) == 9
    steps = np.diff(np.log10(weights))
    assert min(steps) == pytest.approx(0.125, abs=0.02)
    assert {trial.n_iterations for trial in tuned.table} == set(range(10, 61, 10))
    assert list(tuned.table) == sorted(tuned.table, key=lambda t: (t.reg_weight, t.n_iterations))


def test_tuning_images_are_remembered(images, tuned):
    assert tuned.params.tuned_on == keys_of(images[0].scan, (0, 1))


def test_other_settings_are_kept(images, monkeypatch):
    monkeypatch.setattr(wavelet_tuning, "COARSE_WEIGHTS", (1e-2,))
    base = WaveletParams(wavelet="db2", image_values="real", seed=5)
    params = tune(images[:1], base=base, max_iterations=10).params
    assert (params.wavelet, params.image_values, params.seed) == ("db2", "real", 5)


def test_empty_slices_are_left_out(images, monkeypatch):
    monkeypatch.setattr(wavelet_tuning, "COARSE_WEIGHTS", (1e-2,))
    params = tune([images[0], images[2]], max_iterations=10).params
    assert params.tuned_on == keys_of(images[0].scan, [0])
    with pytest.raises(ValueError, match="images must hold one that is not empty, got 1 images"):
        tune([images[2]])
    with pytest.raises(ValueError, match="images must hold one that is not empty, got 0 images"):
        tune([])


def test_progress_runs_to_the_end_and_cancels(images):
    fractions = []
    tune(images[:1], lambda fraction, message: fractions.append(fraction), max_iterations=10)
    assert fractions == sorted(fractions)
    assert fractions[-1] == pytest.approx(1)

    def cancel(fraction, message):
        if fraction > 0.05:
            raise Cancelled

    with pytest.raises(Cancelled):
        tune(images[:1], cancel, max_iterations=10)


def test_too_few_iterations_are_refused(images):
    with pytest.raises(ValueError, match="max_iterations must be at least 10, got 5"):
        tune(images[:1], max_iterations=5)
