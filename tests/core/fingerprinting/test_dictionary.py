import numpy as np
import pytest
import torch

from core.fingerprinting import dictionary as dictionaries
from core.fingerprinting.dictionary import (
    DictionarySettings,
    build_dictionary,
    dictionary_of,
    singular_vectors,
)
from core.fingerprinting.epg import simulate
from core.fingerprinting.signals import normalised
from core.fingerprinting.tissues import draw_tissues
from core.progress import Cancelled
from tests.core.fingerprinting.sequences import short_sequence

CPU = torch.device("cpu")


@pytest.fixture(scope="module")
def sequence():
    return short_sequence()


def test_singular_vectors_are_numpys(sequence):
    tissues = draw_tissues(300, 1)
    basis, reference = singular_vectors(sequence, tissues, 6)
    signals = normalised(simulate(sequence, tissues))[0].double().numpy()
    vectors = np.linalg.svd(signals, full_matrices=False)[2][:6]
    overlap = np.abs(vectors @ basis.double().numpy())
    assert overlap == pytest.approx(np.eye(6), abs=1e-3)
    assert reference.numpy() == pytest.approx(signals.mean(0), abs=1e-6)


def test_compression_keeps_almost_all(sequence):
    built = build_dictionary(sequence, DictionarySettings(n_atoms=500, rank=16))
    whole = simulate(sequence, built.tissues)
    back = built.atoms * built.scales[:, None] @ built.basis.T
    assert float((back - whole).norm() / whole.norm()) < 1e-3
    assert built.atoms.norm(dim=1).numpy() == pytest.approx(1.0, abs=1e-5)


def test_rank_above_the_readouts_compresses_nothing(sequence):
    built = build_dictionary(sequence, DictionarySettings(n_atoms=300, rank=5000))
    whole = simulate(sequence, built.tissues)
    assert built.basis.shape == (48, 48)
    assert built.scales.numpy() == pytest.approx(whole.norm(dim=1).numpy(), rel=1e-5)


def test_blocks_do_not_change_a_dictionary(sequence, monkeypatch):
    settings = DictionarySettings(n_atoms=300, rank=8)
    whole = build_dictionary(sequence, settings)
    monkeypatch.setattr(dictionaries, "_BLOCK", 70)
    assert torch.allclose(build_dictionary(sequence, settings).atoms, whole.atoms, atol=1e-6)


def test_the_last_dictionary_is_remembered(sequence):
    settings = DictionarySettings(n_atoms=120, rank=4, seed=11)
    calls = []
    first = dictionary_of(sequence, settings, CPU, lambda f, m: calls.append(f))
    n = len(calls)
    assert n > 0
    assert dictionary_of(sequence, settings, CPU, lambda f, m: calls.append(f)) is first
    assert len(calls) == n


def test_a_cancelled_dictionary_is_not_remembered(sequence):
    settings = DictionarySettings(n_atoms=120, rank=4, seed=12)

    def cancel(fraction, message):
        raise Cancelled

    with pytest.raises(Cancelled):
        dictionary_of(sequence, settings, CPU, cancel)
    assert len(dictionary_of(sequence, settings, CPU).atoms) == 120


@pytest.mark.parametrize(
    ("change", "words"),
    [({"n_atoms": 5}, "n_atoms must be at least 100, got 5"), ({"rank": 0}, "rank must be")],
)
def test_settings_out_of_range_are_refused(change, words):
    with pytest.raises(ValueError, match=words):
        DictionarySettings(**change)
