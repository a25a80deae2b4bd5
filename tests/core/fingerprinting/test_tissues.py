"""Tissues that dictionaries and networks are made of, and the parameters they have."""

import math

import pytest
import torch

from core.fingerprinting.parameters import ADC, PARAMETERS, T1, T2
from core.fingerprinting.tissues import draw_tissues


def test_parameters_are_in_the_order_of_the_columns():
    assert PARAMETERS == (T1, T2, ADC)
    assert [parameter.name for parameter in PARAMETERS] == ["t1", "t2", "adc"]


@pytest.mark.parametrize("parameter", PARAMETERS, ids=lambda parameter: parameter.name)
def test_what_is_shown_lies_in_a_sensible_range(parameter):
    assert 0 < parameter.low < parameter.high
    assert 0 <= parameter.shown_low < parameter.shown_high <= parameter.high
    exponent = torch.tensor(parameter.log_range, dtype=torch.float64).exp()
    assert parameter.low * exponent == pytest.approx(parameter.high)


@pytest.fixture(scope="module")
def tissues():
    return draw_tissues(4096, seed=0)


def test_every_tissue_is_in_range_and_t2_up_to_t1(tissues):
    assert tissues.shape == (4096, 3)
    assert tissues.dtype == torch.float32
    low = torch.tensor([parameter.low for parameter in PARAMETERS])
    high = torch.tensor([parameter.high for parameter in PARAMETERS])
    assert (tissues >= low).all()
    assert (tissues <= high).all()
    assert (tissues[:, 1] <= tissues[:, 0]).all()


def test_the_ends_of_every_range_are_reached(tissues):
    """But of T2, which goes no further than T1."""
    for column, parameter in zip(tissues.T, PARAMETERS, strict=True):
        assert column.min() < parameter.low * 1.05
        assert column.max() > parameter.high / 1.05


def area_below(t1, t2):
    """Of the logarithms up to T1 and up to T2, where T2 is up to T1."""
    log_t1 = torch.linspace(math.log(T1.low), math.log(t1), 10_001, dtype=torch.float64)
    heights = log_t1.clamp(max=math.log(t2)) - math.log(T2.low)
    return torch.trapezoid(heights, log_t1)


def test_relaxation_times_are_spread_evenly(tissues):
    """More so than at random, where these would be off by up to 0.015."""
    for t1 in (100.0, 300.0, 1000.0, 3000.0, T1.high):
        for t2 in (10.0, 40.0, 200.0, 1000.0, T2.high):
            share = ((tissues[:, 0] <= t1) & (tissues[:, 1] <= t2)).double().mean()
            expected = float(area_below(t1, t2) / area_below(T1.high, T2.high))
            assert share == pytest.approx(expected, abs=0.005)


def test_diffusion_coefficients_are_spread_evenly(tissues):
    """More so than at random, as above."""
    places = (tissues[:, 2].double().sort().values / ADC.low).log() / ADC.log_range
    ranks = (torch.arange(len(places)) + 0.5) / len(places)
    assert (places - ranks).abs().max() < 0.005


def test_adc_is_spread_alike_over_short_and_long_t1(tissues):
    middle = (ADC.low * ADC.high) ** 0.5
    for part in (tissues[:, 0] < 500, tissues[:, 0] >= 500):
        assert (tissues[part, 2] < middle).double().mean() == pytest.approx(0.5, abs=0.01)


def test_a_seed_gives_the_same_tissues_and_another_others():
    assert torch.equal(draw_tissues(100, seed=7), draw_tissues(100, seed=7))
    assert not torch.isclose(draw_tissues(100, seed=7), draw_tissues(100, seed=8)).any(1).all()


@pytest.mark.parametrize("n", [1, 2, 63, 64, 65, 1000])
def test_fewer_tissues_are_the_first_of_more(tissues, n):
    assert torch.equal(draw_tissues(n, seed=0), tissues[:n])


def test_no_two_tissues_are_alike(tissues):
    assert len(tissues.unique(dim=0)) == len(tissues)


def test_torchs_own_generator_is_left_alone():
    before = torch.get_rng_state()
    draw_tissues(10, seed=1)
    assert torch.equal(torch.get_rng_state(), before)


@pytest.mark.parametrize("n", [0, -3])
def test_there_is_at_least_one(n):
    with pytest.raises(ValueError) as refusal:
        draw_tissues(n, seed=0)
    assert str(refusal.value) == f"n must be at least 1, got {n}"
