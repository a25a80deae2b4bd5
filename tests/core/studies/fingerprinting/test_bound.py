from dataclasses import replace

import numpy as np
import pytest
import torch

from core.fingerprinting.epg import simulate
from core.fingerprinting.sequence import DIFFUSION, T2_PREPARATION
from core.fingerprinting.sequence_file import find
from core.fingerprinting.signals import noise_sd
from core.studies.fingerprinting import bound
from core.studies.fingerprinting.bound import bounds, capped, log_jacobian
from core.studies.fingerprinting.moments import EVEN_VARIANCE

TISSUES = torch.tensor([[830.0, 78.0, 0.7], [1330.0, 110.0, 0.85], [300.0, 40.0, 2.0]])


@pytest.fixture(scope="module")
def sequence():
    return find()


def test_derivatives_are_those_of_automatic_differentiation(sequence):
    logs = TISSUES.double().log().requires_grad_()
    signals = simulate(sequence, logs.exp())
    found_signals, found = log_jacobian(sequence, TISSUES)
    torch.testing.assert_close(found_signals, signals.detach())
    for readout in (0, 57, 200, 319):
        [expected] = torch.autograd.grad(signals[:, readout].sum(), logs, retain_graph=True)
        torch.testing.assert_close(found[:, readout, :3], expected, rtol=1e-6, atol=1e-9)
        torch.testing.assert_close(found[:, readout, 3], signals[:, readout].detach())


def test_is_the_inverse_fisher_information_of_complex_data_with_unknown_phase(sequence):
    """Real and imaginary parts at any phase, which is estimated too: five parameters."""
    signals, jacobian = log_jacobian(sequence, TISSUES[:1])
    phase = 0.9
    columns = [*jacobian[0].T.numpy(), 1j * signals[0].numpy()]
    derivatives = np.stack(columns, axis=1) * np.exp(1j * phase)
    stacked = np.concatenate([derivatives.real, derivatives.imag])
    sd = float(noise_sd(signals, 25.0)[0])
    expected = np.diag(np.linalg.inv(stacked.T @ stacked / sd**2))[:3]
    np.testing.assert_allclose(bounds(sequence, TISSUES[:1], [25.0])[0, 0], expected, rtol=1e-6)


def test_least_squares_reaches_it_at_high_snr(sequence):
    """An efficient estimate of a linearised problem, by numpy's own solver."""
    signals, jacobian = log_jacobian(sequence, TISSUES[1:2])
    snr, n = 60.0, 4000
    sd = float(noise_sd(signals, snr)[0])
    noise = np.random.default_rng(0).normal(0, sd, (sequence.n_readouts, n))
    errors = np.linalg.lstsq(jacobian[0].numpy(), noise, rcond=None)[0][:3]
    np.testing.assert_allclose(
        errors.var(axis=1), bounds(sequence, TISSUES[1:2], [snr])[0, 0], rtol=0.1
    )


def test_a_tenth_of_the_noise_gives_a_hundredth_of_the_variance(sequence):
    low, high = bounds(sequence, TISSUES, [20.0, 40.0])
    np.testing.assert_allclose(low, 100 * high, rtol=1e-9)


def without_diffusion(sequence):
    """T2 preparations instead of diffusion, and no spoiler that would weight by it."""
    segments = tuple(
        replace(s, preparation=replace(s.preparation, kind=T2_PREPARATION, b_s_per_mm2=0.0))
        if s.preparation.kind == DIFFUSION
        else s
        for s in sequence.segments
    )
    return replace(sequence, segments=segments, spoiler_rad_per_mm=0.0)


def test_what_leaves_no_trace_takes_nothing_from_the_others(sequence):
    silent = without_diffusion(sequence)
    signals, jacobian = log_jacobian(silent, TISSUES)
    found = bounds(silent, TISSUES, [25.0])[0]
    assert np.isinf(found[:, 2]).all()
    np.testing.assert_array_equal(capped(found)[:, 2], EVEN_VARIANCE[2])
    for n in range(len(TISSUES)):
        seen = jacobian[n][:, [0, 1, 3]].numpy() / float(noise_sd(signals, 25.0)[n])
        expected = np.diag(np.linalg.inv(seen.T @ seen))[:2]
        np.testing.assert_allclose(found[n, :2], expected, rtol=1e-6)


def test_one_tissue_without_a_trace_leaves_the_others_as_they_are(sequence, monkeypatch):
    signals, jacobian = log_jacobian(sequence, TISSUES)
    whole = bounds(sequence, TISSUES, [25.0])[0]
    jacobian[1, :, 2] *= 1e-13
    monkeypatch.setattr(bound, "log_jacobian", lambda *_: (signals, jacobian))
    found = bounds(sequence, TISSUES, [25.0])[0]
    np.testing.assert_allclose(found[[0, 2]], whole[[0, 2]], rtol=1e-12)
    assert np.isinf(found[1, 2])
    assert (found[1, :2] < whole[1, :2]).all()


def test_what_cannot_be_known_is_as_uncertain_as_the_range():
    least = np.array([[[np.inf, 1e9, 1e-6]]])
    np.testing.assert_array_equal(capped(least)[0, 0], [*EVEN_VARIANCE[:2], 1e-6])
