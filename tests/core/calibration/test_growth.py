"""Projections that cannot grow, against NumPy's eigenvalues."""

import numpy as np
import pytest
import torch

from core.calibration import apply_kernel, bounded_kernel, image_kernel, spirit_kernel
from core.calibration.growth import ALLOWED, growth
from core.fourier import fft2c, ifft2c
from core.phantom import coil_sensitivities


def random(*shape, seed=0):
    return torch.randn(*shape, dtype=torch.complex64, generator=torch.Generator().manual_seed(seed))


def eigenvalues(matrices):
    """Largest in magnitude at each pixel."""
    return np.abs(np.linalg.eigvals(matrices.permute(2, 3, 0, 1).numpy())).max(-1)


@pytest.mark.parametrize("scale", [1e-3, 1.0, 30.0])
def test_growth_is_the_largest_eigenvalue(scale):
    matrices = scale * random(6, 6, 7, 5)
    np.testing.assert_allclose(growth(matrices).numpy(), eigenvalues(matrices), rtol=0.03)


def test_matrices_without_eigenvalues_do_not_grow():
    shift = torch.zeros(3, 3, 2, 2, dtype=torch.complex64)
    shift[0, 1] = 1
    assert growth(shift).max() < 0.5


@pytest.mark.parametrize("shape", [(80, 96), (255, 192)])
def test_what_would_grow_is_bounded_and_nothing_else(shape):
    kernel = random(4, 4, 5, 5, seed=1) / 12
    exact, bounded = image_kernel(kernel, shape), bounded_kernel(kernel, shape)
    before, after = eigenvalues(exact), eigenvalues(bounded)
    assert before.max() > 1.2
    assert after.max() < ALLOWED + 0.02
    factor = (bounded.abs().sum((0, 1)) / exact.abs().sum((0, 1))).numpy()
    assert (factor <= 1 + 1e-6).all()
    assert (before < 0.7).any()
    assert factor[before < 0.7].min() > 0.99


def head(noise_sd=0.0, shape=(96, 96), n_coils=8):
    y, x = np.meshgrid(*(np.linspace(-1, 1, n) for n in shape), indexing="ij")
    image = ((y / 0.8) ** 2 + (x / 0.7) ** 2 < 1) * (1 + 0.5 * np.cos(9 * x) * np.cos(7 * y))
    coil_images = torch.from_numpy(coil_sensitivities(n_coils, shape) * image).to(torch.complex64)
    return fft2c(coil_images) + noise_sd * random(n_coils, *shape, seed=2)


def test_a_well_learnt_kernel_leaves_full_k_space_as_it_is():
    kspace = head(noise_sd=1e-3)
    kernel = spirit_kernel(kspace[:, 36:60, 36:60])
    images = ifft2c(kspace)
    torch.testing.assert_close(bounded_kernel(kernel, (96, 96)), image_kernel(kernel, (96, 96)))
    changed = apply_kernel(bounded_kernel(kernel, (96, 96)), images) - images
    assert torch.linalg.vector_norm(changed) < 0.05 * torch.linalg.vector_norm(images)


def test_many_projections_do_not_grow():
    kspace = head()
    kernel = spirit_kernel(kspace[:, 43:53, 43:53], reg_weight=1e-4)
    images = ifft2c(kspace)
    sizes = []
    for of in (image_kernel, bounded_kernel):
        matrices, found = of(kernel, (96, 96)), images
        for _ in range(80):
            found = apply_kernel(matrices, found)
        sizes.append(float(torch.linalg.vector_norm(found) / torch.linalg.vector_norm(images)))
    assert sizes[0] > 1e3, "the kernel itself grows"
    assert sizes[1] < ALLOWED**80


def test_gradients_reach_the_kernel():
    kernel = random(3, 3, 3, 3).requires_grad_()
    bounded_kernel(kernel, (16, 16)).abs().sum().backward()
    assert torch.isfinite(kernel.grad.abs()).all()
    assert kernel.grad.abs().max() > 0


def test_a_small_image_is_refused():
    with pytest.raises(ValueError, match="shape must be at least that of the kernel"):
        bounded_kernel(random(2, 2, 7, 7), (6, 20))
