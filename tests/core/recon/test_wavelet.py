from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest
import sigpy
import torch
from sigpy.mri.app import L1WaveletRecon

from core.acquisition import undersample
from core.fourier import fft2c
from core.progress import Cancelled
from core.recon.wavelet import PRESETS, WaveletParams, iterates, wavelet
from core.types import Scan
from docs.results import bart
from tests.core.recon.images import (
    magnitude,
    measured,
    psnr_db,
    simulated,
    variable_density_mask,
    zero_filled_psnr,
)

DATA = Path(__file__).resolve().parents[4] / "shared" / "data"
PLAIN = WaveletParams(reg_weight=2e-3, n_iterations=30, schedule="constant", shifts="none")


def test_same_as_sigpys_application():
    undersampled = simulated((64, 80))
    app = L1WaveletRecon(
        undersampled.kspace.numpy(),
        np.ones((1, 64, 80), np.complex64),
        PLAIN.reg_weight,
        weights=undersampled.mask.samples.astype(np.float32),
        max_iter=PLAIN.n_iterations,
        alpha=1,
        show_pbar=False,
    )
    expected = np.abs(app.run())
    image = magnitude(wavelet, undersampled, PLAIN)
    np.testing.assert_allclose(image.numpy(), expected, atol=2e-5)


def objective(undersampled, image, weight=PLAIN.reg_weight):
    kspace = undersampled.kspace[0].numpy()
    residual = (sigpy.fft(image) - kspace) * undersampled.mask.samples
    coefficients = sigpy.fwt(image, "db4")
    return 0.5 * np.sum(np.abs(residual) ** 2) + weight * np.sum(np.abs(coefficients))


def test_objective_falls_to_where_plain_ista_ends():
    undersampled = simulated((64, 64))
    runs = iterates(undersampled, replace(PLAIN, n_iterations=150))
    values = [objective(undersampled, images[0]) for images in runs]
    # The same problem by unaccelerated steps, written out with NumPy and sigpy's transforms alone.
    image = np.zeros((64, 64), np.complex64)
    operator = sigpy.linop.Wavelet(image.shape, wave_name="db4")
    samples, kspace = undersampled.mask.samples, undersampled.kspace[0].numpy()
    for _ in range(1500):
        coefficients = operator(image - sigpy.ifft(samples * sigpy.fft(image) - kspace))
        size = np.maximum(np.abs(coefficients), 1e-12)
        image = operator.H(coefficients * np.maximum(1 - PLAIN.reg_weight / size, 0))
    assert values[-1] < values[20] < values[0]
    assert values[-1] == pytest.approx(objective(undersampled, image), rel=2e-3)


@pytest.mark.parametrize("shape", [(64, 64), (65, 71), (33, 120)])
@pytest.mark.parametrize("name", ["db4", "db2"])
def test_wavelet_operator_is_an_isometry_whose_adjoint_is_its_inverse(shape, name):
    generator = np.random.default_rng(0)
    shift = sigpy.linop.Circshift(shape, [5, 17])
    operator = sigpy.linop.Wavelet(shape, wave_name=name) * shift

    def draw(size):
        return generator.normal(size=size) + 1j * generator.normal(size=size)

    u, v = draw(shape), draw(operator.oshape)
    assert np.vdot(v, operator(u)) == pytest.approx(np.vdot(operator.H(v), u))
    assert np.linalg.norm(operator(u)) == pytest.approx(np.linalg.norm(u))
    np.testing.assert_allclose(operator.H(operator(u)), u, atol=1e-10)


@pytest.mark.parametrize("shape", [(64, 66), (65, 71)])
def test_sigpys_transform_is_the_projects(shape):
    generator = torch.Generator().manual_seed(0)
    image = torch.randn(shape, dtype=torch.complex64, generator=generator)
    np.testing.assert_allclose(sigpy.fft(image.numpy()), fft2c(image).numpy(), atol=1e-5)


@pytest.mark.parametrize("shape", [(96, 96), (65, 71), (97, 64)])
@pytest.mark.parametrize("wavelet_name", ["db4", "db2"])
def test_recovers_a_compressible_phantom(shape, wavelet_name):
    undersampled = simulated(shape)
    image = magnitude(wavelet, undersampled, WaveletParams(wavelet=wavelet_name))
    assert image.dtype == torch.float32
    assert image.shape == shape
    assert psnr_db(undersampled, image) > zero_filled_psnr(undersampled) + 6


def test_random_shifts_beat_a_fixed_grid():
    undersampled = simulated()
    fixed = magnitude(wavelet, undersampled, WaveletParams(shifts="none"))
    moved = magnitude(wavelet, undersampled, WaveletParams())
    assert psnr_db(undersampled, moved) > psnr_db(undersampled, fixed) + 1


def test_seed_decides_and_the_global_generator_is_left_alone():
    undersampled = simulated((64, 64))
    params = WaveletParams(n_iterations=10)
    before = np.random.get_state()[1].copy()  # noqa: NPY002 - the state that must not change
    first, again, other = (
        magnitude(wavelet, undersampled, replace(params, seed=seed)) for seed in (0, 0, 1)
    )
    assert torch.equal(first, again)
    assert not torch.equal(first, other)
    np.testing.assert_array_equal(np.random.get_state()[1], before)  # noqa: NPY002


