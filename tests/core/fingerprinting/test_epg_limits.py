"""Cases of which the answer is a formula."""

import math
from dataclasses import replace

import numpy as np
import pytest
import torch

from core.fingerprinting.epg import N_STATES, TOLERANCE, simulate, states_needed
from core.fingerprinting.parameters import PARAMETERS
from core.fingerprinting.sequence import FingerprintSequence, Preparation, Segment
from core.fingerprinting.sequence_file import find
from core.fingerprinting.tissues import draw_tissues

TISSUES = torch.tensor(
    [(4500, 2200, 3.0), (800, 70, 0.7), (50, 5, 0.1), (5000, 5, 3.5), (2500, 2500, 1.0)],
    dtype=torch.float64,
)
T1, T2, ADC = TISSUES.T
EXACT = {"rtol": 1e-12, "atol": 1e-14}


def played(*segments, te_ms=0.0, spoiler=0.0, b1=None, n_states=N_STATES):
    sequence = FingerprintSequence("limit", te_ms, spoiler, segments)
    return simulate(sequence, TISSUES, b1, n_states)


def train(*flip_deg, tr_ms=10.0, preparation=None, recovery_ms=0.0):
    n = len(flip_deg)
    return Segment(preparation or Preparation(), flip_deg, (tr_ms,) * n, recovery_ms)


def prepared(preparation):
    """The signal of one pulse of 90 degrees at once after a preparation."""
    return played(train(90.0, preparation=preparation))[:, 0]


@pytest.mark.parametrize("wait_ms", [0.0, 20.0, 300.0, 2500.0])
def test_inversion_recovery(wait_ms):
    found = prepared(Preparation("inversion", wait_ms=wait_ms))
    torch.testing.assert_close(found, 1 - 2 * torch.exp(-wait_ms / T1), **EXACT)


def test_saturation_recovery():
    _, found = played(train(90.0, recovery_ms=700.0), train(90.0)).T
    torch.testing.assert_close(found, 1 - torch.exp(-710 / T1), **EXACT)


@pytest.mark.parametrize("te_ms", [1.0, 60.0, 120.0])
def test_t2_preparations_lie_on_one_exponential(te_ms):
    found = prepared(Preparation("t2", te_ms=te_ms))
    torch.testing.assert_close(found, torch.exp(-te_ms / T2), **EXACT)


def test_magnetisation_recovers_while_it_waits_after_a_preparation():
    found = prepared(Preparation("t2", te_ms=60.0, wait_ms=200.0))
    expected = 1 - (1 - torch.exp(-60 / T2)) * torch.exp(-200 / T1)
    torch.testing.assert_close(found, expected, **EXACT)


@pytest.mark.parametrize("b_s_per_mm2", [50.0, 400.0, 1200.0])
def test_stejskal_and_tanner(b_s_per_mm2):
    """1 s/mm² times 1 µm²/ms is 1e-3."""
    without = prepared(Preparation("t2", te_ms=8.0))
    weighted = prepared(Preparation("diffusion", te_ms=8.0, b_s_per_mm2=b_s_per_mm2))
    torch.testing.assert_close(torch.log(without / weighted), 1e-3 * b_s_per_mm2 * ADC)


def test_three_pulses_by_hand():
    """Recovery, and the spin echo of the first pulse by the second under the third."""
    first, second, third = (math.radians(degrees) for degrees in (40, 70, 25))
    e1, e2 = torch.exp(-10 / T1), torch.exp(-10 / T2)
    z2 = 1 - (1 - math.cos(first)) * e1
    z3 = 1 - (1 - math.cos(second) * z2) * e1
    spin_echo = -math.sin(first) * math.sin(second / 2) ** 2 * e2**2
    expected = torch.stack(
        [
            torch.full_like(T1, math.sin(first)),
            math.sin(second) * z2,
            math.sin(third) * z3 + math.cos(third) * spin_echo,
        ],
        dim=1,
    )
    found = played(train(40.0, 70.0, 25.0), te_ms=3.0)
    torch.testing.assert_close(found, expected * torch.exp(-3 / T2)[:, None], **EXACT)


def test_b1_scales_the_pulses_of_the_train_alone():
    b1 = torch.linspace(0.8, 1.2, len(TISSUES), dtype=torch.float64)
    segment = train(50.0, preparation=Preparation("inversion"))
    found = played(segment, b1=b1)[:, 0]
    torch.testing.assert_close(found, -torch.sin(math.radians(50) * b1), **EXACT)


