import math

import pytest
import torch

from core.fingerprinting import network as networks
from core.fingerprinting.network import FingerprintNetwork, GruConfig
from core.fingerprinting.parameters import PARAMETERS
from core.fingerprinting.tissues import draw_tissues

SIZE = GruConfig(n_readouts=48, readouts_a_step=10, hidden=12, dense=9)


@pytest.fixture
def network():
    torch.manual_seed(3)
    return FingerprintNetwork(SIZE).eval()


@pytest.fixture
def signals():
    return torch.randn(20, 48, generator=torch.Generator().manual_seed(1))


def test_it_is_the_gated_recurrent_unit_of_the_paper(network, signals):
    """Cho et al. (2014) as torch writes it, by hand in double precision."""
    weights = {k: v.double() for k, v in network.state_dict().items()}
    x = signals.double()
    x = x / x.norm(dim=1, keepdim=True) * math.sqrt(48)
    x = torch.cat([x, torch.zeros(20, 2)], dim=1)  # 48 read-outs are 5 steps of 10
    state = torch.zeros(20, 12).double()
    for step in x.reshape(20, 5, 10).unbind(1):
        given = step @ weights["recurrent.weight_ih_l0"].T + weights["recurrent.bias_ih_l0"]
        kept = state @ weights["recurrent.weight_hh_l0"].T + weights["recurrent.bias_hh_l0"]
        given_r, given_z, given_n = given.split(12, 1)
        kept_r, kept_z, kept_n = kept.split(12, 1)
        r, z = torch.sigmoid(given_r + kept_r), torch.sigmoid(given_z + kept_z)
        candidate = torch.tanh(given_n + r * kept_n)
        state = (1 - z) * candidate + z * state
    dense = torch.relu(state @ weights["dense.weight"].T + weights["dense.bias"])
    expected = dense @ weights["head.weight"].T + weights["head.bias"]
    assert torch.allclose(network(signals).double(), expected, atol=1e-5)


def test_targets_have_the_spread_of_even_tissues(network):
    tissues = draw_tissues(4000, 0)
    found = network.targets(tissues, torch.ones(4000))
    assert found[:, 3].abs().max() == 0
    low = torch.tensor([[p.low for p in PARAMETERS]])
    high = torch.tensor([[p.high for p in PARAMETERS]])
    ends = math.sqrt(3)  # an even spread of unit variance ends there
    assert torch.allclose(network.targets(low, torch.ones(1))[0, :3], torch.tensor(-ends))
    assert torch.allclose(network.targets(high, torch.ones(1))[0, :3], torch.tensor(ends))


def test_estimate_undoes_the_targets(network, signals):
    tissues, scales = draw_tissues(20, 1), torch.linspace(0.5, 2, 20)
    network.scale_mean.fill_(0.3)
    network.scale_sd.fill_(1.7)
    target = network.targets(tissues, scales)
    network.forward = lambda block: target
    found = network.estimate(signals)
    assert torch.allclose(found.tissues, tissues, rtol=1e-4)
    assert torch.allclose(found.pd, scales * signals.norm(dim=1), rtol=1e-4)


def test_values_are_positive_and_only_pd_follows_the_intensity(network, signals):
    with torch.no_grad():
        network.head.bias.fill_(-40.0)
    found, brighter = network.estimate(signals), network.estimate(7 * signals)
    assert (found.tissues > 0).all()
    assert (found.pd > 0).all()
    assert torch.allclose(brighter.tissues, found.tissues, rtol=1e-4)
    assert torch.allclose(brighter.pd, 7 * found.pd, rtol=1e-4)


def test_estimates_keep_to_the_range_that_was_learnt(network, signals):
    for bias, ends in ((1e6, "high"), (-1e6, "low")):
        with torch.no_grad():
            network.head.bias.fill_(bias)
        found = network.estimate(signals)
        wanted = torch.tensor([getattr(p, ends) for p in PARAMETERS]).expand(20, 3)
        assert torch.allclose(found.tissues, wanted, rtol=1e-4)
        assert found.pd.isfinite().all()


def test_blocks_do_not_change_what_is_found(network, signals, monkeypatch):
    whole = network.estimate(signals)
    monkeypatch.setattr(networks, "BLOCK", 7)
    assert torch.allclose(network.estimate(signals).tissues, whole.tissues, rtol=1e-5)


def test_gradients_are_those_of_differences(network, signals):
    double = network.double()
    inputs = signals[:2].double().requires_grad_()
    assert torch.autograd.gradcheck(double, (inputs,), atol=1e-5)


def test_parts_hold_every_weight_once(network):
    weights = [w for part in network.parts().values() for w in part.parameters()]
    assert {id(w) for w in weights} == {id(w) for w in network.parameters()}
    assert len(weights) == len(list(network.parameters()))


def test_sizes_out_of_range_are_refused():
    with pytest.raises(ValueError, match="hidden must be at least 1, got 0"):
        GruConfig(hidden=0)
