import numpy as np
import pytest
import scipy.io
import scipy.ndimage
import torch

from core.calibration import (
    apply_adjoint,
    apply_kernel,
    calibration_region,
    image_kernel,
    power,
    spirit_kernel,
)
from core.fourier import fft2c, ifft2c
from tests.core.calibration.scans import known_scan

SHAPES = [(32, 24), (33, 25)]


def random_complex(*shape, seed=0):
    generator = torch.Generator().manual_seed(seed)
    return torch.randn(*shape, dtype=torch.complex128, generator=generator)


def learnt(scan, size=7):
    return spirit_kernel(calibration_region(scan.kspace, (24, 24)), size)


def solved_coil_by_coil(region, size, reg_weight):
    """As the paper and its toolbox write it: one regularised system a coil, in NumPy."""
    n_coils = len(region)
    windows = np.lib.stride_tricks.sliding_window_view(region, (size, size), axis=(1, 2))
    rows = windows.transpose(1, 2, 0, 3, 4).reshape(-1, n_coils * size**2)
    weight = reg_weight * np.linalg.norm(rows.conj().T @ rows) / rows.shape[1]
    kernel = np.zeros((n_coils, rows.shape[1]), complex)
    for coil in range(n_coils):
        target = coil * size**2 + size**2 // 2
        others = np.arange(rows.shape[1]) != target
        known = rows[:, others]
        system = known.conj().T @ known + weight * np.eye(known.shape[1])
        kernel[coil, others] = np.linalg.solve(system, known.conj().T @ rows[:, target])
    return kernel.reshape(n_coils, n_coils, size, size)


@pytest.mark.parametrize("size", [3, 5])
def test_kernel_solves_the_system_of_each_coil(size):
    region = calibration_region(known_scan(noise_sd=0.01).kspace, (16, 14))
    expected = solved_coil_by_coil(region.numpy().astype(complex), size, 1e-2)
    np.testing.assert_allclose(spirit_kernel(region, size), expected, atol=2e-5)


def test_kernel_does_not_depend_on_the_data_s_scale():
    region = calibration_region(known_scan(noise_sd=0.01).kspace, (20, 20))
    torch.testing.assert_close(spirit_kernel(region * 1e-6j), spirit_kernel(region))


def test_own_centre_tap_is_zero():
    kernel = learnt(known_scan())
    assert kernel.shape == (6, 6, 7, 7)
    assert kernel.dtype == torch.complex64
    assert torch.diagonal(kernel[:, :, 3, 3]).abs().max() == 0


@pytest.mark.parametrize("shape", SHAPES)
@pytest.mark.parametrize("size", [3, 7])
def test_image_kernel_is_scipys_circular_correlation_of_k_space(shape, size):
    kernel, kspace = random_complex(3, 2, size, size), random_complex(2, *shape, seed=1)
    expected = [
        sum(
            scipy.ndimage.correlate(samples, taps.conj(), mode="wrap")
            for samples, taps in zip(kspace.numpy(), of_coil.numpy(), strict=True)
        )
        for of_coil in kernel
    ]
    consistent = fft2c(apply_kernel(image_kernel(kernel, shape), ifft2c(kspace)))
    np.testing.assert_allclose(consistent, np.stack(expected), atol=1e-10)


@pytest.mark.parametrize("noise_sd", [0.005, 0.02])
def test_full_k_space_is_a_fixed_point_up_to_its_noise(noise_sd):
    scan = known_scan((128, 120), 8, noise_sd)
    kernel = learnt(scan)
    images = ifft2c(scan.kspace)
    residual = apply_kernel(image_kernel(kernel, images.shape[-2:]), images) - images
    # Noise of a sample and of those that predict it is independent.
    gain = 1 + kernel.abs().square().sum(dim=(1, 2, 3))
    expected = noise_sd * np.sqrt(2 * float(gain.mean()))
    measured = float(residual.abs().square().mean().sqrt())
    assert 0.95 * expected < measured < 1.15 * expected


