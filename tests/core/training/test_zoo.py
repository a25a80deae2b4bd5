import dataclasses

import numpy as np
import pytest
import torch
from safetensors.torch import load_file

from core import checkpoints
from core.domains import DOMAINS, ImageGroup
from core.progress import Cancelled, no_progress
from core.training import resume, zoo
from core.training.batches import CropSampler
from core.training.settings import TRAIN_PRESETS, TrainSettings
from core.training.zoo import members
from core.training.zoo_training import ZooRequest, train_zoo

CPU = torch.device("cpu")
SCRATCH = TrainSettings(crop=32, batch=1, steps_per_subnetwork=1, end_to_end_steps=4)
RECIPE = zoo.Recipe(
    "tiny", SCRATCH, dataclasses.replace(SCRATCH, steps_per_subnetwork=0, end_to_end_steps=3)
)


def images(n, size=48):
    random = np.random.default_rng(n)
    return tuple(random.random((size, size), np.float32) for _ in range(n))


@pytest.fixture(autouse=True)
def noise_domain(monkeypatch):
    groups = (ImageGroup("noise", images(6)), ImageGroup("more", images(4)))
    entry = dataclasses.replace(DOMAINS["natural"], item=lambda _, __: groups)
    monkeypatch.setitem(DOMAINS._entries, "natural", entry)


def request_for(folder, *names, recipe=RECIPE, seed=1):
    return ZooRequest(members("single-coil", names), recipe, folder, folder, CPU, seed)


def stopping_after(n_reports):
    """Hook that cancels at its n-th report."""
    reports = []

    def listen(fraction, message):
        reports.append(message)
        if len(reports) == n_reports:
            raise Cancelled

    return listen


def same_weights(one, other):
    a, b = load_file(one), load_file(other)
    return a.keys() == b.keys() and all(torch.equal(a[name], b[name]) for name in a)


# --- which networks there are


def test_the_single_coil_zoo_is_three_domains_at_five_accelerations():
    found = members("single-coil")
    grid = {(m.domain, m.acceleration) for m in found if m.n_images is None}
    assert grid == {(d, r) for d in ("natural", "t1", "t2") for r in (2, 4, 6, 8, 10)}
    [small] = [m for m in found if m.n_images]
    assert small.name == "training-size/natural-500:4"
    assert small.file.as_posix() == "training-size/natural-500-r4.safetensors"


def test_the_cpu_recipe_starts_from_neighbours_and_the_gpu_recipe_from_nothing():
    [far] = members("single-coil", ["t2:10"])
    chain = zoo.with_parents([far], zoo.recipe("cpu"))
    assert [m.name for m in chain] == ["t2:4", "t2:6", "t2:8", "t2:10"]
    assert zoo.recipe("cpu").settings(chain[0], 0) == TRAIN_PRESETS["fast"]
    assert zoo.with_parents([far], zoo.recipe("gpu")) == (far,)


def test_the_gpu_recipe_is_the_papers_schedule():
    [member] = members("single-coil", ["natural:8"])
    settings = zoo.recipe("gpu").settings(member, 1)
    paper = TRAIN_PRESETS["paper"]
    for name in ("steps_per_subnetwork", "batch", "learning_rate", "schedule", "skip", "augment"):
        assert getattr(settings, name) == getattr(paper, name)
    assert (settings.acceleration, settings.crop) == (8.0, 256)


@pytest.mark.parametrize(
    ("ask", "message"),
    [
        (lambda: members("dual-coil"), "--zoo must be one of single-coil, got 'dual-coil'"),
        (lambda: members("single-coil", ["nature:4"]), "natural:4, natural:6.*got 'nature:4'"),
        (lambda: members("single-coil", ["natural:5"]), "got 'natural:5'"),
        (lambda: zoo.recipe("tpu"), "--recipe must be one of cpu, gpu, got 'tpu'"),
    ],
)
def test_unknown_names_are_refused_with_the_known(ask, message):
    with pytest.raises(ValueError, match=message):
        ask()


# --- making them


def test_a_member_brings_what_it_starts_from_and_says_so(tmp_path):
    messages = []
    paths = train_zoo(
        request_for(tmp_path, "natural:6"), lambda _, message: messages.append(message)
    )
    assert [path.name for path in paths] == ["natural-r4.safetensors", "natural-r6.safetensors"]
    trunk, branch = (checkpoints.read_info(path) for path in paths)
    assert trunk.config["provenance"]["started_from"] is None
    assert branch.config["provenance"]["started_from"] == {
        "name": "natural-r4",
        "sha256": checkpoints.file_hash(paths[0]),
    }
    assert (branch.acceleration, branch.domain, branch.tuned) == (6.0, "natural", False)
    assert not same_weights(*paths)
    assert not list(tmp_path.rglob(f"*{resume.SUFFIX}"))
    assert any(
        message.startswith("natural:6 (2 of 2), end to end, step 3/3") for message in messages
    )
    assert "left" in messages[-1]


