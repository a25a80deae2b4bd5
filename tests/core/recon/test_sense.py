from dataclasses import replace

import numpy as np
import pytest
import sigpy
import torch
from sigpy.mri.app import SenseRecon

from core.calibration import calibration_of
from core.coils import combine
from core.fourier import ifft2c
from core.recon.conjugate_gradients import conjugate_gradients
from core.recon.multi_coil import SenseModel, sampled_at, sense_model
from core.recon.sense import SenseParams, iterates, sense
from docs.results import bart
from tests.core.recon.coils import (
    coils,
    error_db,
    inner,
    known_maps,
    random_complex,
)
from tests.core.recon.images import magnitude, simulated

EXACT = SenseParams(reg_weight=1e-4, n_iterations=60)


@pytest.mark.parametrize(("acceleration", "limit_db"), [(2.0, -48), (3.0, -40), (4.0, -37)])
def test_recovers_the_phantom_with_maps_of_its_own_centre(acceleration, limit_db):
    undersampled = coils(acceleration=acceleration)
    image = magnitude(sense, undersampled, EXACT)
    assert image.dtype == torch.float32
    assert image.shape == (96, 80)
    assert error_db(undersampled, image) < limit_db


@pytest.mark.parametrize(("acceleration", "limit_db"), [(2.0, -48), (3.0, -40), (4.0, -37)])
def test_recovers_the_phantom_with_known_maps(acceleration, limit_db):
    undersampled = coils(acceleration=acceleration)
    maps = known_maps(undersampled)
    right_side = combine(ifft2c(undersampled.kspace), maps)
    model = SenseModel(maps, sampled_at(undersampled), right_side)
    runs = conjugate_gradients(model.normal, right_side)
    image = [next(runs).abs() for _ in range(60)][-1]
    assert error_db(undersampled, image) < limit_db


@pytest.mark.parametrize("shape", [(96, 80), (65, 71)])
def test_same_as_sigpys_application(shape):
    undersampled = coils(shape, noise_sd=0.01)
    params = SenseParams(reg_weight=1e-2, n_iterations=30)
    app = SenseRecon(
        undersampled.kspace.numpy(),
        calibration_of(undersampled).sens_maps.numpy(),
        params.reg_weight,
        weights=undersampled.mask.samples.astype(np.float32),
        max_iter=params.n_iterations,
        tol=0,
        show_pbar=False,
    )
    *_, image = iterates(undersampled, params)
    np.testing.assert_allclose(image.numpy(), app.run(), atol=1e-4)


@pytest.mark.skipif(not bart.is_installed(), reason="the command 'bart' is not installed")
def test_same_as_barts_least_squares():
    undersampled = coils(noise_sd=0.01)
    maps = calibration_of(undersampled).sens_maps.numpy()
    theirs = bart.pics(undersampled, bart.L2, 1e-2, 100, sens_maps=maps)
    *_, image = iterates(undersampled, SenseParams(reg_weight=1e-2, n_iterations=100))
    np.testing.assert_allclose(image.numpy(), theirs, atol=1e-3)


@pytest.mark.parametrize("shape", [(96, 80), (65, 71)])
def test_normal_operator_is_sigpys_and_hermitian(shape):
    undersampled = coils(shape)
    model = sense_model(undersampled)
    one, other = random_complex(*shape), random_complex(*shape, seed=1)
    samples = undersampled.mask.samples.astype(np.float32)
    theirs = sigpy.mri.linop.Sense(model.sens_maps.numpy(), weights=samples)
    np.testing.assert_allclose(model.normal(one), theirs.N(one.numpy()), atol=1e-5)
    np.testing.assert_allclose(model.right_side, theirs.H(undersampled.kspace.numpy()), atol=1e-5)
    assert inner(other, model.normal(one)) == pytest.approx(inner(model.normal(other), one))
    assert 0 <= inner(one, model.normal(one)).real <= inner(one, one).real


def test_gradient_flows_through_the_normal_operator():
    model = sense_model(coils())
    one, other = random_complex(96, 80).requires_grad_(), random_complex(96, 80, seed=1)
    (model.normal(one) * other.conj()).sum().real.backward()
    torch.testing.assert_close(one.grad, model.normal(other))


def test_more_weight_gives_a_smaller_image():
    undersampled = coils(noise_sd=0.01)
    sizes = [
        float(magnitude(sense, undersampled, SenseParams(reg_weight=weight)).norm())
        for weight in (1e-4, 1e-2, 1e-1, 1.0)
    ]
    assert sizes == sorted(sizes, reverse=True)


def test_twice_the_data_give_twice_the_image():
    undersampled = coils(noise_sd=0.01)
    twice = replace(undersampled, kspace=2 * undersampled.kspace)
    images = [magnitude(sense, u, SenseParams()) for u in (undersampled, twice)]
    torch.testing.assert_close(2 * images[0], images[1], atol=1e-4, rtol=1e-4)


def test_one_coil_is_refused_in_one_line():
    refusal = r"^parallel imaging needs at least 2 coils, got 1: phantom, simulated from magnitude$"
    for use in (SenseParams().prepare, lambda u: magnitude(sense, u, SenseParams())):
        with pytest.raises(ValueError, match=refusal):
            use(simulated())


def test_conjugate_gradients_solve_and_stay_when_they_have():
    matrix = random_complex(6, 6).to(torch.complex128)
    matrix = matrix @ matrix.mH + torch.eye(6)
    right_side = random_complex(6, seed=1).to(torch.complex128)
    runs = conjugate_gradients(lambda x: matrix @ x, right_side)
    solution = [next(runs).clone() for _ in range(30)]
    expected = torch.linalg.solve(matrix, right_side)
    torch.testing.assert_close(solution[7], expected)
    torch.testing.assert_close(solution[29], expected)


def test_nothing_stays_nothing():
    undersampled = coils()
    runs = conjugate_gradients(sense_model(undersampled).normal, torch.zeros(96, 80) + 0j)
    assert not next(runs).any()
    assert not next(runs).any()


@pytest.mark.parametrize(
    ("change", "message"),
    [
        ({"reg_weight": 0.0}, "reg_weight must be at least 1e-06, got 0.0"),
        ({"n_iterations": 0}, "n_iterations must be at least 1, got 0"),
    ],
)
def test_settings_outside_their_range_are_refused(change, message):
    with pytest.raises(ValueError, match=message):
        SenseParams(**change)
