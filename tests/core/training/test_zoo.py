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
from core.training.coil_settings import CoilSettings
from core.training.kinds import multi_coil
from core.training.settings import TRAIN_PRESETS, TrainSettings
from core.training.zoo import Making, members
from core.training.zoo_training import ZooRequest, train_zoo

CPU = torch.device("cpu")
SCRATCH = TrainSettings(crop=32, batch=1, steps_per_subnetwork=1, end_to_end_steps=4)
RECIPE = zoo.Recipe(
    "tiny", SCRATCH, dataclasses.replace(SCRATCH, steps_per_subnetwork=0, end_to_end_steps=3)
)
COILS = zoo.Recipe(
    "tiny, of all coils",
    dataclasses.replace(
        SCRATCH, crop=48, steps_per_subnetwork=0, end_to_end_steps=3, end_to_end_rate=1e-5
    ),
    kind=multi_coil(CoilSettings(n_coils=3, n_samples=2)),
    base="single-coil",
)


def images(n, size=48):
    random = np.random.default_rng(n)
    return tuple(random.random((size, size), np.float32) for _ in range(n))


@pytest.fixture(autouse=True)
def noise_domain(monkeypatch):
    monkeypatch.setattr("core.training.coil_pool.N_RINGS", 1)
    groups = (ImageGroup("noise", images(6)), ImageGroup("more", images(4)))
    entry = dataclasses.replace(DOMAINS["natural"], item=lambda _, __: groups)
    monkeypatch.setitem(DOMAINS._entries, "natural", entry)


def request_for(folder, *names, recipe=RECIPE, seed=1, kind="single-coil"):
    return ZooRequest(members(kind, names), recipe, folder, folder, CPU, seed)


def coils_request(folder, recipe=COILS):
    return request_for(folder, "natural:6", recipe=recipe, kind="multi-coil")


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
    chain = zoo.with_parents([far], zoo.recipe("single-coil", "cpu"))
    assert [m.name for m in chain] == ["t2:4", "t2:6", "t2:8", "t2:10"]
    assert zoo.recipe("single-coil", "cpu").settings(chain[0], 0) == TRAIN_PRESETS["fast"]
    assert zoo.with_parents([far], zoo.recipe("single-coil", "gpu")) == (far,)


def test_the_multi_coil_zoo_is_two_domains_at_five_accelerations():
    found = members("multi-coil")
    grid = {(m.domain, m.acceleration) for m in found}
    assert grid == {(d, r) for d in ("natural", "t1") for r in (2, 4, 6, 8, 10)}
    assert len(found) == 10
    [one] = members("multi-coil", ["t1:10"])
    assert one.file.as_posix() == "t1-multi-r10.safetensors"


@pytest.mark.parametrize(("name", "n_images"), [("single-coil", 4000), ("multi-coil", 2000)])
def test_the_gpu_recipe_is_the_papers_schedule(name, n_images):
    [member] = members(name, ["natural:8"])
    recipe = zoo.recipe(name, "gpu")
    settings = recipe.settings(member, 1)
    paper = TRAIN_PRESETS["paper"]
    for setting in ("batch", "learning_rate", "schedule", "skip", "augment"):
        assert getattr(settings, setting) == getattr(paper, setting)
    assert settings.steps_per_subnetwork * settings.batch == 20 * n_images
    assert (settings.acceleration, settings.crop) == (8.0, 256)
    assert recipe.shipped(member) is None


def test_the_cpu_recipe_for_all_coils_starts_from_the_shipped_network_of_the_same_r():
    recipe = zoo.recipe("multi-coil", "cpu")
    for member in members("multi-coil"):
        assert zoo.with_parents([member], recipe) == (member,)
        info = checkpoints.read_info(recipe.shipped(member))
        start = (info.domain, info.acceleration, info.coils)
        assert start == (member.domain, member.acceleration, "single")


@pytest.mark.parametrize(
    ("ask", "message"),
    [
        (
            lambda: members("dual-coil"),
            "--zoo must be one of single-coil, multi-coil, unet, got 'dual-coil'",
        ),
        (lambda: members("single-coil", ["nature:4"]), "natural:4, natural:6.*got 'nature:4'"),
        (lambda: members("single-coil", ["natural:5"]), "got 'natural:5'"),
        (lambda: members("multi-coil", ["t2:4"]), "natural:4, natural:6.*got 't2:4'"),
        (lambda: zoo.recipe("multi-coil", "tpu"), "--recipe must be one of cpu, gpu, got 'tpu'"),
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

    def spy(groups, *others):
        seen.append({group.name: len(group.images) for group in groups})
        return CropSampler(groups, *others)

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
    recipes = zoo.ZOOS["single-coil"].recipes
    monkeypatch.setitem(recipes, "tiny", RECIPE)
    for path in train_zoo(request_for(tmp_path, "natural:6"), no_progress):
        member = f"natural:{path.stem[-1]}"
        made = zoo.made_by(checkpoints.read_info(path))
        assert made == Making("single-coil", "tiny", member)
    monkeypatch.delitem(recipes, "tiny")
    assert zoo.made_by(checkpoints.read_info(path)) is None


# --- networks of all coils


def test_a_network_of_all_coils_starts_from_the_shipped_one_and_says_so(tmp_path, monkeypatch):
    monkeypatch.setitem(zoo.ZOOS["multi-coil"].recipes, "tiny", COILS)
    [path] = train_zoo(coils_request(tmp_path), no_progress)
    assert path.name == "natural-multi-r6.safetensors"
    info = checkpoints.read_info(path)
    assert (info.coils, info.acceleration, info.tuned) == ("multi", 6.0, False)
    assert info.label == "Network (Natural images, multi-coil)"
    made = info.config["provenance"]
    assert made["coils"] == {"n_coils": 3, "n_samples": 2, "noise": 0.005, "tissue_phase": 2.0}
    start = COILS.shipped(members("multi-coil", ["natural:6"])[0])
    sha256 = checkpoints.file_hash(start)
    assert made["started_from"] == {"name": "natural-r6", "sha256": sha256}
    assert zoo.made_by(info) == Making("multi-coil", "tiny", "natural:6")
    single, both = load_file(start), load_file(path)
    largest = 0.0
    for name, weight in single.items():  # three steps at a rate of 1e-5 leave it near
        _, index, rest = name.split(".", 2)
        for part in ("real", "imaginary"):
            found = both[f"subnetworks.{index}.{part}.{rest}"]
            largest = max(largest, float((found.float() - weight.float()).abs().max()))
    assert 0 < largest < 1e-3


def test_an_interrupted_training_of_all_coils_goes_on_to_the_same_bits(tmp_path):
    [whole] = train_zoo(coils_request(tmp_path / "whole"), no_progress)
    asked = coils_request(tmp_path / "parts")
    with pytest.raises(Cancelled):
        train_zoo(asked, stopping_after(5))  # reading, two samples, two steps
    assert (tmp_path / "parts" / "natural-multi-r6.training").exists()
    [parts] = train_zoo(asked, no_progress)
    assert same_weights(whole, parts)


def test_a_network_of_other_simulated_coils_is_refused(tmp_path):
    train_zoo(coils_request(tmp_path), no_progress)
    other = dataclasses.replace(COILS, kind=multi_coil(CoilSettings(n_coils=3, n_samples=3)))
    with pytest.raises(ValueError, match=r"natural-multi-r6.* was made with coils .*asked for is"):
        train_zoo(coils_request(tmp_path, other), no_progress)
