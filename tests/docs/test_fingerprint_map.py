"""What the results page says of the maps of a slice, from errors that are known."""

import importlib
import json
from pathlib import Path

import numpy as np
import pytest

from core.fingerprinting.mapping import methods
from core.fingerprinting.sequence import FingerprintSequence, Preparation, Segment
from core.fingerprinting.series import Mapped, Maps, Series, Truth

SCRIPTS = Path(__file__).parents[2] / "docs" / "results"
NAMES = ("t1", "t2", "adc", "pd")


@pytest.fixture
def script(monkeypatch):
    """The script's module; scripts find each other by their own folder."""
    monkeypatch.syspath_prepend(str(SCRIPTS))
    return importlib.import_module("fingerprint_map")


def mapped(method, label, factor):
    """Maps of four voxels, one of them outside the brain, that are off by a factor."""
    preparation = Preparation("inversion", wait_ms=20)
    sequence = FingerprintSequence("s", 2.0, 0.0, (Segment(preparation, (9.0,), (9.0,)),))
    true = np.array([[[100.0, 200.0], [300.0, 400.0]]], np.float32)
    labels = np.array([[[2, 2], [3, 14]]], np.uint8)
    truth = Truth(Maps(true, true, true, true), labels)
    signals = np.ones((1, 1, 2, 2), np.complex64)
    series = Series("x", signals, sequence, np.ones((1, 2, 2), bool), truth=truth)
    found = true * np.float32(factor)
    found[labels == 14] = 0
    return Mapped(series, method, label, Maps(found, found, found, found), 1.0)


def test_errors_are_those_of_the_brain_in_units_and_in_percent(script):
    found = script.errors(mapped("dictionary", "Dictionary", 1.1))["t1"]
    assert found["bias"] == pytest.approx(20, rel=1e-5)
    assert found["rmse"] == pytest.approx(np.sqrt((10**2 + 20**2 + 30**2) / 3), rel=1e-5)
    assert found["bias_percent"] == pytest.approx(10, rel=1e-5)
    assert found["rmse_percent"] == pytest.approx(10, rel=1e-5)


def document(script):
    results = [mapped("dictionary", "Dictionary", 0.8), mapped("net:transferred", "Network", 1.1)]
    series = script.accuracy(results[0].series, results)
    times = {
        "dictionary": {"seconds": [9.0, 6.0, 8.0], "preparation_seconds": 5.0},
        "net:transferred": {"seconds": [0.5, 0.25, 0.3], "preparation_seconds": 0.1},
    }
    timing = {"n_voxels": 4, "n_threads": 2, "n_processors": 2, "methods": times}
    return {"series": dict.fromkeys(script.SERIES, series), "timing": timing}


def test_the_section_tells_errors_times_and_the_best(script, tmp_path, monkeypatch):
    monkeypatch.setattr(script, "FILE", tmp_path / "map.json")
    assert script.section(script.FILE) == ""
    found = document(script)
    (tmp_path / "map.json").write_text(json.dumps(found))
    text = script.section(script.FILE)
    assert "| Network | 21.6 (+20.0); 10.0 % (+10.0 %) |" in text
    assert "Fully sampled: 3 voxels of brain, SNR 30 dB" in text
    assert "Undersampled, R = 8, images in a subspace of rank 15: 3 voxels" in text
    assert "T1: Network; T2: Network; ADC: Network; PD: Network." in text
    assert "| Dictionary | 6.00 s | 24.0 | 5.0 s |" in text
    assert "| Network | 0.25 s | 1.0 | 0.1 s |" in text
    (tmp_path / "map.json").write_text(json.dumps({**found, "timing": None}))
    assert "0.25 s" not in script.section(script.FILE)


def test_what_is_kept_is_of_the_shipped_methods(script):
    found = json.loads(script.FILE.read_text())
    for kind in script.SERIES:
        result = found["series"][kind]
        assert list(result["methods"]) == list(methods())
        assert result["n_brain"] < result["n_voxels"] < 256 * 256
        for method in result["methods"].values():
            assert set(method["errors"]) == set(NAMES)
