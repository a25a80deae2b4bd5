import dataclasses
import math

import pytest
import torch

from core.calibration import calibrate, image_kernel, power
from core.coils import combine
from core.fourier import fft2c, ifft2c, to_corner
from core.masks import make_mask
from core.networks.cascade import Cascade, CascadeConfig
from core.networks.multicoil import ComplexSubNetwork, Multicoil, MulticoilConfig
from tests.core.calibration.scans import known_scan
from tests.core.networks.small import small_network

TINY = MulticoilConfig(n_subnetworks=2, n_layers=1, n_channels=3)


def randomised(config, std=0.3, seed=0):
    torch.manual_seed(seed)
    model = Multicoil(config)
    for parameter in model.parameters():
        torch.nn.init.normal_(parameter, std=std)
    return model


def unit_maps(n_coils, shape, generator, dtype=torch.complex64):
    maps = torch.randn(n_coils, *shape, dtype=dtype, generator=generator)
    return maps / torch.linalg.vector_norm(maps, dim=0)


def problem(shape=(10, 9), n_coils=3, dtype=torch.complex64, batch=2):
    """Zero-filled images, corner mask, maps and projections that are not hermitian."""
    generator = torch.Generator().manual_seed(6)
    mask = torch.rand(shape, generator=generator) < 0.4
    kspace = torch.randn(batch, n_coils, *shape, dtype=dtype, generator=generator) * mask
    maps = unit_maps(n_coils, shape, generator, dtype)[None]
    projections = torch.randn(1, n_coils, n_coils, *shape, dtype=dtype, generator=generator) / 3
    return ifft2c(kspace), to_corner(mask)[None], maps, projections


def test_default_shape_is_five_pairs_of_the_papers_sub_networks():
    model, single = Multicoil(MulticoilConfig()), Cascade(CascadeConfig())
    assert len(model.subnetworks) == 5
    assert model.config.n_consistency == 5
    assert model.config.reg_weight == math.inf
    count = sum(p.numel() for p in single.parameters())
    assert sum(p.numel() for p in model.parameters()) == 2 * count


def test_equations_12_to_14_written_out_in_kspace():
    zero_filled, corner, maps, projections = problem()
    model = randomised(TINY)
    mask = torch.fft.fftshift(corner, dim=(-2, -1))
    measured = fft2c(zero_filled)

    def f_dc(x):
        return ifft2c(torch.where(mask[:, None], measured, fft2c(x)))

    def f_cc(x):
        return torch.einsum("boiyx,biyx->boyx", projections.expand(2, -1, -1, -1, -1), x)

    x = zero_filled
    for pair in model.subnetworks:
        image = (maps.conj() * f_dc(f_cc(x))).sum(1)
        found = pair.real(image) + 1j * pair.imaginary(-1j * image)
        x = f_dc(maps * found[:, None])
    expected = (maps.conj() * x).sum(1)
    result = model(zero_filled, corner, maps, projections)
    torch.testing.assert_close(result, expected, atol=1e-4, rtol=1e-4)
    coils = model.coil_images(zero_filled, corner, maps, projections)
    torch.testing.assert_close(coils, x, atol=1e-4, rtol=1e-4)


def test_coil_images_keep_the_measured_samples():
    zero_filled, corner, maps, projections = problem()
    coils = randomised(TINY).coil_images(zero_filled, corner, maps, projections)
    mask = torch.fft.fftshift(corner[0])
    torch.testing.assert_close(
        fft2c(coils)[..., mask], fft2c(zero_filled)[..., mask], atol=1e-4, rtol=1e-4
    )


def test_the_imaginary_sub_network_sees_what_the_real_one_sees_of_the_turned_image():
    torch.manual_seed(3)
    pair = ComplexSubNetwork(TINY)
    pair.imaginary.load_state_dict(pair.real.state_dict())
    image = torch.randn(2, 12, 11, dtype=torch.complex64)
    torch.testing.assert_close(pair(1j * image).imag, pair(image).real)


def test_a_sub_network_is_trained_on_what_those_before_it_make():
    zero_filled, corner, maps, projections = given = problem()
    model = randomised(TINY)
    x = model.coil_images(*given, n_subnetworks=1)
    calibrated = torch.einsum("boiyx,biyx->boyx", projections.expand(2, -1, -1, -1, -1), x)
    mask = torch.fft.fftshift(corner)[:, None]
    kept = ifft2c(torch.where(mask, fft2c(zero_filled), fft2c(calibrated)))
    expected = model.subnetworks[1](combine(kept, maps))
    found = model.subnetwork_output(1, *given)
    torch.testing.assert_close(found, expected, atol=1e-4, rtol=1e-4)
    found.abs().sum().backward()
    assert all(p.grad is None for p in model.subnetworks[0].parameters())
    assert all(p.grad is not None for p in model.subnetworks[1].parameters())


# --- gradients


def test_gradients_reach_every_weight():
    model = randomised(TINY)
    model(*problem()).abs().square().sum().backward()
    assert all(p.grad is not None and p.grad.abs().sum() > 0 for p in model.parameters())


@pytest.mark.parametrize("reg_weight", [math.inf, 0.8])
def test_numerical_gradient_of_the_whole_network_in_its_weights_and_input(reg_weight):
    config = dataclasses.replace(TINY, reg_weight=reg_weight, n_channels=2)
    model = randomised(config, std=0.5).double()
    given = problem((5, 6), 2, torch.complex128, batch=1)
    names, weights = zip(*model.named_parameters(), strict=True)

    def scored(zero_filled, *values):
        replaced = dict(zip(names, values, strict=True))
        arguments = (zero_filled, *given[1:])
        return torch.func.functional_call(model, replaced, arguments).abs()

    inputs = (given[0].clone().requires_grad_(), *weights)
    assert torch.autograd.gradcheck(scored, inputs, fast_mode=True)


