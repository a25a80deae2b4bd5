from dataclasses import replace

import numpy as np
import pytest
import torch

from core.fingerprinting import mapping
from core.fingerprinting.epg import simulate
from core.fingerprinting.estimate import Estimate
from core.fingerprinting.mapping import MapSettings, check_method, map_series, methods
from core.fingerprinting.recipes import TrainingRequest, train_to_file
from core.fingerprinting.series import Series
from core.fingerprinting.tissues import draw_tissues
from core.fingerprinting.training import FingerprintTraining
from core.progress import Cancelled
from tests.core.fingerprinting.sequences import short_sequence

SMALL = MapSettings(n_atoms=4000, rank=48, device="cpu")
TISSUES = draw_tissues(4000, 0)[100:124]  # atoms of that dictionary


@pytest.fixture
def series():
    signals = simulate(short_sequence(), TISSUES).numpy().T.reshape(1, 48, 4, 6)
    signals = signals * np.float32(40) * np.exp(1j * 0.7).astype(np.complex64)
    mask = np.ones((1, 4, 6), bool)
    mask[0, 0, :3] = False
    return Series("test", signals.astype(np.complex64), short_sequence(), mask)


def test_maps_lie_where_the_mask_is(series):
    found = map_series(series, "dictionary", SMALL)
    truth = TISSUES.numpy().reshape(1, 4, 6, 3)
    t1 = found.maps.t1_ms
    assert t1.shape == (1, 4, 6)
    assert np.isnan(t1[0, 0, :3]).all()
    assert np.isnan(found.maps.pd[0, 0, :3]).all()
    assert t1[series.mask] == pytest.approx(truth[..., 0][series.mask], rel=1e-4)
    assert found.maps.pd[series.mask] == pytest.approx(40, rel=1e-3)
    assert found.label == "Dictionary, 4,000 atoms"
    assert found.seconds > 0


@pytest.mark.parametrize("unit", [1e-25, 1e-19, 1e30])
def test_units_of_the_series_change_the_proton_density_only(series, unit):
    usual = map_series(series, "dictionary", SMALL).maps
    scaled = replace(series, signals=series.signals * np.float32(unit))
    found = map_series(scaled, "dictionary", SMALL).maps
    for name in ("t1", "t2", "adc"):
        np.testing.assert_array_equal(found[name], usual[name])
    np.testing.assert_allclose(found.pd / np.float32(unit), usual.pd, rtol=1e-5)


def test_blocks_do_not_change_maps(series, monkeypatch):
    whole = map_series(series, "dictionary", SMALL).maps
    monkeypatch.setattr(mapping, "_VOXELS", 5)
    fractions = []
    blocks = map_series(series, "dictionary", SMALL, lambda f, m: fractions.append(f)).maps
    for name in ("t1", "t2", "adc", "pd"):
        np.testing.assert_allclose(blocks[name], whole[name], rtol=1e-5)
    assert fractions == sorted(fractions)


def test_a_network_of_a_file_maps(series, tmp_path):
    path = tmp_path / "own.safetensors"
    training = FingerprintTraining(signals="clean", steps=150, batch=256, learning_rate=5e-3)
    request = TrainingRequest(short_sequence(), training, "Own network", n_tissues=4000)
    train_to_file(request, path, torch.device("cpu"))
    found = map_series(series, f"net:{path}", SMALL)
    error = np.log(found.maps.t1_ms[series.mask] / TISSUES.numpy()[3:, 0])
    assert np.sqrt(np.mean(error**2)) < 0.4  # an even spread has 1.3
    assert found.label == "Own network (own.safetensors)"
    assert found.method == f"net:{path}"


def test_a_network_of_another_sequence_is_refused(series, tmp_path):
    path = tmp_path / "own.safetensors"
    training = FingerprintTraining(signals="clean", steps=1, batch=16)
    train_to_file(
        TrainingRequest(short_sequence(5), training, "Own", n_tissues=100),
        path,
        torch.device("cpu"),
    )
    with pytest.raises(ValueError, match=r"own.safetensors: the series must be of the sequence"):
        map_series(series, f"net:{path}", SMALL)


def test_matching_hears_a_cancellation_between_its_own_blocks(series, monkeypatch):
    monkeypatch.setattr("core.fingerprinting.matching.SIGNAL_BLOCK", 5)

    def cancel(fraction, message):
        if 0.3 < fraction < 1:
            raise Cancelled

    with pytest.raises(Cancelled):
        map_series(series, "dictionary", SMALL, cancel)


def test_values_at_the_ends_of_a_networks_range_are_remarked(series, tmp_path, monkeypatch):
    path = tmp_path / "own.safetensors"
    training = FingerprintTraining(signals="clean", steps=1, batch=16)
    request = TrainingRequest(short_sequence(), training, "Own", n_tissues=100)
    train_to_file(request, path, torch.device("cpu"))

    def estimate(network, signals):
        tissues = torch.tensor([[900.0, 80.0, 0.1]]).repeat(len(signals), 1)
        tissues[:2, 0] = 5000.0
        return Estimate(tissues, torch.ones(len(signals)))

    monkeypatch.setattr("core.fingerprinting.network.FingerprintNetwork.estimate", estimate)
    found = map_series(series, f"net:{path}", SMALL)
    assert found.remarks == (
        "at an end of the range that it learnt: T1 in 2, ADC in 21 of 21 voxels",
    )
    assert map_series(series, "dictionary", SMALL).remarks == ()


def test_methods_are_checked_beforehand():
    assert next(iter(methods())) == "dictionary"
    for method in methods():
        check_method(method)
    with pytest.raises(ValueError, match="method must be one of dictionary"):
        check_method("guess")