@pytest.mark.parametrize("degrees", [5.0, 30.0, 70.0])
def test_equal_pulses_reach_the_steady_state_of_fisp(degrees):
    """The mean of balanced SSFP over all precessions; Hänicke and Vogel, MRM 49:771 (2003)."""
    tissues = torch.tensor([(300.0, 200.0, 1.0), (150.0, 20.0, 1.0), (200.0, 200.0, 1.0)]).double()
    sequence = FingerprintSequence("steady", 0.0, 0.0, (train(*[degrees] * 900),))
    found = simulate(sequence, tissues, n_states=500)[:, -1]
    e1, e2 = torch.exp(-10 / tissues[:, :2]).T
    cosine = math.cos(math.radians(degrees))
    p = 1 - e1 * cosine - e2**2 * (e1 - cosine)
    q = e2 * (1 - e1) * (1 + cosine)
    expected = 1 - (e1 - cosine) * (1 - e2**2) / torch.sqrt(p**2 - q**2)
    expected *= math.tan(math.radians(degrees) / 2)
    torch.testing.assert_close(found, expected, rtol=1e-9, atol=0)


def test_a_spoiler_that_leaves_nothing_reaches_the_ernst_equation():
    """Diffusion attenuates every state that was twisted once, so none comes back."""
    tissues = torch.tensor([(300.0, 200.0, 1.0), (150.0, 20.0, 1.0), (200.0, 200.0, 1.0)]).double()
    sequence = FingerprintSequence("spoiled", 0.0, 9000.0, (train(*[30.0] * 900),))
    found = simulate(sequence, tissues)[:, -1]
    e1 = torch.exp(-10 / tissues[:, 0])
    angle = math.radians(30)
    expected = math.sin(angle) * (1 - e1) / (1 - math.cos(angle) * e1)
    torch.testing.assert_close(found, expected, rtol=1e-9, atol=0)


def test_a_diffusion_preparation_is_what_its_gradients_do():
    """Two lobes about the refocusing pulse, in steps: the twist grows, rests, and goes back."""
    te, lobe, n = 60.0, 20.0, 60_000
    time = (np.arange(n) + 0.5) * te / n
    start = te / 2  # of the second lobe; the first begins at once
    shape = np.clip(time / lobe, 0, 1) - np.clip((time - start) / lobe, 0, 1)
    b_of_unit = np.sum(shape**2) * te / n
    assert b_of_unit == pytest.approx(start - lobe / 3, rel=1e-6)  # Δ - δ/3
    twist_per_um = 0.15
    b_s_per_mm2 = 1e3 * twist_per_um**2 * b_of_unit
    left = torch.exp(-te / T2 - ADC * float(np.sum((twist_per_um * shape) ** 2) * te / n))
    found = prepared(Preparation("diffusion", te_ms=te, b_s_per_mm2=b_s_per_mm2))
    torch.testing.assert_close(found, left)


def corners():
    """Tissues at the ends of every range, T2 up to T1."""
    ends = [(p.low, p.high) for p in PARAMETERS]
    return torch.cartesian_prod(*map(torch.tensor, ends)).double()


def test_the_states_that_are_followed_suffice_for_the_default_sequence():
    tissues = torch.cat([draw_tissues(200, seed=3).double(), corners()])
    sequence = find()
    every = simulate(sequence, tissues, n_states=sequence.n_readouts + 1)
    some = simulate(sequence, tissues)
    lost = (some - every).abs().amax(1) / every.abs().amax(1)
    assert lost.max() < 1e-4
    fewer = simulate(sequence, tissues, n_states=N_STATES // 4)
    assert ((fewer - every).abs().amax(1) / every.abs().amax(1)).max() > 1e-3


def test_proton_density_is_that_of_full_recovery():
    """The first read-out of a fresh spin of 90 degrees at once is 1."""
    assert torch.equal(prepared(Preparation()), torch.ones_like(T1))


def test_a_longer_echo_time_only_lets_signals_decay():
    sequence = replace(find(), spoiler_rad_per_mm=0.0)
    short, long = (simulate(replace(sequence, te_ms=te), TISSUES) for te in (1.0, 4.0))
    torch.testing.assert_close(long, short * torch.exp(-3 / T2)[:, None], rtol=1e-9, atol=1e-14)


@pytest.mark.parametrize("spoiler", [0.0, 3.0])
def test_long_trains_are_followed_by_as_many_states_as_they_need(spoiler):
    """Water at a constant flip angle over 600 read-outs, where forty states err by percents."""
    train = Segment(Preparation("inversion", wait_ms=20), (30.0,) * 600, (10.0,) * 600)
    sequence = FingerprintSequence("long", 2.0, spoiler, (train,))
    water = torch.tensor([[4000.0, 2500.0, 0.1]], dtype=torch.float64)
    exact = simulate(sequence, water, n_states=601)
    found, fewer = simulate(sequence, water), simulate(sequence, water, n_states=N_STATES)
    assert (found - exact).abs().max() < 2 * TOLERANCE * exact.abs().max()
    assert (fewer - exact).abs().max() > 20 * TOLERANCE * exact.abs().max()


def test_no_more_states_are_followed_than_there_are():
    train = Segment(Preparation(), (30.0,) * 5, (10.0,) * 5)
    assert states_needed(FingerprintSequence("short", 2.0, 3.0, (train,))) == 6
    assert states_needed(find()) == N_STATES
