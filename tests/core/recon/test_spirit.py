from dataclasses import replace

import numpy as np
import pytest
import torch

from core.calibration import apply_kernel, calibration_of
from core.fourier import fft2c, ifft2c
from core.recon.multi_coil import kernel_remarks
from core.recon.sense import SenseParams, sense
from core.recon.spirit import PRESETS, SpiritParams, iterates, iterations, spirit
from core.recon.spirit_solvers import SOLVERS, spirit_model
from core.recon.zero_filled import ZeroFilledParams, zero_filled
from core.types import Mask
from tests.core.calibration.scans import known_scan
from tests.core.recon.coils import coils, error_db, inner, random_complex
from tests.core.recon.images import magnitude, simulated

LEAST_SQUARES = SpiritParams(solver="cg", reg_weight=1e-6, n_iterations=100)
BOTH = [SpiritParams(n_iterations=15), SpiritParams(solver="cg", n_iterations=15)]


@pytest.mark.parametrize(("acceleration", "limit_db"), [(2.0, -62), (3.0, -54), (4.0, -50)])
def test_conjugate_gradients_recover_the_phantom(acceleration, limit_db):
    undersampled = coils(acceleration=acceleration)
    image = magnitude(spirit, undersampled, LEAST_SQUARES)
    assert image.dtype == torch.float32
    assert image.shape == (96, 80)
    assert error_db(undersampled, image) < limit_db


@pytest.mark.parametrize("name", ["default", "paper", "cg"])
@pytest.mark.parametrize(("acceleration", "limit_db"), [(2.0, -49), (3.0, -42), (4.0, -38)])
def test_presets_recover_the_phantom(name, acceleration, limit_db):
    undersampled = coils(acceleration=acceleration)
    image = magnitude(spirit, undersampled, SpiritParams.presets()[name])
    zero = error_db(undersampled, magnitude(zero_filled, undersampled, ZeroFilledParams()))
    assert error_db(undersampled, image) < min(limit_db, zero - 10)


@pytest.mark.parametrize("params", BOTH, ids=lambda params: params.solver)
@pytest.mark.parametrize("shape", [(96, 80), (65, 71)])
def test_every_iterate_keeps_the_samples(params, shape):
    undersampled = coils(shape, noise_sd=0.01)
    samples = undersampled.mask.samples
    for coil_images in iterates(undersampled, params):
        kspace = fft2c(coil_images)[:, samples]
        torch.testing.assert_close(kspace, undersampled.kspace[:, samples], atol=1e-4, rtol=1e-4)


def disagreement(undersampled, coil_images):
    """Of the coil images with what the kernel predicts, in k-space; SciPy conjugates the taps."""
    import scipy.ndimage

    kernel = calibration_of(undersampled).kernel.numpy()
    kspace = fft2c(coil_images).numpy()
    predicted = [
        sum(
            scipy.ndimage.correlate(channel, taps.conj(), mode="wrap")
            for channel, taps in zip(kspace, row, strict=True)
        )
        for row in kernel
    ]
    return float(np.linalg.norm(np.stack(predicted) - kspace))


def test_conjugate_gradients_minimise_the_disagreement():
    undersampled = coils(noise_sd=0.01)
    *_, found = iterates(undersampled, LEAST_SQUARES)
    least = disagreement(undersampled, found)
    start = disagreement(undersampled, ifft2c(undersampled.kspace))
    assert least < 0.5 * start
    missing = ~torch.from_numpy(undersampled.mask.samples)
    for seed in range(3):
        step = ifft2c(random_complex(*found.shape, seed=seed) * missing)
        assert disagreement(undersampled, found + 1e-2 * step) > least


def test_projections_lower_the_disagreement_too():
    undersampled = coils(noise_sd=0.01)
    runs = [disagreement(undersampled, x) for x in iterates(undersampled, SpiritParams())]
    assert runs[-1] < runs[0] < disagreement(undersampled, ifft2c(undersampled.kspace))


def test_fully_sampled_kspace_is_left_as_it_is():
    undersampled = coils()
    everywhere = np.ones((96, 80), bool)
    full = known_scan((96, 80)).kspace / undersampled.scale
    mask = replace(undersampled.mask, samples=everywhere)
    complete = replace(undersampled, mask=mask, kspace=full)
    for params in BOTH:
        *_, coil_images = iterates(complete, params)
        torch.testing.assert_close(coil_images, ifft2c(full), atol=1e-5, rtol=0)


