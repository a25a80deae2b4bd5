import numpy as np
import pytest
import torch

from core.fourier import fft2c, ifft2c, keep_sampled, to_corner

SHAPES = [(64, 64), (65, 48), (33, 81)]


def random_complex(*shape, seed=0):
    generator = torch.Generator().manual_seed(seed)
    return torch.randn(*shape, dtype=torch.complex128, generator=generator)


def test_gaussian_transforms_to_the_analytic_gaussian():
    n, sigma, shift = 128, 6.0, (5, -3)
    axis = torch.arange(n, dtype=torch.float64) - n // 2
    y, x = torch.meshgrid(axis, axis, indexing="ij")
    image = torch.exp(-((y - shift[0]) ** 2 + (x - shift[1]) ** 2) / (2 * sigma**2))
    # continuous pair: exp(-r²/2σ²) <-> 2πσ² exp(-2π²σ²k²), k = index / n, phase from the shift
    radius2 = (y**2 + x**2) / n**2
    expected = 2 * np.pi * sigma**2 / n * torch.exp(-2 * np.pi**2 * sigma**2 * radius2)
    phase = torch.exp(-2j * np.pi * (y * shift[0] + x * shift[1]) / n)
    torch.testing.assert_close(fft2c(image), expected * phase, atol=1e-10, rtol=1e-8)


@pytest.mark.parametrize("shape", SHAPES)
def test_inverse_is_adjoint_and_isometry(shape):
    u, v = random_complex(2, *shape, seed=1), random_complex(2, *shape, seed=2)
    torch.testing.assert_close(torch.vdot(fft2c(u).ravel(), v.ravel()),
                               torch.vdot(u.ravel(), ifft2c(v).ravel()))  # fmt: skip
    torch.testing.assert_close(fft2c(u).norm(), u.norm())
    torch.testing.assert_close(ifft2c(fft2c(u)), u)


@pytest.mark.parametrize("shape", SHAPES)
def test_keep_sampled_is_the_projection_written_out(shape):
    image = random_complex(3, *shape)
    mask = torch.rand(shape, generator=torch.Generator().manual_seed(3)) < 0.4
    expected = ifft2c(fft2c(image) * mask)
    torch.testing.assert_close(keep_sampled(image, to_corner(mask)), expected)