@pytest.mark.parametrize("reg_weight", [math.inf, 0.6])
def test_gradients_through_both_consistencies_are_equations_16_and_17(reg_weight):
    """Against dense matrices: the second pair's input depends on the first pair's output alone.

    With F the transform of all coils, G the kernel, Lambda that of Eq. 9 and A the maps, the
    Jacobian of A* f_DC{f_CC{f_DC{A C}}} is A* F^-1 Lambda F G F^-1 Lambda F A.
    """
    shape, n_coils = (4, 5), 3
    zero_filled, corner, maps, projections = problem(shape, n_coils, torch.complex128, batch=1)
    config = dataclasses.replace(TINY, reg_weight=reg_weight)
    model = Multicoil(config).double()
    output = torch.randn(1, *shape, dtype=torch.complex128).requires_grad_()
    model.subnetworks[0].forward = lambda _: output
    inputs = []

    def second(image):
        inputs.append(image)
        return image

    model.subnetworks[1].forward = second
    model(zero_filled, corner, maps, projections)
    cotangent = torch.randn(1, *shape, dtype=torch.complex128)
    (found,) = torch.autograd.grad(inputs[0], output, cotangent)

    n = shape[0] * shape[1]
    eye = torch.eye(n, dtype=torch.complex128).reshape(n, *shape)
    one_coil = fft2c(eye).reshape(n, n).T  # column j is the transform of pixel j
    transform = torch.block_diag(*[one_coil] * n_coils)
    share = 0.0 if reg_weight == math.inf else 1 / (1 + reg_weight)
    mask = torch.fft.fftshift(corner[0]).reshape(n)
    diagonal = torch.where(mask, share, 1.0).repeat(n_coils).to(torch.complex128)
    keep = transform.mH @ torch.diag(diagonal) @ transform  # Eq. 16
    blocks = [[torch.diag(projections[0, o, i].reshape(n)) for i in range(3)] for o in range(3)]
    kernel = torch.cat([torch.cat(row, dim=1) for row in blocks])
    spread = torch.cat([torch.diag(maps[0, c].reshape(n)) for c in range(n_coils)])
    jacobian = spread.mH @ keep @ kernel @ keep @ spread  # Eq. 17
    expected = (jacobian.mH @ cotangent.reshape(n)).reshape(1, *shape)
    torch.testing.assert_close(found, expected)


# --- on coils with a true calibration


@pytest.fixture(scope="module")
def scan():
    return known_scan((64, 56), 4)


def test_a_fully_sampled_scan_is_returned_whatever_the_weights(scan):
    calibration = calibrate(scan.kspace, (24, 24))
    coils = ifft2c(scan.kspace)[None]
    consistency = power(image_kernel(calibration.kernel, (64, 56)), 5)[None]
    maps = calibration.sens_maps[None]
    everything = torch.ones(1, 64, 56, dtype=torch.bool)
    result = randomised(TINY)(coils, everything, maps, consistency)
    torch.testing.assert_close(result, combine(coils, maps), atol=1e-4, rtol=1e-3)


def test_with_sub_networks_that_change_nothing_it_is_spirit(scan):
    """Five projections onto calibration and data, five times over, more than halve the error."""
    mask = torch.from_numpy(make_mask("poisson", (64, 56), 3, seed=1).samples)
    calibration = calibrate(scan.kspace, (24, 24))
    maps, truth = calibration.sens_maps[None], ifft2c(scan.kspace)[None]
    consistency = power(image_kernel(calibration.kernel, (64, 56)), 5)[None]
    model = Multicoil(MulticoilConfig(n_layers=1, n_channels=2))  # a fresh skip is the identity
    zero_filled = ifft2c(scan.kspace * mask)[None]
    coils = model.coil_images(zero_filled, to_corner(mask)[None], maps, consistency)
    assert torch.dist(coils, truth) < 0.5 * torch.dist(zero_filled, truth)


# --- starting from single-coil weights


def test_both_parts_start_as_the_single_coil_network():
    torch.manual_seed(5)
    single = Cascade(CascadeConfig(n_subnetworks=2, n_layers=1, n_channels=3))
    for parameter in single.parameters():
        torch.nn.init.normal_(parameter, std=0.3)
    model = Multicoil(TINY)
    model.start_from(single)
    image = torch.randn(1, 8, 8, dtype=torch.complex64)
    for pair, network in zip(model.subnetworks, single.subnetworks, strict=True):
        torch.testing.assert_close(pair(image).real, network(image))
        torch.testing.assert_close(pair(image).imag, network(-1j * image))
    again = Multicoil(TINY)
    again.start_from(model)
    assert all(map(torch.equal, again.state_dict().values(), model.state_dict().values()))


@pytest.mark.parametrize(
    ("parent", "difference"),
    [
        (
            Cascade(CascadeConfig(n_subnetworks=3, n_layers=1, n_channels=3)),
            "shape, n_subnetworks 2, got 3",
        ),
        (Multicoil(dataclasses.replace(TINY, phase="none")), "shape, phase centre, got none"),
        (small_network("unet"), "architecture, Multicoil, got UNet"),
    ],
)
def test_a_parent_of_another_shape_is_refused_by_its_difference(parent, difference):
    with pytest.raises(ValueError, match=f"must start from a network of its own {difference}"):
        Multicoil(TINY).start_from(parent)
