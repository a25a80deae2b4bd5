"""A U-Net is trained and tuned by what trains and tunes every network."""

import dataclasses

import numpy as np
import pytest
import torch
from safetensors.torch import load_file

from core import checkpoints
from core.domains import DOMAINS, ImageGroup
from core.domains.simulated_coils import simulated_coil_images
from core.fourier import fft2c
from core.masks import make_mask
from core.networks import files
from core.networks.unet import UNet
from core.phantom import coil_sensitivities
from core.progress import no_progress
from core.training import throughput, zoo
from core.training.finetune import ImageRef, finetune, tuning_request
from core.training.kinds import multi_coil, single_coil
from core.training.pretrain import pretrain
from core.training.settings import TRAIN_PRESETS, TrainSettings, TuneSettings
from core.training.zoo import Making
from core.training.zoo_training import ZooRequest, train_zoo
from core.types import Scan
from tests.core.networks.small import CONFIGS
from tests.core.training.images import blobs

CPU = torch.device("cpu")
SETTINGS = TrainSettings(crop=32, batch=2, steps_per_subnetwork=5, end_to_end_steps=2, seed=1)


@pytest.fixture(autouse=True)
def blob_domain(monkeypatch):
    groups = (ImageGroup("blobs", tuple(blobs(4))),)
    entry = dataclasses.replace(DOMAINS["natural"], item=lambda _, __: groups)
    monkeypatch.setitem(DOMAINS._entries, "natural", entry)


@pytest.fixture
def small(monkeypatch):
    """A U-Net of few channels wherever a training makes one."""
    make = UNet.__init__

    def narrow(self, config):
        sizes = {"n_channels": 2, "n_poolings": 2}
        make(self, dataclasses.replace(config, **sizes))

    monkeypatch.setattr(UNet, "__init__", narrow)


def test_the_unet_zoo_is_two_domains_at_four(tmp_path, small, monkeypatch):
    recipe = zoo.Recipe("tiny", SETTINGS, kind=single_coil("unet"))
    monkeypatch.setitem(zoo.ZOOS["unet"].recipes, "tiny", recipe)
    found = zoo.members("unet")
    assert [m.name for m in found] == ["unet-natural:4", "unet-t1:4"]
    request = ZooRequest(found[:1], recipe, tmp_path, tmp_path, CPU)
    [path] = train_zoo(request, no_progress)
    assert path.name == "unet-natural-r4.safetensors"
    info = checkpoints.read_info(path)
    assert info.label == "Network (Natural images, U-Net)"
    assert (info.domain, info.acceleration, info.coils) == ("natural", 4.0, "single")
    assert info.config["architecture"] == "unet"
    assert zoo.made_by(info) == Making("unet", "tiny", "unet-natural:4")
    assert train_zoo(request, no_progress) == (path,)  # it knows it again


def test_a_cascade_of_the_same_settings_was_made_by_another_zoo(tmp_path, monkeypatch):
    recipe = zoo.Recipe("tiny", SETTINGS, kind=single_coil("unet"))
    monkeypatch.setitem(zoo.ZOOS["unet"].recipes, "tiny", recipe)
    path = tmp_path / "cascade.safetensors"
    settings = dataclasses.replace(SETTINGS, steps_per_subnetwork=1)
    pretrain("natural", tmp_path, settings, path, CPU, no_progress)
    assert zoo.made_by(checkpoints.read_info(path)) is None


def test_both_recipes_are_of_unets_that_start_from_nothing():
    for name in ("cpu", "gpu"):
        recipe = zoo.recipe("unet", name)
        assert recipe.kind.architecture == "unet"
        for member in zoo.members("unet"):
            assert zoo.with_parents([member], recipe) == (member,)
            assert recipe.shipped(member) is None
    [member] = zoo.members("unet", ["unet-t1:4"])
    made = zoo.recipe("unet", "cpu").settings(member, 3)
    assert made == dataclasses.replace(TRAIN_PRESETS["unet"], seed=3)


def test_training_settings_reach_the_network_by_name():
    settings = dataclasses.replace(SETTINGS, skip="none", reg_weight=0.5)
    real = single_coil("unet").network(settings).config
    assert (real.skip, real.reg_weight, real.values) == ("none", 0.5, "real")
    assert real.n_channels == 32
    assert multi_coil(COILS, "unet").network(SETTINGS).config.values == "complex"


COILS = dataclasses.replace(zoo.recipe("multi-coil", "cpu").kind.coil_settings, n_coils=3)


def test_it_can_be_trained_on_simulated_coils(tmp_path, small, monkeypatch):
    monkeypatch.setattr("core.training.coil_pool.N_RINGS", 1)
    kind = multi_coil(dataclasses.replace(COILS, n_samples=2), "unet")
    path = tmp_path / "coils.safetensors"
    settings = dataclasses.replace(SETTINGS, crop=48)
    pretrain("natural", tmp_path, settings, path, CPU, no_progress, kind=kind)
    info = checkpoints.read_info(path)
    assert (info.coils, info.config["network"]["values"]) == ("multi", "complex")


