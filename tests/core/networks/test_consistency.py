import math

import pytest
import torch

from core.fourier import fft2c, ifft2c, to_corner
from core.networks.consistency import consistency_weight, data_consistency

SHAPE = (2, 21, 24)


@pytest.fixture
def problem():
    generator = torch.Generator().manual_seed(4)
    mask = torch.rand(SHAPE[1:], generator=generator) < 0.3
    image = torch.randn(SHAPE, dtype=torch.complex128, generator=generator)
    kspace = torch.randn(SHAPE, dtype=torch.complex128, generator=generator) * mask
    return image, kspace, mask


@pytest.mark.parametrize("lam", [0.0, 0.5, 3.0, math.inf])
def test_solves_equation_7(problem, lam):
    image, kspace, mask = problem
    result = data_consistency(image, ifft2c(kspace), to_corner(mask), consistency_weight(lam))
    blended = kspace if lam == math.inf else (fft2c(image) + lam * kspace) / (1 + lam)
    torch.testing.assert_close(fft2c(result), torch.where(mask, blended, fft2c(image)))


def test_infinite_lambda_keeps_the_samples_exactly(problem):
    image, kspace, mask = problem
    result = fft2c(data_consistency(image, ifft2c(kspace), to_corner(mask)))
    torch.testing.assert_close(result[:, mask], kspace[:, mask])


@pytest.mark.parametrize("lam", [0.7, math.inf])
def test_gradient_is_equation_16_and_self_adjoint(problem, lam):
    image, kspace, mask = problem
    weight = consistency_weight(lam)
    zero_filled, corner = ifft2c(kspace), to_corner(mask)
    generator = torch.Generator().manual_seed(5)
    cotangent = torch.randn(SHAPE, dtype=torch.complex128, generator=generator)
    x = image.clone().requires_grad_()
    (found,) = torch.autograd.grad(data_consistency(x, zero_filled, corner, weight), x, cotangent)
    diagonal = torch.where(mask, 1 - weight, 1.0)  # Λ of Eq. 9
    torch.testing.assert_close(found, ifft2c(diagonal * fft2c(cotangent)))

    def linear(v):
        return ifft2c(diagonal * fft2c(v))

    torch.testing.assert_close(
        torch.vdot(linear(image).ravel(), cotangent.ravel()),
        torch.vdot(image.ravel(), linear(cotangent).ravel()),
    )


def test_numerical_gradient(problem):
    image, kspace, mask = (a[..., :5, :6] for a in problem)
    x = image[:1].clone().requires_grad_()
    arguments = (x, ifft2c(kspace[:1]), to_corner(mask), 0.6)
    assert torch.autograd.gradcheck(data_consistency, arguments)


@pytest.mark.parametrize("lam", [-1.0, math.nan])
def test_refuses_a_lambda_that_makes_no_sense(lam):
    with pytest.raises(ValueError, match=r"reg_weight .* at least 0, got"):
        consistency_weight(lam)
