import numpy as np
import pytest
import torch

from core.fingerprinting import matching
from core.fingerprinting.dictionary import DictionarySettings, build_dictionary
from core.fingerprinting.epg import simulate
from core.fingerprinting.matching import match
from core.fingerprinting.signals import phased, with_noise
from core.progress import Cancelled
from tests.core.fingerprinting.sequences import short_sequence


@pytest.fixture(scope="module")
def dictionary():
    return build_dictionary(short_sequence(), DictionarySettings(n_atoms=600, rank=48))


@pytest.fixture(scope="module")
def atoms(dictionary):
    return simulate(short_sequence(), dictionary.tissues)


def test_an_atom_is_matched_with_itself(dictionary, atoms):
    found = match(dictionary, 3.5 * atoms)
    # Tissues of short T2 whose diffusion cannot be seen have signals that differ by rounding only.
    unit = atoms / atoms.norm(dim=1, keepdim=True)
    product = unit @ unit.T
    product.fill_diagonal_(0)
    alone = product.max(dim=1).values < 1 - 1e-6
    assert alone.float().mean() > 0.7
    assert torch.equal(found.tissues[alone], dictionary.tissues[alone])
    assert found.pd.numpy() == pytest.approx(3.5, rel=1e-4)


def test_matching_is_the_plain_search(dictionary, atoms):
    noisy = with_noise(atoms[:100], 10.0, torch.Generator().manual_seed(1))
    d, s = atoms.double().numpy(), noisy.double().numpy()
    unit = d / np.linalg.norm(d, axis=1, keepdims=True)
    best = np.argmax(s @ unit.T, axis=1)
    pd = np.einsum("nt,nt->n", s, d[best]) / np.sum(d[best] ** 2, axis=1)
    found = match(dictionary, noisy)
    assert found.tissues.numpy() == pytest.approx(dictionary.tissues.numpy()[best])
    assert found.pd.numpy() == pytest.approx(pd, rel=1e-4)


@pytest.mark.parametrize(("n_signals", "n_atoms"), [(1, 1), (7, 64), (1000, 599), (33, 10_000)])
def test_blocks_do_not_change_what_is_found(dictionary, atoms, monkeypatch, n_signals, n_atoms):
    noisy = with_noise(atoms[:40], 5.0, torch.Generator().manual_seed(2))
    whole = match(dictionary, noisy)
    monkeypatch.setattr(matching, "SIGNAL_BLOCK", n_signals)
    monkeypatch.setattr(matching, "ATOM_BLOCK", n_atoms)
    found = match(dictionary, noisy)
    assert torch.equal(found.tissues, whole.tissues)
    assert torch.allclose(found.pd, whole.pd, rtol=1e-5)


def test_the_phase_of_a_voxel_does_not_matter(dictionary, atoms):
    turned = atoms[:50] * torch.polar(torch.tensor(1.0), torch.tensor(2.5))
    found = match(dictionary, phased(turned, dictionary.reference))
    assert torch.equal(found.tissues, match(dictionary, atoms[:50]).tissues)


def test_signals_of_another_length_are_refused(dictionary):
    with pytest.raises(ValueError, match=r"signals must have shape \(n, 48\), got \(2, 47\)"):
        match(dictionary, torch.ones(2, 47))


def test_cancelling_ends_it(dictionary, atoms):
    def cancel(fraction, message):
        raise Cancelled

    with pytest.raises(Cancelled):
        match(dictionary, atoms, cancel)
