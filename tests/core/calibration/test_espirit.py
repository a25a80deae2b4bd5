import numpy as np
import pytest
import scipy.io
import torch
from sigpy.mri.app import EspiritCalib

from core.calibration import EspiritParams, calibration_region, espirit_maps
from core.calibration.leading import leading_eigenvectors
from core.fourier import ifft2c
from tests.core.calibration.scans import as_bart, colinearity, known_scan, needs_bart, run_bart


def maps_of(kspace, params=EspiritParams(), acs=24):  # noqa: B008 - frozen
    return espirit_maps(calibration_region(kspace, (acs, acs)), kspace.shape[-2:], params)


def sigpys_maps(kspace):
    app = EspiritCalib(kspace.numpy(), calib_width=24, crop=0, show_pbar=False)
    return torch.from_numpy(app.run())


def barts_maps(kspace):
    # BART's threshold is on the eigenvalues of the Gram matrix: the square of ours.
    maps, eigenvalues = run_bart("ecalib -m1 -r24 -k6 -t0.0004 -c0", as_bart(kspace), 2)
    return torch.from_numpy(maps[:, :, 0].transpose(2, 0, 1).copy()), eigenvalues.real.squeeze()


@pytest.mark.parametrize(("shape", "n_coils"), [((96, 80), 6), ((81, 97), 8), ((64, 64), 4)])
def test_maps_of_known_coils_are_recovered(shape, n_coils):
    scan = known_scan(shape, n_coils)
    found = maps_of(scan.kspace)
    assert colinearity(found.sens_maps, scan.sens_maps)[scan.inside].min() > 0.995
    assert found.eigenvalues[scan.inside].min() > 0.98


def test_maps_of_noisy_data_are_near():
    scan = known_scan((128, 128), 8, noise_sd=0.01)
    close = colinearity(maps_of(scan.kspace).sens_maps, scan.sens_maps)[scan.inside]
    assert close.median() > 0.9995
    assert close.min() > 0.98


@pytest.mark.parametrize(("shape", "n_coils"), [((96, 80), 6), ((81, 97), 3)])
def test_maps_have_norm_1_everywhere_and_eigenvalues_are_a_projections(shape, n_coils):
    found = maps_of(known_scan(shape, n_coils, noise_sd=0.002).kspace)
    torch.testing.assert_close(found.sens_maps.norm(dim=0), torch.ones(shape))
    assert found.eigenvalues.min() >= 0
    assert found.eigenvalues.max() < 1 + 1e-4
    assert found.sens_maps.dtype == torch.complex64


def test_maps_are_as_smooth_as_the_coils():
    scan = known_scan((96, 96), 8)
    found, known = maps_of(scan.kspace).sens_maps, scan.sens_maps
    # The known maps with the phase that combination has taken off, as it was off the found ones.
    phase = (known.conj() * found).sum(dim=0)
    steps = torch.angle(phase[:, 1:] * phase[:, :-1].conj()).abs()
    within = scan.inside[:, 1:] & scan.inside[:, :-1]
    assert steps[within].max() < 0.2


def test_scale_and_phase_of_the_data_do_not_matter():
    kspace = known_scan(noise_sd=0.003).kspace
    torch.testing.assert_close(
        maps_of(kspace * 1e-6j).sens_maps, maps_of(kspace).sens_maps, atol=1e-3, rtol=0
    )


def test_agrees_with_sigpy():
    scan = known_scan((96, 80), 6, noise_sd=0.003)
    close = colinearity(maps_of(scan.kspace).sens_maps, sigpys_maps(scan.kspace))
    assert close[scan.inside].min() > 1 - 1e-5


@needs_bart
def test_agrees_with_barts_ecalib_phase_included():
    scan = known_scan((96, 80), 6, noise_sd=0.003)
    found = maps_of(scan.kspace)
    maps, eigenvalues = barts_maps(scan.kspace)
    # Both turn the first virtual coil to a constant phase, which is arbitrary.
    constant = torch.sgn((maps.conj() * found.sens_maps)[:, scan.inside].sum())
    difference = (found.sens_maps - constant * maps)[:, scan.inside].abs().max()
    assert difference < 5e-3
    inside = scan.inside.numpy()
    np.testing.assert_allclose(found.eigenvalues.numpy()[inside], eigenvalues[inside], atol=1e-3)


