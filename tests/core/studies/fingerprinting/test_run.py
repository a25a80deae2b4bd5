import json
from dataclasses import replace
from threading import Event

import numpy as np
import pytest
import torch

from core.fingerprinting.cards import read_card
from core.fingerprinting.sequence_file import find
from core.fingerprinting.weights import read_network
from core.progress import Cancelled
from core.studies.fingerprinting.cells import cells_of
from core.studies.fingerprinting.report import found_in, write_fingerprint_report
from core.studies.fingerprinting.result import read_result
from core.studies.fingerprinting.reuse import take_over
from core.studies.fingerprinting.run import chains_of, run_fingerprint_study
from core.studies.fingerprinting.spec import (
    DictionaryPlan,
    EvaluationPlan,
    FingerprintStudy,
    TrainingPlan,
)
from core.studies.fingerprinting.store import begin, opened
from core.studies.store import read_plan


@pytest.fixture(scope="module")
def study():
    return FingerprintStudy(
        "tiny",
        find(),
        (0, 1),
        TrainingPlan(steps_clean=4, steps_noisy=6, pool=200, batch=16, variants=((),)),
        EvaluationPlan(
            snr_db=(10.0, 60.0),
            n_tissues=8,
            n_noise=4,
            n_noise_brain=3,
            n_validation=10,
            checkpoints=(0.0, 0.5, 1.0),
        ),
        DictionaryPlan(n_atoms=200, rank=10, n_noise=3),
    )


@pytest.fixture(scope="module")
def whole(study, tmp_path_factory):
    """The study, run without a break."""
    folder = tmp_path_factory.mktemp("whole") / "out"
    return run_fingerprint_study(study, folder, "cpu")


def same(a, b) -> bool:
    """Whether two results hold the same numbers, times apart."""
    return (
        np.array_equal(a.moments.mean, b.moments.mean)
        and np.array_equal(a.moments.variance, b.moments.variance)
        and np.array_equal(a.brain.sd, b.brain.sd)
        and a.learning.losses == b.learning.losses
    )


def test_every_cell_is_done_and_can_be_read_back(study, whole):
    results = whole.results()
    assert tuple(results) == cells_of(study)
    assert whole.missing() == ()
    for cell, result in results.items():
        assert result.moments.mean.shape == (2, 8, 3)
        assert result.moments.n_noise == (3 if cell.training is None else 4)
        assert np.isfinite(result.moments.mse).all()
    assert opened(whole.folder).study == study


def test_losses_while_learning_are_of_noisy_training_only(whole):
    learning = {cell.name: result.learning for cell, result in whole.results().items()}
    assert learning["clean-seed0"].steps == ()
    assert learning["dictionary"].steps == ()
    assert learning["noisy-seed0"].steps == (0, 3, 6)
    assert learning["noisy-total-seed0"].steps == (0, 5, 10)
    # Networks of a seed begin alike; a transferred one begins elsewhere, wherever it is frozen.
    first = {name: each.losses[0] for name, each in learning.items() if each.steps}
    assert first["noisy-seed0"] == first["noisy-total-seed0"]
    assert first["transferred-seed0"] == first["transferred-none-seed0"]
    assert len({first[f"{name}-seed{s}"] for name in ("noisy", "transferred") for s in (0, 1)}) == 4


def test_frozen_parts_are_the_clean_networks_bit_by_bit(whole):
    def weights(name):
        return read_network(whole.checkpoint(name)).state_dict()

    clean, kept, free = map(weights, ("clean-seed0", "transferred-seed0", "transferred-none-seed0"))
    assert torch.equal(kept["head.weight"], clean["head.weight"])
    assert not torch.equal(free["head.weight"], clean["head.weight"])
    assert not torch.equal(kept["dense.weight"], clean["dense.weight"])
    assert not torch.equal(weights("clean-seed1")["head.weight"], clean["head.weight"])


def test_networks_say_how_they_came_to_be(study, whole):
    card = read_card(whole.checkpoint("transferred-seed1"))
    assert card.sequence_key == study.sequence.key
    clean, noisy = card.document["provenance"]["stages"]
    assert (clean["signals"], clean["steps"], clean["seed"]) == ("clean", 4, 1)
    assert (noisy["signals"], noisy["steps"], noisy["frozen"]) == ("noisy", 6, "head")


def test_an_interrupted_study_goes_on_to_the_same_end(study, whole, tmp_path):
    enough, stopped = Event(), Event()

    def stop(_fraction: float, _message: str) -> None:
        if enough.is_set():
            stopped.set()
            raise Cancelled

    def wait_for_the_stop(done) -> None:
        """The cells are so small that all could be done before the hook is called again."""
        if done.n_done >= 3:
            enough.set()
            assert stopped.wait(60)

    with pytest.raises(Cancelled):
        run_fingerprint_study(study, tmp_path, "cpu", stop, wait_for_the_stop)
    left = {cell.name for cell in opened(tmp_path).missing()}
    assert 0 < len(left) < len(cells_of(study))
    done = []
    store = run_fingerprint_study(study, tmp_path, "cpu", publish=done.append)
    assert {each.cell.name for each in done} == left
    assert done[-1].n_done == done[-1].n_cells == len(cells_of(study))
    found = store.results()
    for cell, result in whole.results().items():
        assert same(result, found[cell])
    run_fingerprint_study(study, tmp_path, "cpu", publish=pytest.fail)


def test_a_lost_network_is_trained_again(study, whole, tmp_path):
    import shutil

    shutil.copytree(whole.folder, tmp_path / "copy")
    store = opened(tmp_path / "copy")
    store.checkpoint("noisy-seed1").unlink()
    assert [cell.name for cell in store.missing()] == ["noisy-seed1"]