def test_coils_are_solved_on_their_own_and_combined():
    undersampled = measured()
    together = magnitude(wavelet, undersampled, PLAIN)
    alone = [
        magnitude(wavelet, replace(undersampled, kspace=coil[None]), PLAIN)
        for coil in undersampled.kspace
    ]
    expected = torch.stack(alone).square().sum(0).sqrt()
    torch.testing.assert_close(together, expected, atol=1e-5, rtol=1e-5)
    assert psnr_db(undersampled, together) > zero_filled_psnr(undersampled)


def test_real_values_help_simulated_scans_and_are_refused_for_measured_ones():
    undersampled = simulated()
    free = magnitude(wavelet, undersampled, WaveletParams())
    real = magnitude(wavelet, undersampled, WaveletParams(image_values="real"))
    assert psnr_db(undersampled, real) > psnr_db(undersampled, free) + 1
    assert WaveletParams().remarks(undersampled) == ()
    assert "real image" in WaveletParams(image_values="real").remarks(undersampled)[0]
    with pytest.raises(ValueError, match=r"'real' needs a scan simulated .* coils: measured"):
        magnitude(wavelet, measured(), WaveletParams(image_values="real"))


def test_iterates_stay_in_single_precision():
    for image in iterates(simulated((64, 64)), WaveletParams(n_iterations=3)):
        assert image.dtype == np.complex64
        assert image.shape == (1, 64, 64)


def test_empty_slice_stays_empty():
    scan = Scan("nothing", magnitude=np.zeros((1, 64, 64), np.float32))
    undersampled = undersample(scan, 0, variable_density_mask((64, 64)))
    assert not magnitude(wavelet, undersampled, WaveletParams()).any()


def test_progress_comes_at_every_iteration_and_cancels_at_once():
    fractions = []
    undersampled = simulated((64, 64))
    params = WaveletParams(n_iterations=8)
    wavelet(undersampled, params, lambda fraction, message: fractions.append(fraction))
    assert fractions == sorted(fractions)
    assert len(fractions) == 9
    assert fractions[-1] == 1

    calls = []

    def cancel(fraction, message):
        calls.append(message)
        if len(calls) == 4:
            raise Cancelled

    with pytest.raises(Cancelled):
        wavelet(undersampled, params, cancel)
    assert calls[-1] == "L1-wavelet, iteration 3 of 8"
    assert len(calls) == 4


@pytest.mark.parametrize(
    ("change", "message"),
    [
        ({"reg_weight": 0.0}, "reg_weight must be at least 1e-06, got 0.0"),
        ({"reg_weight": float("nan")}, "reg_weight must be at least"),
        ({"n_iterations": 0}, "n_iterations must be at least 1, got 0"),
        ({"wavelet": "haar"}, "wavelet must be one of db4, db2, got 'haar'"),
        ({"shifts": "some"}, "shifts must be one of random, none, got 'some'"),
    ],
)
def test_settings_outside_their_range_are_refused(change, message):
    with pytest.raises(ValueError, match=message):
        WaveletParams(**change)


def test_the_papers_presets():
    t1, t2 = PRESETS["paper-t1"], PRESETS["paper-t2"]
    assert (t1.reg_weight, t1.n_iterations) == (1e-3, 80)
    assert (t2.reg_weight, t2.n_iterations) == (1e-3, 120)
    assert t1.wavelet == t2.wavelet == "db4"
    assert {(p.shifts, p.schedule) for p in (t1, t2)} == {("none", "constant")}
    assert list(WaveletParams.presets()) == ["default", "paper-t1", "paper-t2"]


def test_a_falling_weight_ends_where_a_constant_one_does_and_sooner():
    undersampled = simulated((64, 64), acceleration=5.0)
    small = replace(PLAIN, reg_weight=2e-5)

    def end(schedule, n_iterations):
        params = replace(small, schedule=schedule, n_iterations=n_iterations)
        *_, last = iterates(undersampled, params)
        return objective(undersampled, last[0], small.reg_weight)

    least = end("constant", 1000)
    assert end("falling", 500) == pytest.approx(least, rel=2e-2)
    assert least < end("falling", 150) < 0.9 * end("constant", 150)


@pytest.mark.skipif(not bart.is_installed(), reason="the command 'bart' is not installed")
def test_as_good_as_bart():
    undersampled = simulated((128, 128))
    theirs = torch.from_numpy(bart.pics(undersampled, bart.WAVELET, 5e-4, 100)).abs()
    # BART's wavelet is the four-tap Daubechies.
    params = WaveletParams(wavelet="db2", reg_weight=5e-4)
    ours = magnitude(wavelet, undersampled, params)
    assert psnr_db(undersampled, theirs) > zero_filled_psnr(undersampled) + 6
    assert psnr_db(undersampled, ours) > psnr_db(undersampled, theirs) - 0.5


@pytest.mark.data
@pytest.mark.skipif(not DATA.is_dir(), reason="real scans are not beside the checkout")
def test_beats_zero_filling_clearly_on_a_real_slice():
    import nibabel

    volume = np.asarray(nibabel.load(DATA / "t1" / "openms-l03_T1w.nii.gz").dataobj)
    image = np.ascontiguousarray(volume[..., 20], np.float32)
    scan = Scan("openms-l03", magnitude=image[None])
    undersampled = undersample(scan, 0, variable_density_mask(image.shape, 4.0))
    recon = magnitude(wavelet, undersampled, WaveletParams())
    assert psnr_db(undersampled, recon) > zero_filled_psnr(undersampled) + 10