def measured_scan(shared_data):
    file = scipy.io.loadmat(shared_data / "kspace" / "loraks_MPRAGE_4ch.mat")
    kspace, maps = (
        torch.from_numpy(np.ascontiguousarray(file[name].transpose(2, 0, 1))).to(torch.complex64)
        for name in ("kData", "coil_sens")
    )
    magnitude = ifft2c(kspace).norm(dim=0)
    return kspace, maps, magnitude > 0.1 * magnitude.max()


@pytest.mark.data
def test_measured_maps_are_those_of_the_file_and_of_sigpy(shared_data):
    kspace, given, inside = measured_scan(shared_data)
    found = maps_of(kspace)
    assert colinearity(found.sens_maps, sigpys_maps(kspace))[inside].min() > 1 - 1e-5
    assert colinearity(found.sens_maps, given)[inside].quantile(0.01) > 0.999
    assert found.eigenvalues[inside].min() > 0.99


@needs_bart
@pytest.mark.data
def test_measured_maps_are_those_of_bart(shared_data):
    kspace, _, inside = measured_scan(shared_data)
    assert colinearity(maps_of(kspace).sens_maps, barts_maps(kspace)[0])[inside].min() > 1 - 1e-3


def test_one_coil_has_a_map_of_ones():
    kspace = known_scan((48, 40), 1, noise_sd=0.003).kspace
    maps = maps_of(kspace, EspiritParams(kernel_size=5)).sens_maps
    torch.testing.assert_close(maps, torch.ones_like(maps))


def test_crop_empties_maps_outside_the_object_only():
    scan = known_scan((96, 96), 8, noise_sd=0.003)
    cropped, whole = maps_of(scan.kspace, EspiritParams(crop=0.9)), maps_of(scan.kspace)
    support = cropped.sens_maps.norm(dim=0) > 0
    assert torch.equal(support, whole.eigenvalues > 0.9)
    assert support[scan.inside].all()
    assert not support[:4, :4].any()
    torch.testing.assert_close(cropped.sens_maps[:, support], whole.sens_maps[:, support])


def test_leading_eigenvectors_are_numpys():
    rng = np.random.default_rng(0)
    factors = rng.standard_normal((7, 9, 5, 3)) + 1j * rng.standard_normal((7, 9, 5, 3))
    matrices = factors @ factors.conj().swapaxes(-1, -2)
    matrices /= np.linalg.norm(matrices, axis=(-2, -1), keepdims=True)
    matrices = matrices @ matrices  # far apart eigenvalues
    values, vectors = np.linalg.eigh(matrices)
    given = torch.from_numpy(matrices.transpose(2, 3, 0, 1).astype(np.complex64))
    found, eigenvalues = leading_eigenvectors(given)
    np.testing.assert_allclose(eigenvalues, values[..., -1], atol=1e-4)
    expected = torch.from_numpy(vectors[..., -1].transpose(2, 0, 1).astype(np.complex64))
    assert colinearity(found, expected).min() > 0.999


def test_a_pixel_without_signal_has_a_vector_of_norm_1():
    vectors, eigenvalues = leading_eigenvectors(torch.zeros(4, 4, 2, 3, dtype=torch.complex64))
    torch.testing.assert_close(vectors.norm(dim=0), torch.ones(2, 3))
    assert eigenvalues.max() < 1e-4


def test_refusals_in_one_line():
    kspace = known_scan((48, 40), 3).kspace
    with pytest.raises(ValueError, match="as large as the kernel, 6 x 6, got 5 x 5"):
        maps_of(kspace, acs=5)
    with pytest.raises(ValueError, match="zero everywhere"):
        maps_of(0 * kspace)
    with pytest.raises(ValueError, match="must be finite"):
        maps_of(kspace * float("nan"))
    with pytest.raises(ValueError, match="kernel_size must be at least 2, got 1"):
        EspiritParams(kernel_size=1)
    with pytest.raises(ValueError, match=r"threshold must be at most 0\.5, got 0\.6"):
        EspiritParams(threshold=0.6)
