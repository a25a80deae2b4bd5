"""Phases taken off, noise of a stated SNR, and norms."""

import math

import pytest
import torch
from hypothesis import given, settings
from hypothesis import strategies as st

from core.fingerprinting.signals import noise_sd, normalised, phased, with_noise, with_room

N_READOUTS = 60
REFERENCE = torch.sin(torch.linspace(0, 5, N_READOUTS)) + 0.4


def drawn(n=5, seed=0, length=N_READOUTS):
    """Real signals that resemble the reference."""
    generator = torch.Generator().manual_seed(seed)
    reference = REFERENCE if length == N_READOUTS else torch.ones(length)
    return reference + 0.3 * torch.randn(n, length, generator=generator)


phases = st.floats(-10.0, 10.0)


@settings(deadline=None)
@given(st.lists(phases, min_size=5, max_size=5), st.integers(0, 1000), st.floats(-4.0, 4.0))
def test_any_constant_phase_is_taken_off(angles, seed, exponent):
    signals = drawn(seed=seed) * 10**exponent
    turned = torch.polar(torch.ones(5), torch.tensor(angles))[:, None] * signals
    tolerance = 1e-5 * float(signals.abs().max())
    torch.testing.assert_close(phased(turned, REFERENCE), signals, rtol=0, atol=tolerance)


@settings(deadline=None)
@given(phases, st.integers(0, 1000))
def test_the_sign_is_the_references(angle, seed):
    signals = drawn(seed=seed)
    turned = signals * complex(math.cos(angle), math.sin(angle))
    torch.testing.assert_close(phased(turned, -REFERENCE), -signals, rtol=0, atol=1e-5)


def test_signals_that_change_sign_keep_doing_so():
    """An inversion recovery begins below zero; the reference tells which side that is."""
    signals = torch.linspace(-1, 1.5, N_READOUTS)[None]
    found = phased(signals * 1j, torch.linspace(-0.8, 1.7, N_READOUTS))
    torch.testing.assert_close(found, signals)


def test_the_phase_leaves_the_least_energy_behind():
    generator = torch.Generator().manual_seed(3)
    signals = torch.randn(4, 30, dtype=torch.complex128, generator=generator)
    kept = phased(signals, torch.ones(30)).square().sum(1)
    for angle in torch.linspace(0, math.pi, 181):
        real = (signals * complex(math.cos(angle), -math.sin(angle))).real
        assert (real.square().sum(1) <= kept * (1 + 1e-12)).all()


def test_phase_of_zero_signals():
    found = phased(torch.zeros(2, N_READOUTS, dtype=torch.complex64), REFERENCE)
    assert torch.equal(found, torch.zeros(2, N_READOUTS))


@pytest.mark.parametrize(
    ("given_dtype", "dtype"),
    [(torch.complex64, torch.float32), (torch.complex128, torch.float64)],
)
def test_phased_signals_have_the_precision_of_the_given(given_dtype, dtype):
    assert phased(drawn().to(given_dtype), REFERENCE).dtype == dtype


@pytest.mark.parametrize("snr_db", [-6.0, 0.0, 20.0, 40.0])
def test_snr_is_root_mean_square_over_standard_deviation(snr_db):
    signals = torch.tensor([[3.0, -4.0, 0.0, 5.0]])
    expected = math.sqrt(50 / 4) / 10 ** (snr_db / 20)
    assert noise_sd(signals, snr_db).item() == pytest.approx(expected)
    turned = signals * torch.polar(torch.tensor(1.0), torch.tensor(0.7))
    assert noise_sd(turned, snr_db).item() == pytest.approx(expected)


def test_every_signal_has_its_own_snr():
    signals = drawn(3)
    each = noise_sd(signals, torch.tensor([0.0, 20.0, 40.0]))
    rms = signals.square().mean(1).sqrt()
    torch.testing.assert_close(each, rms * torch.tensor([1.0, 0.1, 0.01]))


def noise_of(signals, snr_db):
    return with_noise(signals, snr_db, torch.Generator().manual_seed(11)) - signals


def test_noise_has_the_snr_that_was_asked_for():
    """Each estimate's standard error is 0.35 %."""
    signals = drawn(3, length=40_000) * torch.tensor([[1.0], [10.0], [0.1]])
    snr_db = torch.tensor([5.0, 15.0, 30.0])
    measured = 20 * torch.log10(signals.square().mean(1).sqrt() / noise_of(signals, snr_db).std(1))
    torch.testing.assert_close(measured, snr_db, rtol=0, atol=0.15)


