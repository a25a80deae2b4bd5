"""The networks that come with tlmri: whole, described, and of the signals as they are computed."""

import pytest
import torch

from core.checkpoints import file_hash
from core.fingerprinting import cards
from core.fingerprinting.dictionary import DictionarySettings, build_dictionary
from core.fingerprinting.epg import simulate
from core.fingerprinting.matching import match
from core.fingerprinting.sequence_file import find
from core.fingerprinting.signals import with_noise
from core.fingerprinting.weights import read_network
from core.phantom import TISSUES, Label

BRAIN = (Label.WHITE_MATTER, Label.GREY_MATTER, Label.THALAMUS, Label.LESION, Label.CSF)
N_NOISE = 200


@pytest.fixture(scope="module")
def tissues():
    rows = [(TISSUES[i].t1_ms, TISSUES[i].t2_ms, TISSUES[i].adc_um2_per_ms) for i in BRAIN]
    return torch.tensor(rows).repeat_interleave(N_NOISE, 0)


def rms_errors(estimate, tissues):
    """Of ln(estimate / truth) over the brain's tissues, for T1, T2 and ADC."""
    return (estimate.tissues / tissues).log().square().mean(0).sqrt()


def noisy(tissues, snr_db):
    return with_noise(simulate(find(), tissues), snr_db, torch.Generator().manual_seed(4))


def test_all_three_come_with_cards_of_their_own():
    found = cards.shipped()
    assert tuple(card.path.stem for card in found) == cards.SHIPPED
    for card in found:
        assert card.sequence_key == find().key
        text = card.path.with_suffix(".md").read_text(encoding="utf-8")
        assert f"SHA-256 `{file_hash(card.path)}`" in text


def test_the_transferred_one_kept_the_clean_ones_head():
    clean, transferred = (cards.find(name) for name in ("clean", "transferred"))
    first, last = transferred.document["provenance"]["stages"]
    assert first["file"]["sha256"] == file_hash(clean.path)
    assert last["frozen"] == "head"
    ours, theirs = read_network(transferred.path), read_network(clean.path)
    assert torch.equal(ours.head.weight, theirs.head.weight)
    assert not torch.equal(ours.dense.weight, theirs.dense.weight)


@pytest.mark.parametrize("name", ["noisy", "transferred"])
def test_networks_of_noise_beat_a_small_dictionary_in_the_brain(name, tissues):
    """A change of the signals that these were not trained for would show here."""
    signals = noisy(tissues, 30.0)
    found = rms_errors(read_network(cards.find(name).path).estimate(signals), tissues)
    matched = match(build_dictionary(find(), DictionarySettings(n_atoms=20_000)), signals)
    assert (found < 0.08).all()
    assert (found[1:] < rms_errors(matched, tissues)[1:]).all()


def test_the_clean_one_bears_noise_worse(tissues):
    signals = noisy(tissues, 15.0)
    clean, transferred = (
        rms_errors(read_network(cards.find(name).path).estimate(signals), tissues)
        for name in ("clean", "transferred")
    )
    assert (transferred < 0.7 * clean).all()
