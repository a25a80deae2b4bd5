"""Derivatives of signals by tissues and B1."""

import pytest
import torch

from core.fingerprinting.epg import simulate
from core.fingerprinting.sequence import FingerprintSequence, Preparation, Segment

SEQUENCE = FingerprintSequence(
    "short",
    2.0,
    30.0,
    tuple(
        Segment(preparation, (30.0, 70.0, 50.0), (10.0, 12.0, 10.0), recovery_ms)
        for preparation, recovery_ms in (
            (Preparation("inversion", wait_ms=20), 0.0),
            (Preparation("t2", te_ms=60), 80.0),
            (Preparation("diffusion", te_ms=50, b_s_per_mm2=600, wait_ms=5), 100.0),
            (Preparation(), 0.0),
        )
    ),
)
LOG_TISSUES = torch.tensor([(1300, 90, 0.8), (4500, 2200, 3.0)], dtype=torch.float64).log()
B1 = torch.tensor([0.9, 1.15], dtype=torch.float64)


def signals(log_tissues, b1):
    """Of logarithms, by which all derivatives are of one size."""
    return simulate(SEQUENCE, log_tissues.exp(), b1, n_states=8)


def test_gradients_are_those_of_differences():
    inputs = LOG_TISSUES.clone().requires_grad_(), B1.clone().requires_grad_()
    assert torch.autograd.gradcheck(signals, inputs, atol=1e-8, rtol=1e-5)


def test_every_parameter_has_a_gradient():
    log_tissues, b1 = LOG_TISSUES.clone().requires_grad_(), B1.clone().requires_grad_()
    signals(log_tissues, b1).square().sum().backward()
    assert (log_tissues.grad.abs() > 1e-4).all()
    assert (b1.grad.abs() > 1e-4).all()


# torch's own forward mode scripts functions when it is first used
@pytest.mark.filterwarnings("ignore:.torch.jit.script. is deprecated:DeprecationWarning")
def test_forward_and_backward_derivatives_are_adjoint():
    generator = torch.Generator().manual_seed(5)
    steps = tuple(torch.randn(v.shape, generator=generator).double() for v in (LOG_TISSUES, B1))
    found, forward = torch.func.jvp(signals, (LOG_TISSUES, B1), steps)
    weights = torch.randn(found.shape, generator=generator).double()
    _, pull_back = torch.func.vjp(signals, LOG_TISSUES, B1)
    backward = sum((g * step).sum() for g, step in zip(pull_back(weights), steps, strict=True))
    torch.testing.assert_close((forward * weights).sum(), backward, rtol=1e-10, atol=0)


def test_tissues_do_not_see_each_other():
    log_tissues = LOG_TISSUES.clone().requires_grad_()
    signals(log_tissues, B1)[0].sum().backward()
    assert log_tissues.grad[0].abs().min() > 0
    assert torch.equal(log_tissues.grad[1], torch.zeros(3, dtype=torch.float64))
