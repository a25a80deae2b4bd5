import copy
from dataclasses import replace

import pytest
import torch

from core.fingerprinting.network import GruConfig
from core.fingerprinting.pool import make_pool
from core.fingerprinting.training import (
    FingerprintTraining,
    loss_of,
    new_network,
    train,
)
from core.progress import Cancelled
from tests.core.fingerprinting.sequences import short_sequence

CLEAN = FingerprintTraining(signals="clean", steps=60, batch=64, learning_rate=5e-3)
NOISY = replace(CLEAN, signals="noisy", steps=20)
SIZE = GruConfig(n_readouts=48, readouts_a_step=12, hidden=24, dense=24)


@pytest.fixture(scope="module")
def pool():
    return make_pool(short_sequence(), 3000, 0)


@pytest.fixture
def network(pool):
    return new_network(pool, 0, SIZE)


def same(a, b):
    return all(torch.equal(x, y) for x, y in zip(a.values(), b.values(), strict=True))


@torch.no_grad()
def judged(network, pool):
    return float(loss_of(network, pool.signals, pool.tissues))


def test_a_new_network_knows_the_pools_norms(pool, network):
    scales = 1 / pool.signals.norm(dim=1)
    found = network.targets(pool.tissues, scales)[:, 3]
    assert float(found.mean()) == pytest.approx(0.0, abs=1e-4)
    assert float(found.std()) == pytest.approx(1.0, abs=1e-4)
    assert network.reference.shape == (48,)


def test_training_learns(pool, network):
    before = judged(network, pool)
    losses = train(network, pool, CLEAN)
    assert len(losses) == 60
    assert judged(network, pool) < 0.5 * before
    assert not network.training


def test_the_same_seed_gives_the_same_weights(pool):
    first, second, other = (new_network(pool, seed, SIZE) for seed in (1, 1, 2))
    for network in (first, second, other):
        train(network, pool, replace(NOISY, steps=3))
    assert same(first.state_dict(), second.state_dict())
    assert not same(first.state_dict(), other.state_dict())


@pytest.mark.parametrize("frozen", ["head", "dense", "recurrent", "recurrent, dense"])
def test_frozen_parts_stay_bit_identical(pool, network, frozen):
    train(network, pool, replace(CLEAN, steps=5))
    before = copy.deepcopy(network)
    train(network, pool, replace(NOISY, frozen=frozen))
    for name, part in network.parts().items():
        unchanged = same(part.state_dict(), before.parts()[name].state_dict())
        assert unchanged == (name in frozen)


def test_what_was_frozen_once_learns_again(pool, network):
    train(network, pool, replace(NOISY, steps=2, frozen="head"))
    before = copy.deepcopy(network.head.state_dict())
    train(network, pool, replace(NOISY, steps=2))
    assert not same(before, network.head.state_dict())


def test_a_copy_is_trained_alone(pool, network):
    before = copy.deepcopy(network.state_dict())
    train(copy.deepcopy(network), pool, replace(NOISY, steps=2))
    assert same(before, network.state_dict())


def test_noise_is_drawn_within_the_range_of_snr(pool, network, monkeypatch):
    drawn = []

    def keep(signals, snr_db, generator):
        drawn.append(snr_db)
        return signals

    monkeypatch.setattr("core.fingerprinting.training.with_noise", keep)
    train(network, pool, replace(NOISY, snr_low_db=15, snr_high_db=25, steps=4))
    snr = torch.cat(drawn)
    assert 15 <= float(snr.min()) < 15.5
    assert 24.5 < float(snr.max()) <= 25
    train(network, pool, replace(CLEAN, steps=4))
    assert len(drawn) == 4


def test_the_loss_counts_parameters_alike(pool, network):
    """A factor of two in log range units costs the same whichever parameter it is of."""
    outputs = network.targets(pool.tissues[:1], torch.ones(1))
    for column in range(4):
        said = outputs.clone()
        said[0, column] += 0.5
        network.forward = lambda signals, said=said: said
        signals = pool.signals[:1] / pool.signals[:1].norm()
        loss = loss_of(network, signals, pool.tissues[:1])
        assert float(loss.detach()) == pytest.approx(0.5**2 / 4, rel=1e-3)


def test_watch_and_progress_are_told_of_every_step(pool, network):
    steps, fractions = [], []
    train(
        network,
        pool,
        replace(NOISY, steps=4),
        lambda fraction, message: fractions.append(fraction),
        lambda step, watched: steps.append((step, watched is network)),
    )
    assert steps == [(1, True), (2, True), (3, True), (4, True)]
    assert fractions == [0.25, 0.5, 0.75, 1.0]


def test_cancelling_ends_it(pool, network):
    def cancel(fraction, message):
        raise Cancelled

    with pytest.raises(Cancelled):
        train(network, pool, NOISY, cancel)


@pytest.mark.parametrize(
    ("change", "words"),
    [
        ({"frozen": "tail"}, "frozen must name parts among recurrent, dense, head, got 'tail'"),
        ({"frozen": "recurrent,dense,head"}, "frozen must leave a part to train"),
    ],
)
def test_parts_that_do_not_fit_are_refused(pool, network, change, words):
    with pytest.raises(ValueError, match=words):
        train(network, pool, replace(NOISY, **change))


def test_a_diverging_training_is_told(pool, network):
    with torch.no_grad():
        network.head.bias.fill_(float("inf"))
    with pytest.raises(ValueError, match="learning_rate must be so low"):
        train(network, pool, NOISY)


@pytest.mark.parametrize("steps", range(1, 13))
def test_any_number_of_steps_will_do(pool, network, steps):
    assert len(train(network, pool, replace(NOISY, steps=steps, batch=2))) == steps


def test_one_tissue_is_no_pool():
    with pytest.raises(ValueError, match="tissues must be at least 2, got 1"):
        make_pool(short_sequence(), 1, 0)


def test_a_range_of_snr_the_wrong_way_round_is_refused():
    with pytest.raises(ValueError, match=r"snr_high_db must be at least snr_low_db \(30\), got 20"):
        FingerprintTraining(snr_low_db=30, snr_high_db=20)