# --- tuning


def a_parent(folder, values="real", seed=0):
    torch.manual_seed(seed)
    config = dataclasses.replace(CONFIGS["unet"], n_channels=6, values=values)
    task = {"domain": "natural", "acceleration": 3.0, "pattern": "poisson", "tuned": False}
    document = files.describe("unet", config, label="Tiny", task=task, provenance={})
    path = folder / f"parent{seed}.safetensors"
    files.save(path, UNet(config), document)
    return path


def coil_scan(n_coils):
    random = np.random.default_rng(3)
    images = [image[:, 4:60] + 10 for image in blobs(4)]
    if not n_coils:
        return Scan("blobs", magnitude=np.stack(images))
    coils = coil_sensitivities(n_coils, (64, 56))
    seen = [simulated_coil_images(image, coils, 0.2, random) for image in images]
    return Scan("coils", kspace=fft2c(torch.stack(seen)).numpy())


def tuned(parent, scan, output, **changes):
    settings = TuneSettings(
        acceleration=3,
        length=50,
        validation_rounds=3,
        learning_rate=1e-2,
        augment="none",
        crop=48,
        mask_params=make_mask("poisson", (64, 56), 3).params.__class__(centre_share=0.3),
    )
    refs = [ImageRef(scan, i) for i in range(3)]
    chosen = dataclasses.replace(settings, **changes)
    return finetune(tuning_request(parent, refs[:2], refs[2:], chosen, output), no_progress)


@pytest.mark.parametrize("supervision", ["full", "self"])
@pytest.mark.parametrize(("n_coils", "values"), [(0, "real"), (1, "complex"), (4, "complex")])
def test_it_improves_on_images_of_any_coils(tmp_path, n_coils, values, supervision):
    output = tmp_path / "tuned.safetensors"
    result = tuned(a_parent(tmp_path, values), coil_scan(n_coils), output, supervision=supervision)
    assert result.best_psnr_db > result.start_psnr_db + 0.05
    info = checkpoints.read_info(output)
    assert (info.tuned, info.config["architecture"]) == (True, "unet")


def test_it_is_tuned_on_whole_images_whatever_the_settings_say(tmp_path, monkeypatch):
    shapes = []
    forward = UNet.forward

    def listening(self, zero_filled, *others):
        shapes.append(tuple(zero_filled.shape))
        return forward(self, zero_filled, *others)

    monkeypatch.setattr(UNet, "forward", listening)
    output = tmp_path / "tuned.safetensors"
    tuned(a_parent(tmp_path), coil_scan(0), output, length=2, crop=40, batch=3)
    assert set(shapes) == {(1, 1, 64, 56)}
    recipe = checkpoints.read_info(output).config["provenance"]["recipe"]
    assert (recipe["crop"], recipe["batch"]) == (0, 1)


def test_tuning_is_reproducible_by_seed(tmp_path):
    """From a trained network's weights and from random ones alike: those are a parent too."""
    scan, parent = coil_scan(0), a_parent(tmp_path)
    weights = []
    for i, (start, seed) in enumerate([(parent, 1), (parent, 1), (parent, 2)]):
        output = tmp_path / f"{i}.safetensors"
        tuned(start, scan, output, seed=seed, augment="turns")
        weights.append(load_file(output))
    first, again, other = weights
    assert all(torch.equal(first[name], again[name]) for name in first)
    assert not all(torch.equal(first[name], other[name]) for name in first)


def test_a_part_that_it_lacks_is_refused_when_a_tuning_is_asked_for(tmp_path):
    scan, settings = coil_scan(0), TuneSettings(trainable="biases")
    images = [ImageRef(scan, 0)], [ImageRef(scan, 1)]
    with pytest.raises(ValueError, match=r"decoder, last block, normalisation .*got 'biases'"):
        tuning_request(a_parent(tmp_path), *images, settings, tmp_path / "x.safetensors")


# --- speed


def test_its_speed_is_that_end_to_end(monkeypatch, small):
    monkeypatch.setattr(throughput, "matrix_product_flops", lambda _: 1e12)
    monkeypatch.setattr(throughput, "_seconds", lambda *_: 2.0)
    [whole] = throughput.measure(SETTINGS, CPU, no_progress, n_steps=4, kind=single_coil("unet"))
    assert whole.images_per_second == 4 * 2 / 2
    n = 32 * 32  # two channels in, two poolings: 2, 4 and 8 channels at n, n/4 and n/16 pixels
    down = n * 9 * (2 * 2 + 2 * 2) + n / 4 * 9 * (2 * 4 + 4 * 4) + n / 16 * 9 * (4 * 8 + 8 * 8)
    up = n / 4 * 9 * (8 * 4 + 4 * 4) + n * 9 * (4 * 2 + 2 * 2) + n * 2 * 1
    transposed = n / 16 * 8 * 4 * 4 + n / 4 * 4 * 2 * 4
    assert whole.flops == pytest.approx(3 * 2 * (down + up + transposed) * whole.images_per_second)
