"""Many tissues at once, hooks, devices and refusals."""

import pytest
import torch

from core.fingerprinting import epg
from core.fingerprinting.epg import simulate
from core.fingerprinting.sequence import FingerprintSequence, Preparation, Segment
from core.fingerprinting.tissues import draw_tissues
from core.progress import Cancelled
from tests.core.pretend_device import DEVICE, PretendDevice, moved

SEQUENCE = FingerprintSequence(
    "short",
    2.0,
    3.0,
    (
        Segment(Preparation("inversion", wait_ms=20), (20.0, 50.0, 30.0), (10.0, 12.0, 10.0), 9.0),
        Segment(Preparation("diffusion", 60, 500), (40.0, 60.0), (11.0, 11.0)),
    ),
)


@pytest.fixture
def tissues():
    return draw_tissues(23, seed=2).double()


@pytest.fixture
def b1():
    return torch.linspace(0.8, 1.2, 23, dtype=torch.float64)


@pytest.mark.parametrize("size", [1, 7, 22, 23, 24])
def test_blocks_of_any_size_give_the_same(monkeypatch, tissues, b1, size):
    expected = simulate(SEQUENCE, tissues, b1)
    monkeypatch.setattr(epg, "BLOCK", size)
    torch.testing.assert_close(simulate(SEQUENCE, tissues, b1), expected, rtol=1e-13, atol=1e-15)


def test_more_than_one_block_keeps_the_order():
    tissues = draw_tissues(epg.BLOCK + 5, seed=1)
    found = simulate(SEQUENCE, tissues, n_states=4)
    last = simulate(SEQUENCE, tissues[-8:], n_states=4)
    assert found.shape == (epg.BLOCK + 5, SEQUENCE.n_readouts)
    torch.testing.assert_close(found[-8:], last)


def test_every_tissue_has_its_own_b1(tissues, b1):
    turned = torch.arange(22, -1, -1)
    found = simulate(SEQUENCE, tissues[turned], b1[turned])
    expected = simulate(SEQUENCE, tissues, b1)[turned]
    torch.testing.assert_close(found, expected, rtol=1e-13, atol=1e-15)
    assert not torch.allclose(found, simulate(SEQUENCE, tissues[turned], b1), rtol=1e-3)


def test_b1_is_one_unless_stated(tissues, b1):
    expected = simulate(SEQUENCE, tissues, torch.ones_like(b1))
    assert torch.equal(simulate(SEQUENCE, tissues), expected)


def test_progress_goes_up_to_one(monkeypatch, tissues):
    monkeypatch.setattr(epg, "BLOCK", 8)
    fractions = []
    simulate(SEQUENCE, tissues, progress=lambda fraction, _: fractions.append(fraction))
    assert fractions == pytest.approx([1 / 3, 2 / 3, 1])


def test_it_can_be_cancelled(monkeypatch, tissues):
    monkeypatch.setattr(epg, "BLOCK", 8)
    calls = []

    def stop(fraction, message):
        calls.append(message)
        raise Cancelled

    with pytest.raises(Cancelled):
        simulate(SEQUENCE, tissues, progress=stop)
    assert calls == ["simulating signals"]


@pytest.mark.parametrize("dtype", [torch.float32, torch.float64])
def test_precision_is_that_of_the_tissues(tissues, b1, dtype):
    assert simulate(SEQUENCE, tissues.to(dtype)).dtype == dtype
    assert simulate(SEQUENCE, tissues.to(dtype), b1.to(dtype)).dtype == dtype


@pytest.mark.parametrize("with_b1", [False, True])
def test_signals_stay_on_the_device_of_the_tissues(tissues, b1, with_b1):
    expected = simulate(SEQUENCE, tissues, b1 if with_b1 else None)
    with PretendDevice():
        found = simulate(SEQUENCE, moved(tissues), moved(b1) if with_b1 else None)
        assert found.device == DEVICE
        found = found.cpu()
    assert torch.equal(found, expected)


def test_nothing_is_changed_in_place(tissues, b1):
    before = tissues.clone(), b1.clone()
    simulate(SEQUENCE, tissues, b1)
    assert torch.equal(tissues, before[0])
    assert torch.equal(b1, before[1])


GOOD = torch.tensor([(800.0, 70.0, 0.7), (1300.0, 90.0, 0.8)])


@pytest.mark.parametrize(
    ("tissues", "options", "message"),
    [
        (GOOD[0], {}, r"tissues must have shape (n, 3), got (3,)"),
        (GOOD[:, :2], {}, r"tissues must have shape (n, 3), got (2, 2)"),
        (GOOD[:0], {}, r"tissues must have shape (n, 3), got (0, 3)"),
        (GOOD * 0, {}, r"tissues must be above 0, got 0"),
        (GOOD - 100, {}, r"tissues must be above 0, got -99.3"),
        (GOOD * torch.nan, {}, r"tissues must be above 0, got nan"),
        (GOOD.long() + 1, {}, r"tissues must be floating-point numbers, got torch.int64"),
        (GOOD, {"b1": torch.ones(3)}, r"b1 must have shape (2,), got (3,)"),
        (GOOD, {"b1": torch.ones(2, 1)}, r"b1 must have shape (2,), got (2, 1)"),
        (GOOD, {"b1": torch.tensor(1.0)}, r"b1 must have shape (2,), got ()"),
        (GOOD, {"n_states": 1}, r"n_states must be at least 2, got 1"),
    ],
)
def test_what_is_refused(tissues, options, message):
    with pytest.raises(ValueError) as refusal:
        simulate(SEQUENCE, tissues, **options)
    assert str(refusal.value) == message
