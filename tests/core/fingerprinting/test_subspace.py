import math

import numpy as np
import pytest
import torch

from core.fingerprinting.epg import simulate
from core.fingerprinting.subspace import Subspace, deal_lines, measure_, temporal_basis
from core.fourier import fft2c, ifft2c

T, Y, X, RANK = 24, 6, 10, 4


def generator(seed=0):
    return torch.Generator().manual_seed(seed)


def noise(*shape, seed=1, dtype=torch.complex128):
    return torch.randn(*shape, dtype=dtype, generator=generator(seed))


@pytest.fixture
def subspace():
    basis, _ = torch.linalg.qr(noise(T, RANK, dtype=torch.float64))
    return Subspace(basis, deal_lines(T, X, 2.5, generator()))


def dense(subspace):
    """The forward operator as a matrix, column by column."""
    eye = torch.eye(RANK * Y * X, dtype=torch.complex128)
    columns = [subspace.forward(one.reshape(RANK, Y, X)).flatten() for one in eye]
    return torch.stack(columns, dim=1)


def test_the_basis_is_orthonormal_and_holds_tissues_it_was_not_made_of(short_sequence):
    basis = temporal_basis(short_sequence, 10)
    np.testing.assert_allclose(basis.T @ basis, np.eye(10), atol=1e-5)
    signals = simulate(short_sequence, torch.tensor([[830.0, 78.0, 0.7], [4160.0, 2000.0, 3.0]]))
    rest = signals - signals @ basis @ basis.T
    assert (rest.norm(dim=1) < 0.01 * signals.norm(dim=1)).all()


@pytest.mark.parametrize("rank", [0, 33])
def test_a_rank_the_sequence_does_not_have_is_refused(short_sequence, rank):
    with pytest.raises(ValueError, match=rf"rank must be from 1 to the 32 read-outs.*, got {rank}"):
        temporal_basis(short_sequence, rank)


@pytest.mark.parametrize("acceleration", [1.0, 2.0, 3.0, 4.7, 10.0])
def test_lines_are_dealt_evenly(acceleration):
    lines = deal_lines(T, X, acceleration, generator())
    n_measured = max(1, round(X / acceleration))
    assert (lines.sum(1) == n_measured).all()
    seen = lines.sum(0)
    assert seen.max() - seen.min() <= 1
    assert int(seen.sum()) == T * n_measured


def test_no_line_is_measured_again_before_all_others():
    lines = deal_lines(T, X, 5.0, generator())  # five hands of two lines make a pack
    for start in range(0, T - 4, 5):
        assert lines[start : start + 5].any(0).all()


def test_lines_follow_the_seed():
    first, same, other = (deal_lines(T, X, 3.0, generator(seed)) for seed in (3, 3, 4))
    assert torch.equal(first, same)
    assert not torch.equal(first, other)


@pytest.mark.parametrize("acceleration", [0.5, 11.0, math.nan])
def test_accelerations_out_of_range_are_refused(acceleration):
    with pytest.raises(ValueError, match="acceleration must be from 1 to 10"):
        deal_lines(T, X, acceleration, generator())


def test_forward_and_adjoint_are_adjoint(subspace):
    coefficients, kspace = noise(RANK, Y, X), noise(T, Y, X, seed=2)
    forward, backward = subspace.forward(coefficients), subspace.adjoint(kspace)
    assert forward.shape == kspace.shape
    assert backward.shape == coefficients.shape
    left = torch.vdot(forward.flatten(), kspace.flatten())
    right = torch.vdot(coefficients.flatten(), backward.flatten())
    torch.testing.assert_close(left, right)
    assert abs(left) > 1e-3


def test_forward_is_what_is_measured_of_the_images(subspace):
    coefficients = noise(RANK, Y, X)
    measured = measure_(subspace.images(coefficients), subspace.lines)
    torch.testing.assert_close(measured, subspace.forward(coefficients))


@pytest.mark.parametrize("regularisation", [0.0, 1e-3, 0.3])
def test_the_solution_is_that_of_the_whole_problem_at_once(subspace, regularisation):
    kspace = noise(T, Y, X) * subspace.lines[:, None, :]
    matrix = dense(subspace)
    normal = matrix.mH @ matrix
    weight = regularisation * normal.diagonal().real.mean()
    normal += weight * torch.eye(len(normal))
    expected = torch.linalg.solve(normal, matrix.mH @ kspace.flatten())
    found = subspace.solve(kspace, regularisation)
    torch.testing.assert_close(found.flatten(), expected)


def test_fully_sampled_images_of_full_rank_come_back():
    basis, _ = torch.linalg.qr(noise(T, T, dtype=torch.float64))
    subspace = Subspace(basis, torch.ones(T, X, dtype=torch.bool))
    images = noise(T, Y, X)
    solved = subspace.images(subspace.solve(fft2c(images), 0.0))
    torch.testing.assert_close(solved, images)


def test_what_lies_in_the_subspace_comes_back_from_few_lines_and_zero_filling_is_far_off(subspace):
    images = subspace.images(noise(RANK, Y, X))
    kspace = measure_(images.clone(), subspace.lines)
    solved = subspace.images(subspace.solve(kspace, 0.0))
    torch.testing.assert_close(solved, images)
    zero_filled = ifft2c(kspace) * 2.5
    assert (zero_filled - images).norm() > 0.5 * images.norm()


def test_what_is_not_measured_is_not_looked_at(subspace):
    kspace = noise(T, Y, X)
    seen = kspace * subspace.lines[:, None, :]
    torch.testing.assert_close(subspace.solve(kspace), subspace.solve(seen))


def test_some_read_outs_are_those_of_all(subspace):
    coefficients = noise(RANK, Y, X)
    some = subspace.images(coefficients, slice(5, 9))
    torch.testing.assert_close(some, subspace.images(coefficients)[5:9])
