import dataclasses
import math

import numpy as np
import pytest
import torch

from core import checkpoints
from core.domains import DOMAINS, ImageGroup
from core.networks import files
from core.progress import Cancelled, no_progress
from core.training.batches import CropSampler
from core.training.losses import mse_plus_mae
from core.training.optimiser import SCHEDULES, adam
from core.training.pretrain import pretrain
from core.training.settings import TRAIN_PRESETS, TUNE_PRESETS, TrainSettings
from tests.core.training.images import blobs

CPU = torch.device("cpu")


# --- settings, loss, optimiser


def test_the_papers_presets_are_the_papers():
    train, tune = TRAIN_PRESETS["paper"], TUNE_PRESETS["paper"]
    assert (train.batch, train.learning_rate, train.l2) == (50, 1e-4, 1e-6)
    assert train.steps_per_subnetwork * train.batch == 20 * 4000
    assert (train.skip, train.crop, train.end_to_end_steps) == ("none", 0, 0)
    assert (train.augment, train.intensity_jitter, train.reg_weight) == ("none", 0.0, math.inf)
    assert (tune.learning_rate, tune.schedule, tune.crop, tune.batch) == (1e-5, "constant", 0, 1)
    assert (tune.n_steps(10), tune.n_steps(1)) == (1000, 100)


def test_loss_is_mse_plus_mae_by_hand():
    image, target = torch.tensor([1.0, 2.0, 5.0]), torch.tensor([1.0, 4.0, 4.0])
    assert float(mse_plus_mae(image, target)) == pytest.approx((0 + 4 + 1) / 3 + (0 + 2 + 1) / 3)


def test_adam_adds_the_gradient_of_the_l2_term():
    weight = torch.nn.Parameter(torch.tensor([2.0]))
    group = adam([weight], 1e-4, 1e-3).param_groups[0]
    explicit = torch.tensor([2.0], requires_grad=True)
    (1e-3 * explicit.square().sum()).backward()
    assert group["weight_decay"] * 2.0 == pytest.approx(float(explicit.grad))
    assert group["betas"] == (0.9, 0.999)


@pytest.mark.parametrize("name", SCHEDULES)
def test_schedules_peak_at_the_rate_asked_for(name):
    optimiser = adam([torch.nn.Parameter(torch.zeros(1))], 1e-3, 0.0)
    schedule = SCHEDULES[name](optimiser, 1e-3, 50)
    rates = []
    for _ in range(50):
        rates.append(optimiser.param_groups[0]["lr"])
        optimiser.step()
        schedule.step()
    assert max(rates) == pytest.approx(1e-3, rel=1e-2)


# --- training crops


def test_crops_are_undersampled_and_seeded():
    groups = (ImageGroup("a", tuple(blobs(3))), ImageGroup("b", tuple(blobs(2, seed=1))))
    settings = TrainSettings(crop=48, batch=4, seed=5)
    batch = CropSampler(groups, settings, CPU).draw()
    zero_filled, corner_mask, phase = batch.given
    assert zero_filled.shape == batch.target.shape == (4, 48, 48)
    assert phase is None
    share = corner_mask.float().mean()
    assert float(share) == pytest.approx(1 / 4, rel=0.005)
    again = CropSampler(groups, settings, CPU).draw()
    torch.testing.assert_close(again.given[0], zero_filled)
    other = CropSampler(groups, dataclasses.replace(settings, seed=6), CPU).draw()
    assert not torch.equal(other.target, batch.target)


def test_small_images_are_padded_to_the_crop():
    sampler = CropSampler((ImageGroup("a", (blobs(1, 40)[0],)),), TrainSettings(crop=64), CPU)
    assert sampler.draw().target.shape == (8, 64, 64)


# --- training in a source domain


@pytest.fixture
def blob_domain(monkeypatch):
    entry = dataclasses.replace(
        DOMAINS["phantom"], item=lambda _, __: (ImageGroup("blobs", tuple(blobs(20))),)
    )
    monkeypatch.setitem(DOMAINS._entries, "phantom", entry)


TINY_TRAINING = TrainSettings(crop=48, batch=2, steps_per_subnetwork=3, end_to_end_steps=12)


def test_training_lowers_the_loss_and_describes_itself(blob_domain, tmp_path):
    losses = []

    def listen(fraction, message):
        if "end to end" in message:
            losses.append(float(message.rsplit(" ", 1)[1]))

    path = pretrain("phantom", tmp_path, TINY_TRAINING, tmp_path / "p.safetensors", CPU, listen)
    assert losses[-1] < losses[0]
    info = checkpoints.read_info(path)
    assert (info.domain, info.acceleration, info.tuned) == ("phantom", 4.0, False)
    assert info.config["provenance"]["images"] == {"blobs": 20}
    assert next(files.load(path, CPU).parameters()).dtype == torch.float32


def test_training_is_deterministic_for_a_seed(blob_domain, tmp_path):
    made = [
        pretrain(
            "phantom", tmp_path, TINY_TRAINING, tmp_path / f"{i}.safetensors", CPU, no_progress
        )
        for i in range(2)
    ]
    a, b = (files.load(path, CPU).state_dict() for path in made)
    assert all(torch.equal(a[name], b[name]) for name in a)


def test_without_augmentation_images_come_as_they_are():
    image = blobs(1)[0]
    settings = dataclasses.replace(TRAIN_PRESETS["paper"], batch=2)
    batch = CropSampler((ImageGroup("a", (image,)),), settings, CPU).draw()
    bright = np.quantile(image, 0.995)
    np.testing.assert_allclose(batch.target[0], image / bright, rtol=1e-5)


def test_lambda_reaches_the_network(blob_domain, tmp_path):
    settings = dataclasses.replace(TINY_TRAINING, reg_weight=2.5, end_to_end_steps=1)
    path = pretrain("phantom", tmp_path, settings, tmp_path / "p.safetensors", CPU, no_progress)
    assert files.load(path, CPU).config.reg_weight == 2.5


def test_diverged_training_is_refused_and_writes_nothing(blob_domain, tmp_path, monkeypatch):
    monkeypatch.setattr(
        "core.training.pretrain.mse_plus_mae", lambda a, b: (a - b).sum() * float("nan")
    )
    output = tmp_path / "p.safetensors"
    with pytest.raises(ValueError, match=r"diverged in sub-network 1/5: learning_rate 0.002"):
        pretrain("phantom", tmp_path, TINY_TRAINING, output, CPU, no_progress)
    assert not output.exists()


def test_cancelled_training_writes_nothing(blob_domain, tmp_path):
    def cancel(fraction, message):
        if fraction > 0.3:
            raise Cancelled

    with pytest.raises(Cancelled):
        pretrain("phantom", tmp_path, TINY_TRAINING, tmp_path / "p.safetensors", CPU, cancel)
    assert not list(tmp_path.glob("*.safetensors"))