def test_complex_noise_is_alike_in_both_parts():
    signals = drawn(2, length=40_000) * complex(0.6, 0.8)
    noise = noise_of(signals, 10.0)
    sd = noise_sd(signals, 10.0)
    torch.testing.assert_close(noise.real.std(1), sd, rtol=0.015, atol=0)
    torch.testing.assert_close(noise.imag.std(1), sd, rtol=0.015, atol=0)
    correlation = (noise.real * noise.imag).mean(1) / sd**2
    assert correlation.abs().max() < 0.02


def test_noise_is_white_and_gaussian():
    noise = noise_of(drawn(1, length=40_000), 0.0)[0]
    noise = noise / noise.std()
    assert (noise[1:] * noise[:-1]).mean().abs() < 0.02
    assert (noise**4).mean() == pytest.approx(3.0, abs=0.1)
    assert (noise.abs() < 1).double().mean() == pytest.approx(math.erf(1 / math.sqrt(2)), abs=0.01)


@pytest.mark.parametrize("is_complex", [False, True])
def test_noise_leaves_the_mean(is_complex):
    signal = drawn(1) * (1j if is_complex else 1)
    many = signal.expand(20_000, -1)
    mean = with_noise(many, 10.0, torch.Generator().manual_seed(2)).mean(0)
    error = noise_sd(signal, 10.0).item() / math.sqrt(20_000)
    assert (mean - signal[0]).abs().max() < 5 * error


@pytest.mark.parametrize("dtype", [torch.float32, torch.float64, torch.complex64, torch.complex128])
def test_noisy_signals_are_of_the_given_kind(dtype):
    signals = drawn().to(dtype)
    before = signals.clone()
    found = with_noise(signals, 20.0, torch.Generator().manual_seed(1))
    assert found.dtype == dtype
    assert found.shape == signals.shape
    assert torch.equal(signals, before)


def test_a_generator_gives_the_same_noise_once_and_then_another():
    generator = torch.Generator().manual_seed(4)
    first, second = (with_noise(drawn(), 20.0, generator) for _ in range(2))
    again = with_noise(drawn(), 20.0, torch.Generator().manual_seed(4))
    assert torch.equal(first, again)
    assert not torch.isclose(first, second).all(1).any()


def test_a_signal_of_zeros_has_no_noise():
    zeros = torch.zeros(2, 8)
    assert torch.equal(with_noise(zeros, 20.0, torch.Generator()), zeros)


@settings(deadline=None)
@given(st.floats(-15.0, 15.0), st.integers(0, 1000))
def test_normalised_signals_have_norm_one_and_give_their_norm(exponent, seed):
    signals = drawn(seed=seed) * 10**exponent
    found, norms = normalised(signals)
    torch.testing.assert_close(found.norm(dim=1), torch.ones(5))
    torch.testing.assert_close(found * norms[:, None], signals)
    torch.testing.assert_close(norms, signals.double().norm(dim=1).float())


def test_norm_of_zero_signals():
    found, norms = normalised(torch.zeros(2, 8))
    assert torch.equal(found, torch.zeros(2, 8))
    assert torch.equal(norms, torch.zeros(2))


@pytest.mark.parametrize("size", [1e-36, 1e-19, 1.0, 1e18, 1e30, 1e37])
@pytest.mark.parametrize("dtype", [torch.float32, torch.complex64])
def test_squares_have_room_whatever_the_unit(size, dtype):
    signals = drawn().to(dtype)
    turned = signals * 1j if dtype.is_complex else signals
    found, sizes = with_room(turned * size)
    assert not sizes.is_complex()
    assert ((found.norm(dim=1) > 1e-6) & (found.norm(dim=1) < 1e6)).all()
    torch.testing.assert_close(found * (sizes / size)[:, None], turned)


def test_signals_of_one_series_may_differ_in_size():
    signals = drawn(3) * torch.tensor([1e30, 1.0, 1e-30])[:, None]
    found, sizes = with_room(signals)
    assert sizes[1] == 1
    assert torch.equal(found[1], signals[1])
    torch.testing.assert_close(found[[0, 2]].abs().amax(1), torch.ones(2))


def test_zero_signals_stay_zero():
    found, _ = with_room(torch.zeros(2, 8, dtype=torch.complex64))
    assert torch.equal(found, torch.zeros(2, 8, dtype=torch.complex64))
