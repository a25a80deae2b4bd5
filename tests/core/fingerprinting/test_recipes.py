import json
from dataclasses import replace

import pytest
import torch

from core.checkpoints import KEY, file_hash
from core.fingerprinting import cards, recipes
from core.fingerprinting.cards import read_card
from core.fingerprinting.recipes import TrainingRequest, train_shipped, train_to_file
from core.fingerprinting.training import FingerprintTraining
from core.fingerprinting.weights import load_network, read_network
from core.progress import Cancelled
from tests.core.fingerprinting.sequences import short_sequence

CPU = torch.device("cpu")
QUICK = FingerprintTraining(signals="clean", steps=2, batch=16)


@pytest.fixture
def clean(tmp_path):
    path = tmp_path / "clean.safetensors"
    train_to_file(TrainingRequest(short_sequence(), QUICK, "Clean", n_tissues=200), path, CPU)
    return path


def test_a_file_says_how_its_network_came_to_be(clean):
    card = read_card(clean)
    assert card.label == "Clean"
    assert card.sequence_key == short_sequence().key
    assert card.method == f"net:{clean}"
    (done,) = card.document["provenance"]["stages"]
    assert (done["signals"], done["steps"], done["n_tissues"]) == ("clean", 2, 200)
    assert done["device"] == "cpu"


def test_a_transfer_starts_from_its_parent(clean, tmp_path):
    path = tmp_path / "transferred.safetensors"
    training = replace(QUICK, signals="noisy", frozen="head")
    request = TrainingRequest(short_sequence(), training, "Transferred", clean, n_tissues=200)
    train_to_file(request, path, CPU)
    first, then = read_card(path).document["provenance"]["stages"]
    assert first["file"] == {"name": "clean", "sha256": file_hash(clean)}
    assert then["frozen"] == "head"
    parent, child = read_network(clean), read_network(path)
    assert torch.equal(parent.head.weight, child.head.weight)
    assert torch.equal(parent.reference, child.reference)
    assert not torch.equal(parent.dense.weight, child.dense.weight)


def test_a_parent_of_another_sequence_is_refused(clean, tmp_path):
    request = TrainingRequest(short_sequence(5), QUICK, "Other", clean)
    with pytest.raises(ValueError, match=r"clean.safetensors: must be trained for the sequence"):
        train_to_file(request, tmp_path / "x.safetensors", CPU)


def test_interrupted_it_leaves_nothing(tmp_path):
    def cancel(fraction, message):
        if message.startswith("step"):
            raise Cancelled

    request = TrainingRequest(short_sequence(), QUICK, "Clean", n_tissues=200)
    with pytest.raises(Cancelled):
        train_to_file(request, tmp_path / "x.safetensors", CPU, cancel)
    assert list(tmp_path.iterdir()) == []


def test_all_shipped_networks_are_made_and_what_is_there_is_kept(tmp_path, monkeypatch):
    for name in ("CLEAN_TRAINING", "NOISY_TRAINING", "TRANSFER"):
        quick = replace(getattr(recipes, name), steps=2, batch=16)
        monkeypatch.setattr(recipes, name, quick)
    paths = train_shipped(tmp_path, short_sequence(), CPU, n_tissues=200)
    assert [path.stem for path in paths] == list(cards.SHIPPED)
    before = {path: file_hash(path) for path in paths}
    paths[1].unlink()
    said = []
    train_shipped(tmp_path, short_sequence(), CPU, n_tissues=200, say=said.append)
    assert said == [paths[1]]
    assert file_hash(paths[0]) == before[paths[0]]
    labels = [read_card(path).label for path in paths]
    assert labels == [recipes.CLEAN_LABEL, recipes.NOISY_LABEL, recipes.TRANSFERRED_LABEL]


@pytest.mark.parametrize(
    ("sequence", "seed", "words"),
    [(short_sequence(5), 0, "the sequence short"), (short_sequence(), 3, "seed 3")],
)
def test_networks_of_something_else_are_not_passed_off_as_shipped(clean, sequence, seed, words):
    with pytest.raises(ValueError, match=f"clean.safetensors: must be of {words}"):
        train_shipped(clean.parent, sequence, CPU, seed)


def test_a_loaded_network_is_remembered_until_its_file_changes(clean):
    card = read_card(clean)
    first = load_network(card, CPU)
    assert load_network(card, CPU) is first
    request = TrainingRequest(short_sequence(), replace(QUICK, seed=5), "Clean", n_tissues=200)
    train_to_file(request, clean, CPU)
    assert load_network(card, CPU) is not first


def test_damaged_and_foreign_files_are_refused_in_one_line(clean, tmp_path):
    damaged = tmp_path / "damaged.safetensors"
    damaged.write_bytes(clean.read_bytes()[:40])
    with pytest.raises(ValueError, match=r"damaged.safetensors: must be a safetensors file"):
        read_card(damaged)
    with pytest.raises(ValueError, match=r"none.safetensors: there is no such network file"):
        read_card(tmp_path / "none.safetensors")
    from safetensors.torch import save_file

    other = tmp_path / "other.safetensors"
    save_file({"a": torch.ones(1)}, other, {KEY: json.dumps({"architecture": "unet"})})
    with pytest.raises(ValueError, match=r"must be a fingerprinting network .*, got 'unet'"):
        read_card(other)
    document = read_card(clean).document
    save_file({"a": torch.ones(1)}, other, {KEY: json.dumps(document)})
    with pytest.raises(ValueError, match=r"other.safetensors: its weights must fit"):
        read_network(other)
    save_file({"a": torch.ones(1)}, other, {KEY: json.dumps({**document, "task": {}})})
    with pytest.raises(ValueError, match=r"its description must hold 'sequence', got none"):
        read_card(other)


def test_unknown_names_are_refused():
    with pytest.raises(ValueError, match=r"network must be one of clean, .*, got 'dirty'"):
        cards.find("dirty")