def test_operators_are_hermitian_projections_and_differentiable():
    model = spirit_model(coils())
    shape = model.zero_filled.shape
    one, other = random_complex(*shape), random_complex(*shape, seed=1)
    lost = model.without_samples(one)
    torch.testing.assert_close(model.without_samples(lost), lost, atol=1e-5, rtol=0)
    assert inner(other, lost) == pytest.approx(inner(model.without_samples(other), one), rel=1e-4)
    leaf = one.clone().requires_grad_()
    (model.consistent(apply_kernel(model.kernel, leaf)) * other.conj()).sum().real.backward()
    projected = model.without_samples(other)
    expected = torch.einsum("oiyx,oyx->iyx", model.kernel.conj(), projected)
    torch.testing.assert_close(leaf.grad, expected, atol=1e-4, rtol=1e-4)


def test_better_than_sense_where_the_kernel_knows_more_than_one_map():
    # Where coils see the object through its own noise, SPIRiT keeps what was measured.
    undersampled = coils(acceleration=2.0, noise_sd=0.002)
    by_maps = error_db(undersampled, magnitude(sense, undersampled, SenseParams()))
    assert error_db(undersampled, magnitude(spirit, undersampled, SpiritParams())) < by_maps


@pytest.mark.parametrize(
    ("acceleration", "count"),
    [(1.0, 20), (2.0, 20), (4.0, 30), (5.0, 38), (6.0, 45), (8.0, 65), (10.0, 80), (12.0, 80)],
)
def test_iterations_follow_the_acceleration_as_in_the_paper(acceleration, count):
    mask = replace(coils().mask, acceleration=acceleration)
    assert iterations(PRESETS["paper"], mask) == count
    assert iterations(SpiritParams(n_iterations=7), mask) == 7


def test_presets():
    paper = PRESETS["paper"]
    assert (paper.solver, paper.reg_weight, paper.n_iterations) == ("pocs", 1e-3, 0)
    assert (paper.wavelet, paper.shifts) == ("db2", "none")
    assert PRESETS["cg"].solver == "cg"
    assert list(SpiritParams.presets()) == ["default", "paper", "cg"]
    assert SpiritParams.named("paper", "cpu") == paper
    assert SpiritParams.named("", "cpu") == SpiritParams()
    assert (paper.label, SpiritParams().label) == ("SPIRiT, paper", "")
    with pytest.raises(ValueError, match="preset must be one of default, paper, cg, got 'fast'"):
        SpiritParams.named("fast", "cpu")


def test_seed_decides():
    undersampled = coils((64, 64))
    params = SpiritParams(n_iterations=10)
    first, again, other = (
        magnitude(spirit, undersampled, replace(params, seed=seed)) for seed in (0, 0, 1)
    )
    assert torch.equal(first, again)
    assert not torch.equal(first, other)


@pytest.mark.parametrize("solver", SOLVERS.names())
def test_one_coil_is_refused_in_one_line(solver):
    with pytest.raises(ValueError, match=r"^parallel imaging needs at least 2 coils, got 1: phan"):
        magnitude(spirit, simulated(), SpiritParams(solver=solver))


@pytest.mark.parametrize(
    ("change", "message"),
    [
        ({"reg_weight": 0.0}, "reg_weight must be at least 1e-06, got 0.0"),
        ({"n_iterations": -1}, "n_iterations must be at least 0, got -1"),
        ({"solver": "lsqr"}, "solver must be one of pocs, cg, got 'lsqr'"),
        ({"wavelet": "haar"}, "wavelet must be one of db4, db2, got 'haar'"),
    ],
)
def test_settings_outside_their_range_are_refused(change, message):
    with pytest.raises(ValueError, match=message):
        SpiritParams(**change)


@pytest.mark.parametrize(("centre", "n_coils", "is_small"), [(28, 8, False), (10, 8, True)])
def test_a_centre_with_few_equations_for_the_kernel_is_said(centre, n_coils, is_small):
    """Of 28 x 28 there are 22 x 22 for 7 x 7 x 8 - 1 unknowns, of 10 x 10 there are 16."""
    mask = Mask(np.ones((96, 96), bool), (centre, centre), "poisson", 4.0, 1)
    found = kernel_remarks(mask, n_coils)
    assert bool(found) == is_small
    if is_small:
        assert "centre of 10 x 10 is small" in found[0]
        assert "16 equations for 391 unknowns" in found[0]