def test_a_shifted_coil_is_not_a_fixed_point():
    scan = known_scan((96, 96), 8)
    kernel = image_kernel(learnt(scan), (96, 96))
    images = ifft2c(scan.kspace)
    wrong = images.clone()
    wrong[0] = wrong[0].roll(9, dims=-1)
    assert (apply_kernel(kernel, images) - images).norm() < 0.03 * images.norm()
    assert (apply_kernel(kernel, wrong) - wrong).norm() > 0.2 * wrong.norm()


@pytest.mark.data
def test_measured_k_space_is_a_fixed_point(shared_data):
    file = scipy.io.loadmat(shared_data / "kspace" / "loraks_MPRAGE_4ch.mat")
    kspace = torch.from_numpy(np.ascontiguousarray(file["kData"].transpose(2, 0, 1)))
    kspace = kspace.to(torch.complex64)
    kernel = spirit_kernel(calibration_region(kspace, (32, 32)))
    images = ifft2c(kspace)
    residual = apply_kernel(image_kernel(kernel, (256, 256)), images) - images
    corners = torch.cat([kspace[:, :24, :24].flatten(), kspace[:, -24:, -24:].flatten()])
    noise_sd = float(corners.abs().square().mean().sqrt())
    gain = 1 + float(kernel.abs().square().sum(dim=(1, 2, 3)).mean())
    assert float(residual.abs().square().mean().sqrt()) < 2 * noise_sd * np.sqrt(gain)


@pytest.mark.parametrize("shape", SHAPES)
def test_adjoint(shape):
    matrices = image_kernel(random_complex(3, 2, 5, 5), shape)
    x, y = random_complex(4, 2, *shape, seed=1), random_complex(4, 3, *shape, seed=2)
    left = torch.vdot(y.flatten(), apply_kernel(matrices, x).flatten())
    right = torch.vdot(apply_adjoint(matrices, y).flatten(), x.flatten())
    torch.testing.assert_close(left, right)


@pytest.mark.parametrize("operator", [apply_kernel, apply_adjoint])
def test_gradients_for_kernel_and_images(operator):
    matrices = random_complex(2, 2, 3, 4).requires_grad_()
    images = random_complex(2, 2, 3, 4, seed=1).requires_grad_()
    assert torch.autograd.gradcheck(operator, (matrices, images))


def test_gradient_of_a_power_flows_to_the_taps():
    taps = random_complex(2, 2, 3, 3).requires_grad_()
    assert torch.autograd.gradcheck(lambda taps: power(image_kernel(taps, (5, 4)), 3), (taps,))


def test_a_kernel_for_each_image():
    matrices, images = random_complex(2, 3, 3, 8, 7), random_complex(2, 3, 8, 7, seed=1)
    each = [apply_kernel(m, x) for m, x in zip(matrices, images, strict=True)]
    torch.testing.assert_close(apply_kernel(matrices, images), torch.stack(each))
    torch.testing.assert_close(power(matrices, 2)[1], power(matrices[1], 2))


@pytest.mark.parametrize("n", [1, 2, 5, 6])
def test_power_is_that_many_projections(n):
    matrices = image_kernel(learnt(known_scan((40, 33), 4)), (40, 33)).to(torch.complex128)
    images = random_complex(4, 40, 33)
    expected = images
    for _ in range(n):
        expected = apply_kernel(matrices, expected)
    torch.testing.assert_close(apply_kernel(power(matrices, n), images), expected)


def test_refusals_in_one_line():
    region = random_complex(2, 9, 9)
    with pytest.raises(ValueError, match="as large as the kernel, 11 x 11, got 9 x 9"):
        spirit_kernel(region, 11)
    with pytest.raises(ValueError, match="odd and at least 3, got 6"):
        spirit_kernel(region, 6)
    with pytest.raises(ValueError, match="reg_weight of the SPIRiT kernel must be positive, got 0"):
        spirit_kernel(region, 7, 0)
    with pytest.raises(ValueError, match=r"that of the kernel, 5, got \(4, 9\)"):
        image_kernel(random_complex(2, 2, 5, 5), (4, 9))
    with pytest.raises(ValueError, match=r"of the kernel, \(2, 9, 9\), got \(3, 9, 9\)"):
        apply_kernel(random_complex(2, 2, 9, 9), random_complex(3, 9, 9))
    with pytest.raises(ValueError, match="at least 1, got 0"):
        power(random_complex(2, 2, 9, 9), 0)
