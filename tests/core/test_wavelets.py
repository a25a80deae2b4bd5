import numpy as np
import pytest
import pywt
import torch

from core import wavelets
from core.wavelets import WaveletTransform, filters, proximal

SHAPES = [(64, 64), (65, 71), (96, 33), (180, 230), (8, 20), (5, 6)]
NAMES = ["db4", "db2", "haar"]


def random_image(*shape, dtype=torch.complex128, seed=0):
    return torch.randn(*shape, dtype=dtype, generator=torch.Generator().manual_seed(seed))


@pytest.mark.filterwarnings("ignore:Level value of:UserWarning")
@pytest.mark.parametrize("shape", SHAPES)
@pytest.mark.parametrize("name", NAMES)
def test_coefficients_are_those_of_pywavelets(shape, name):
    transform = WaveletTransform(shape, name)
    image = random_image(2, *shape)
    padded = np.zeros((2, *transform.coefficient_shape), complex)
    padded[:, : shape[0], : shape[1]] = image
    levels = pywt.wavedec2(padded, name, mode="periodization", level=transform.n_levels)
    expected, _ = pywt.coeffs_to_array(levels, axes=(-2, -1))
    np.testing.assert_allclose(transform.forward(image), expected, atol=1e-12)


@pytest.mark.parametrize("shape", SHAPES)
@pytest.mark.parametrize("name", NAMES)
def test_transform_is_an_isometry_whose_adjoint_undoes_it(shape, name):
    transform = WaveletTransform(shape, name)
    image = random_image(3, *shape)
    other = random_image(3, *transform.coefficient_shape, seed=1)
    coefficients = transform.forward(image)
    torch.testing.assert_close(coefficients.norm(), image.norm())
    torch.testing.assert_close(transform.adjoint(coefficients), image)
    left = torch.vdot(other.flatten(), coefficients.flatten())
    right = torch.vdot(transform.adjoint(other).flatten(), image.flatten())
    torch.testing.assert_close(left, right)


@pytest.mark.parametrize("dtype", [torch.float64, torch.complex128])
def test_gradients_flow_both_ways(dtype):
    transform = WaveletTransform((9, 8), "db2")
    image = random_image(9, 8, dtype=dtype).requires_grad_()
    coefficients = random_image(*transform.coefficient_shape, dtype=dtype).requires_grad_()
    assert torch.autograd.gradcheck(transform.forward, image)
    assert torch.autograd.gradcheck(transform.adjoint, coefficients)
    assert torch.autograd.gradgradcheck(transform.forward, image)


def test_levels_leave_a_coarse_image_and_pad_little():
    assert WaveletTransform((256, 256)).n_levels == 4
    assert WaveletTransform((256, 192)).n_levels == 3
    assert WaveletTransform((20, 300)).n_levels == 1
    assert WaveletTransform((256, 192)).coefficient_shape == (256, 192)
    assert WaveletTransform((181, 217)).coefficient_shape == (184, 224)


def test_transform_keeps_the_precision_and_the_input():
    image = random_image(64, 64, dtype=torch.complex64)
    before = image.clone()
    coefficients = WaveletTransform((64, 64)).forward(image)
    assert coefficients.dtype == torch.complex64
    assert WaveletTransform((64, 64)).forward(image.real).dtype == torch.float32
    proximal(image, 0.5, WaveletTransform((64, 64)))
    assert torch.equal(image, before)


def test_work_in_parts_changes_nothing(monkeypatch):
    transform = WaveletTransform((64, 48))
    image = random_image(5, 64, 48)
    together = transform.forward(image)
    monkeypatch.setattr(wavelets, "AT_ONCE", 7000)
    assert torch.equal(transform.forward(image), together)


@pytest.mark.parametrize("n_coils", [1, 4])
@pytest.mark.parametrize("shift", [(0, 0), (5, 60)])
def test_thresholding_is_that_of_pywavelets_joint_over_coils(n_coils, shift):
    threshold = 1.2
    image = random_image(n_coils, 64, 64)
    moved = np.roll(image.numpy(), shift, (-2, -1))
    levels = pywt.wavedec2(moved, "db4", mode="periodization", level=2)
    coefficients, places = pywt.coeffs_to_array(levels, axes=(-2, -1))
    length = np.sqrt(np.sum(np.abs(coefficients) ** 2, axis=0))
    coefficients *= np.maximum(1 - threshold / length, 0)
    levels = pywt.array_to_coeffs(coefficients, places, output_format="wavedec2")
    expected = pywt.waverec2(levels, "db4", mode="periodization")
    expected = np.roll(expected, [-n for n in shift], (-2, -1))
    result = proximal(image, threshold, WaveletTransform((64, 64)), shift)
    np.testing.assert_allclose(result, expected, atol=1e-12)
    assert np.mean(length < threshold) > 0.1 or n_coils > 1


def test_thresholding_by_nothing_and_of_nothing():
    transform = WaveletTransform((33, 40), "db2")
    image = random_image(33, 40)
    torch.testing.assert_close(proximal(image, 0.0, transform, (3, 1)), image)
    assert not proximal(torch.zeros_like(image), 0.0, transform).any()
    assert not proximal(torch.zeros_like(image), 1.0, transform).any()


def test_proximal_operator_is_the_minimiser():
    transform = WaveletTransform((32, 32), "db2")
    image, threshold = random_image(3, 32, 32), 0.8

    def objective(candidate):
        length = transform.forward(candidate).abs().square().sum(0).sqrt()
        return float((candidate - image).abs().square().sum() / 2 + threshold * length.sum())

    result = proximal(image, threshold, transform)
    least = objective(result)
    for seed in range(1, 6):
        step = 1e-2 * random_image(3, 32, 32, seed=seed)
        assert objective(result + step) > least


def test_other_shapes_and_wavelets_are_refused():
    transform = WaveletTransform((32, 40))
    with pytest.raises(ValueError, match=r"image must end in the axes \(y, x\) \(32, 40\), got"):
        transform.forward(torch.zeros(40, 32))
    with pytest.raises(ValueError, match=r"image must end in .* got \(40, 32\)"):
        proximal(torch.zeros(40, 32, dtype=torch.complex64), 1.0, transform)
    with pytest.raises(ValueError, match=r"coefficients must end in .* \(32, 40\), got \(8, 8\)"):
        transform.adjoint(torch.zeros(8, 8))
    for name in ("bior2.2", "nothing"):
        with pytest.raises(ValueError, match=f"wavelet must be orthogonal .* got '{name}'"):
            filters(name)
