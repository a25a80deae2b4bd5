import numpy as np
import pytest
import sigpy
import torch

from core.coils import combine, expand, mix, root_sum_of_squares


def random_complex(*shape, seed=0):
    generator = torch.Generator().manual_seed(seed)
    return torch.randn(*shape, dtype=torch.complex128, generator=generator)


def test_root_sum_of_squares_as_numpy_has_it():
    images = random_complex(2, 5, 7, 6)
    expected = np.sqrt((np.abs(images.numpy()) ** 2).sum(axis=1))
    np.testing.assert_allclose(root_sum_of_squares(images).numpy(), expected)


def test_root_sum_of_squares_of_real_images():
    images = random_complex(5, 7, 6).real
    expected = np.sqrt((images.numpy() ** 2).sum(axis=0))
    np.testing.assert_allclose(root_sum_of_squares(images).numpy(), expected)


@pytest.mark.parametrize("level", [1e-19, 1e-6, 1e18])
def test_root_sum_of_squares_keeps_small_and_large_values(level):
    images = level * random_complex(8, 7, 6)
    expected = np.sqrt((np.abs(images.numpy()) ** 2).sum(axis=0))
    found = root_sum_of_squares(images.to(torch.complex64))
    assert found.dtype == torch.float32
    np.testing.assert_allclose(found.numpy(), expected, rtol=1e-5)


def test_the_gradient_of_the_root_sum_of_squares_is_0_where_it_is_0():
    images = random_complex(3, 4, 5).requires_grad_()
    assert torch.autograd.gradcheck(root_sum_of_squares, (images,))
    dark = torch.zeros(3, 4, 5, dtype=torch.complex64, requires_grad=True)
    found = root_sum_of_squares(dark)
    found.sum().backward()
    assert not found.any()
    assert not dark.grad.any()


def test_combine_and_expand_are_sigpys_multiplication_and_its_adjoint():
    maps, image, images = random_complex(4, 9, 8), random_complex(9, 8), random_complex(4, 9, 8)
    sense = sigpy.linop.Multiply(image.shape, maps.numpy())
    np.testing.assert_allclose(expand(image, maps).numpy(), sense * image.numpy())
    np.testing.assert_allclose(combine(images, maps).numpy(), sense.H * images.numpy())


def test_combine_is_the_adjoint_of_expand():
    maps, image, images = (
        random_complex(4, 9, 8),
        random_complex(2, 9, 8),
        random_complex(2, 4, 9, 8),
    )
    left = torch.vdot(images.flatten(), expand(image, maps).flatten())
    right = torch.vdot(combine(images, maps).flatten(), image.flatten())
    torch.testing.assert_close(left, right)


def test_combine_undoes_expand_with_maps_of_norm_1():
    maps, image = random_complex(4, 9, 8), random_complex(9, 8)
    unit = maps / root_sum_of_squares(maps)
    torch.testing.assert_close(combine(expand(image, unit), unit), image)


@pytest.mark.parametrize("operator", [combine, expand])
def test_gradients_for_images_and_maps(operator):
    maps = random_complex(3, 4, 5).requires_grad_()
    shape = (2, 3, 4, 5) if operator is combine else (2, 4, 5)
    data = random_complex(*shape, seed=1).requires_grad_()
    assert torch.autograd.gradcheck(operator, (data, maps))


def test_mix_is_the_product_over_coils():
    data, matrix = random_complex(2, 5, 4, 3), random_complex(6, 5)
    expected = np.einsum("vc,scyx->svyx", matrix.numpy(), data.numpy())
    np.testing.assert_allclose(mix(data, matrix).numpy(), expected)
    a_matrix_each = random_complex(2, 6, 5)
    expected = np.einsum("svc,scyx->svyx", a_matrix_each.numpy(), data.numpy())
    np.testing.assert_allclose(mix(data, a_matrix_each).numpy(), expected)


def test_refuses_maps_and_matrices_of_other_coils():
    maps = random_complex(4, 9, 8)
    with pytest.raises(ValueError, match=r"images, \(5, 9, 8\), got \(4, 9, 8\)"):
        combine(random_complex(5, 9, 8), maps)
    with pytest.raises(ValueError, match=r"images, \(4, 8, 8\), got \(4, 9, 8\)"):
        expand(random_complex(8, 8), maps)
    with pytest.raises(ValueError, match="the 4 coils of the data, got one for 3"):
        mix(maps, random_complex(2, 3))