@pytest.mark.parametrize("stops", [(4,), (2, 8, 3), (12, 2)])
def test_an_interrupted_zoo_goes_on_to_the_same_bits(tmp_path, stops):
    whole = train_zoo(request_for(tmp_path / "whole", "natural:6"), no_progress)
    asked = request_for(tmp_path / "parts", "natural:6")
    for n_reports in stops:
        with pytest.raises(Cancelled):
            train_zoo(asked, stopping_after(n_reports))
    parts = train_zoo(asked, no_progress)
    assert all(same_weights(a, b) for a, b in zip(whole, parts, strict=True))


@pytest.mark.parametrize("schedule", ["onecycle", "constant"])
def test_every_schedule_can_be_resumed(tmp_path, schedule):
    recipe = zoo.Recipe("", dataclasses.replace(SCRATCH, steps_per_subnetwork=0, schedule=schedule))
    [whole] = train_zoo(request_for(tmp_path / "a", "natural:4", recipe=recipe), no_progress)
    asked = request_for(tmp_path / "b", "natural:4", recipe=recipe)
    with pytest.raises(Cancelled):
        train_zoo(asked, stopping_after(4))
    assert same_weights(whole, *train_zoo(asked, no_progress))


def test_the_state_is_kept_as_time_passes(tmp_path, monkeypatch):
    """What a killed process leaves."""
    monkeypatch.setattr(resume, "SECONDS_BETWEEN_SAVES", 0.0)
    monkeypatch.setattr("core.training.stages.STEPS_BETWEEN_READINGS", 2)
    seen = []

    def listen(fraction, message):
        seen.extend(tmp_path.glob(f"*{resume.SUFFIX}"))

    train_zoo(request_for(tmp_path, "natural:4"), listen)
    assert seen


def test_what_is_there_is_kept(tmp_path):
    asked = request_for(tmp_path, "natural:4")
    [path] = train_zoo(asked, no_progress)
    before = path.stat().st_mtime_ns
    assert train_zoo(asked, stopping_after(1)) == (path,)
    assert path.stat().st_mtime_ns == before


def test_what_another_recipe_made_is_refused_and_kept(tmp_path):
    [path] = train_zoo(request_for(tmp_path, "natural:4"), no_progress)
    before = path.read_bytes()
    with pytest.raises(ValueError, match=r"natural-r4.* was made with seed 1, asked for is 2"):
        train_zoo(request_for(tmp_path, "natural:4", seed=2), no_progress)
    assert path.read_bytes() == before


def test_a_branch_of_another_trunk_is_refused(tmp_path):
    trunk, _ = train_zoo(request_for(tmp_path, "natural:6"), no_progress)
    trunk.unlink()
    with pytest.raises(ValueError, match=r"natural-r6.* was made with its parent's file"):
        train_zoo(request_for(tmp_path, "natural:6"), no_progress)


def test_the_state_of_another_training_is_refused(tmp_path):
    with pytest.raises(Cancelled):
        train_zoo(request_for(tmp_path, "natural:4"), stopping_after(5))
    with pytest.raises(ValueError, match=r"natural-r4.training: the unfinished training there has"):
        train_zoo(request_for(tmp_path, "natural:4", seed=2), no_progress)


def test_a_damaged_state_is_refused_by_name(tmp_path):
    (tmp_path / "natural-r4.training").write_bytes(b"nothing")
    with pytest.raises(ValueError, match=r"natural-r4\.training: must hold the state of"):
        train_zoo(request_for(tmp_path, "natural:4"), no_progress)


def test_fewer_images_are_the_first_ones(tmp_path, monkeypatch):
    seen = []

    def spy(groups, settings, device):
        seen.append({group.name: len(group.images) for group in groups})
        return CropSampler(groups, settings, device)

    monkeypatch.setattr("core.training.kinds.CropSampler", spy)
    member = zoo.Member("natural", 4, n_images=7)
    [path] = train_zoo(ZooRequest((member,), RECIPE, tmp_path, tmp_path, CPU), no_progress)
    assert seen == [{"noise": 6, "more": 1}]
    info = checkpoints.read_info(path)
    assert path.relative_to(tmp_path).as_posix() == "training-size/natural-7-r4.safetensors"
    assert info.config["provenance"]["first_images"] == 7
    assert info.label == "Network (Natural images, 7 of them)"
    member = zoo.Member("natural", 4, n_images=11)
    with pytest.raises(ValueError, match="training on 11 images needs that many, got 10"):
        train_zoo(ZooRequest((member,), RECIPE, tmp_path, tmp_path, CPU), no_progress)


def test_a_checkpoint_tells_the_recipe_that_made_it(tmp_path, monkeypatch):
    monkeypatch.setitem(zoo.RECIPES, "tiny", RECIPE)
    for path in train_zoo(request_for(tmp_path, "natural:6"), no_progress):
        assert zoo.made_by(checkpoints.read_info(path)) == "tiny"
    monkeypatch.delitem(zoo.RECIPES, "tiny")
    assert zoo.made_by(checkpoints.read_info(path)) is None
