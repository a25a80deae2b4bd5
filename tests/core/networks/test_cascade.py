import math

import pytest
import torch

from core.fourier import fft2c, ifft2c, to_corner
from core.networks.cascade import Cascade, CascadeConfig, SubNetwork

SMALL = CascadeConfig(n_subnetworks=3, n_channels=8)


@pytest.fixture
def problem():
    generator = torch.Generator().manual_seed(6)
    target = torch.rand(2, 24, 20, generator=generator)
    mask = torch.rand(24, 20, generator=generator) < 0.4
    return target, ifft2c(fft2c(target) * mask), mask


def randomised(config):
    torch.manual_seed(0)
    model = Cascade(config)
    for parameter in model.parameters():
        torch.nn.init.normal_(parameter, std=0.1)
    return model


def test_default_shape_is_the_papers():
    model = Cascade(CascadeConfig())
    assert len(model.subnetworks) == 5
    hidden = 2 * 64 * 9 + 64 + 3 * (64 * 64 * 9 + 64)
    assert sum(p.numel() for p in model.subnetworks[0].parameters()) == hidden + 64 * 9 + 1
    assert model.config.reg_weight == math.inf


def test_result_keeps_the_measured_samples(problem):
    _, zero_filled, mask = problem
    result = randomised(SMALL)(zero_filled, to_corner(mask)[None])
    torch.testing.assert_close(
        fft2c(result)[:, mask], fft2c(zero_filled)[:, mask], atol=1e-5, rtol=1e-4
    )


def test_fresh_residual_cascade_does_no_harm(problem):
    target, zero_filled, mask = problem
    result = Cascade(SMALL)(zero_filled, to_corner(mask)[None])
    assert (result.abs() - target).norm() <= (zero_filled.abs() - target).norm()


def test_prefix_gives_the_next_subnetworks_input(problem):
    _, zero_filled, mask = problem
    model, corner = randomised(SMALL), to_corner(mask)[None]
    torch.testing.assert_close(model(zero_filled, corner, n_subnetworks=0), zero_filled)
    two = model(zero_filled, corner, n_subnetworks=2)
    c3 = model.subnetworks[2](two)
    expected = c3 + zero_filled - ifft2c(fft2c(c3) * mask)
    torch.testing.assert_close(model(zero_filled, corner), expected, atol=1e-5, rtol=1e-4)


def test_a_known_phase_changes_nothing_but_the_phase(problem):
    """A constant phase commutes with sampling, so the two reconstructions must be the same."""
    _, zero_filled, mask = problem
    model, corner = randomised(SMALL), to_corner(mask)[None]
    constant = torch.full_like(zero_filled, 1.0) * torch.polar(torch.tensor(1.0), torch.tensor(0.9))
    turned = model(zero_filled * constant, corner, constant)
    torch.testing.assert_close(turned, model(zero_filled, corner), atol=1e-5, rtol=1e-4)


def test_gradients_reach_every_weight(problem):
    target, zero_filled, mask = problem
    model = randomised(SMALL)
    (model(zero_filled, to_corner(mask)[None]).abs() - target).square().mean().backward()
    assert all(p.grad is not None and p.grad.abs().sum() > 0 for p in model.parameters())


def test_gradient_of_a_whole_cascade_is_numerically_right():
    torch.manual_seed(1)
    model = Cascade(CascadeConfig(n_subnetworks=2, n_layers=1, n_channels=2, reg_weight=0.8))
    for parameter in model.parameters():
        torch.nn.init.normal_(parameter, std=0.5)
    mask = to_corner(torch.rand(6, 5) < 0.5)[None]
    zero_filled = torch.randn(1, 6, 5, dtype=torch.complex64)
    weight = model.subnetworks[0].convolutions[0].weight

    def loss():
        return model(zero_filled, mask).abs().square().sum()

    (found,) = torch.autograd.grad(loss(), weight)
    step, at = 1e-2, (0, 1, 1, 1)
    with torch.no_grad():
        weight[at] += step
        up = loss()
        weight[at] -= 2 * step
        down = loss()
    torch.testing.assert_close((up - down) / (2 * step), found[at], rtol=2e-2, atol=1e-2)


def test_without_skip_the_output_is_the_convolutions_alone():
    torch.manual_seed(2)
    network = SubNetwork(CascadeConfig(skip="none", n_channels=4))
    image = torch.randn(1, 12, 12, dtype=torch.complex64)
    x = torch.stack([image.real, image.imag], 1)
    for layer in network.convolutions[:-1]:
        x = torch.nn.functional.conv2d(x, layer.weight, layer.bias, padding=1).clamp(min=0)
    last = network.convolutions[-1]
    expected = torch.nn.functional.conv2d(x, last.weight, last.bias, padding=1)[:, 0]
    torch.testing.assert_close(network(image), expected)


def test_refuses_settings_out_of_range():
    with pytest.raises(ValueError, match="n_channels must be at least 1, got 0"):
        CascadeConfig(n_channels=0)