def test_refuses_the_folder_of_another_study(study, whole):
    other = replace(study, training=replace(study.training, batch=8))
    with pytest.raises(ValueError, match="its settings differ"):
        run_fingerprint_study(other, whole.folder, "cpu")
    with pytest.raises(ValueError, match=r"holds another study .name 'tiny'"):
        run_fingerprint_study(replace(study, name="huge"), whole.folder, "cpu")


def test_folders_of_other_kinds_of_study_are_told_apart(whole, tmp_path):
    with pytest.raises(ValueError, match=r"must be a noise study's folder, found no study\.json"):
        opened(tmp_path)
    with pytest.raises(
        ValueError, match="as tlmri wrote it for a study, got: format fingerprinting"
    ):
        read_plan(whole.folder)
    (tmp_path / "study.json").write_text(json.dumps({"format": 1, "name": "x"}))
    with pytest.raises(ValueError, match="as tlmri wrote it for a noise study, got: format 1"):
        opened(tmp_path)
    (tmp_path / "study.json").write_bytes((whole.folder / "study.json").read_bytes())
    with pytest.raises(ValueError, match="must have done at least one cell, got none"):
        found_in(opened(tmp_path))


def test_a_damaged_result_is_named(tmp_path):
    (tmp_path / "x.npz").write_bytes(b"PK broken")
    with pytest.raises(ValueError, match=r"x\.npz: must be as tlmri wrote it"):
        read_result(tmp_path / "x.npz")


def test_seeds_run_apart_and_parents_first(study):
    chains = chains_of(cells_of(study))
    assert [chain[0].name for chain in chains] == ["dictionary", "clean-seed0", "clean-seed1"]
    assert all(len({cell.seed for cell in chain}) == 1 for chain in chains)


def test_the_report_is_made_of_the_folder_alone(study, whole, monkeypatch):
    monkeypatch.setattr("core.figure_file.DPI", 40)
    written = write_fingerprint_report(whole.folder)
    assert all(path.stat().st_size > 0 for path in written)
    names = {path.name for path in written}
    assert names >= {"cells.csv", "scores.csv", "tissues.csv", "comparison.csv", "convergence.csv"}
    page = (whole.folder / "report.md").read_text(encoding="utf-8")
    assert "After the same 6 steps of noisy training" in page
    assert "nothing frozen" in page
    losses = [result.learning.losses for cell, result in whole.results().items() if cell.parent]
    mean = np.mean([losses[0][-1], losses[2][-1]])
    assert f"; {mean:.3g} and " in page
    assert " after 6 noisy steps." in page
    assert "nan" not in page.lower()
    for name in ("errors", "errors-long-t2", "tissues", "ratios", "convergence"):
        assert f"({name}.png)" in page
        assert {f"{name}.png", f"{name}.pdf"} <= names
    rows = (whole.folder / "cells.csv").read_text().splitlines()
    assert len(rows) == 1 + len(cells_of(study))


def changed(study, **training):
    return replace(study, name="other", training=replace(study.training, **training))


def test_cells_of_another_study_are_taken_over_where_they_are_the_same(study, whole, tmp_path):
    shorter = changed(study, steps_noisy=3)
    store = run_fingerprint_study(shorter, tmp_path / "out", "cpu", reuse=[whole.folder])
    here, there = store.results(), whole.results()
    kept = {cell.name for cell in here if cell in there and same(here[cell], there[cell])}
    assert kept == {"dictionary", "clean-seed0", "clean-seed1"}
    network = store.checkpoint("clean-seed1")
    assert network.read_bytes() == whole.checkpoint("clean-seed1").read_bytes()
    assert store.missing() == ()


@pytest.mark.parametrize(
    ("change", "n_taken"),
    [
        (lambda study: changed(study), 11),
        # A transfer from a parent that was trained otherwise is another network.
        (lambda study: changed(study, steps_clean=5), 3),
        (lambda study: changed(study, pool=300), 0),
        (lambda study: replace(study, evaluation=replace(study.evaluation, n_tissues=9)), 0),
        (lambda study: replace(study, dictionary=replace(study.dictionary, rank=9)), 10),
    ],
)
def test_only_the_same_cells_are_taken_over(study, whole, tmp_path, change, n_taken):
    store = begin(tmp_path, change(study))
    assert take_over(store, whole.folder) == n_taken
    assert len(store.missing()) == len(store.cells) - n_taken


def test_cells_of_other_versions_are_refused(study, whole, tmp_path, monkeypatch):
    """As the folder of a study of other versions is: the same settings give other numbers there."""
    store = begin(tmp_path / "this", changed(study))
    for module in ("core.studies.store", "core.studies.fingerprinting.store"):
        monkeypatch.setattr(f"{module}.all_versions", lambda: {"tlmri": "9", "torch": "8"})
    with pytest.raises(ValueError, match=r"versions that run here.*'9'.*got .*tlmri") as refused:
        take_over(store, whole.folder)
    assert "\n" not in str(refused.value)
    assert store.missing() == store.cells
    with pytest.raises(ValueError, match=r"holds another study .versions"):
        begin(tmp_path / "this", changed(study))


def test_only_finished_cells_are_taken_over(study, tmp_path):
    begin(tmp_path / "other", study)
    assert take_over(begin(tmp_path / "this", study), tmp_path / "other") == 0
    with pytest.raises(ValueError, match="must be a noise study's folder"):
        take_over(begin(tmp_path / "this", study), tmp_path)
