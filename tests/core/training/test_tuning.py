import copy
import dataclasses
import math

import numpy as np
import pytest
import torch

from core.fourier import fft2c
from core.networks import NETWORKS
from core.networks.cascade import Cascade, CascadeConfig
from core.networks.unet import UNet, UNetConfig
from core.params import settings_of
from core.training.part_names import ALL, PARTS
from core.training.parts import parameters_of, train_only
from core.training.settings import TUNE_PRESETS, TuneSettings
from core.training.supervised import Supervised, gather
from core.training.supervision import SUPERVISIONS
from core.training.tuner import Tuner, pull_to
from core.training.tuning_data import ImageRef
from core.types import Scan
from tests.core.networks.small import CONFIGS, small_network
from tests.core.training.images import discs

CPU = torch.device("cpu")
CONFIG = CascadeConfig(n_subnetworks=3, n_layers=2, n_channels=4)


@pytest.fixture
def model():
    torch.manual_seed(0)
    model = Cascade(CONFIG)
    with torch.no_grad():
        for weight in model.parameters():
            weight.add_(0.05 * torch.randn_like(weight))
    return model


def a_loss(model):
    torch.manual_seed(1)
    image = torch.randn(1, 32, 32, dtype=torch.complex64)
    return model(image, torch.zeros(1, 32, 32)).abs().mean()


# --- settings


def test_length_counts_steps_or_epochs():
    steps = TuneSettings(length=30)
    epochs = TuneSettings(length=30, length_unit="epochs")
    assert [steps.n_steps(n) for n in (1, 10)] == [30, 30]
    assert [epochs.n_steps(n) for n in (1, 10)] == [30, 300]


def test_only_crops_come_in_batches():
    assert TuneSettings(crop=64, batch=4).batch == 4
    with pytest.raises(ValueError, match=r"batch must be 1 where crop is 0 .*, got 4"):
        TuneSettings(crop=0, batch=4)


def test_crops_too_small_for_a_mask_are_refused():
    with pytest.raises(ValueError, match="crop must be 0 or at least 32, got 16"):
        TuneSettings(crop=16)


@pytest.mark.parametrize("name", ["supervision", "augment", "schedule"])
def test_every_choice_of_a_setting_can_be_tuned_with(name, model):
    scan = Scan("discs", magnitude=discs([0.6, 0.7, 0.8]))
    for choice in settings_of(TuneSettings)[name].choices:
        base = TuneSettings(crop=48, length=2)
        settings = dataclasses.replace(base, **{name: choice})
        supervision = SUPERVISIONS[settings.supervision].item
        images = [supervision.gather(ImageRef(scan, i), settings, i) for i in range(3)]
        random = np.random.default_rng(0)
        learner = supervision.learner(images[:2], images[2:], settings, random, CPU)
        tuner = Tuner(copy.deepcopy(model), settings, 2)
        for _ in range(2):
            tuner.step(learner.loss(tuner.model))
        before = torch.cat([w.flatten() for w in model.parameters()])
        after = torch.cat([w.flatten() for w in tuner.averaged.parameters()])
        assert not torch.equal(before, after)
        assert math.isfinite(learner.validate(tuner.averaged))


# --- steps


def test_weights_are_drawn_to_the_source_by_the_gradient_of_the_squared_distance(model):
    weights = list(model.parameters())
    source = [w.detach() - 0.3 for w in weights]
    a_loss(model).backward()
    before = [w.grad.clone() for w in weights]
    pull_to(weights, source, 0.7)
    added = [w.grad - g for w, g in zip(weights, before, strict=True)]
    free = [w.detach().clone().requires_grad_() for w in weights]
    distance = sum((w - s).square().sum() for w, s in zip(free, source, strict=True))
    (0.7 * distance).backward()
    for ours, w in zip(added, free, strict=True):
        torch.testing.assert_close(ours, w.grad, atol=1e-6, rtol=1e-4)


def test_a_strong_pull_keeps_the_weights_at_the_source(model):
    def moved(factor):
        settings = TuneSettings(l2_source=factor, learning_rate=1e-2, schedule="constant")
        tuner = Tuner(copy.deepcopy(model), settings, 30)
        for _ in range(30):
            tuner.step(a_loss(tuner.model))
        pairs = zip(model.parameters(), tuner.model.parameters(), strict=True)
        return math.sqrt(sum(float((a - b).detach().square().sum()) for a, b in pairs))

    assert moved(100.0) < 0.5 * moved(0.0)


def test_the_average_is_that_of_the_weights_so_far(model):
    settings = TuneSettings(ema=0.9, learning_rate=1e-2, schedule="constant")
    tuner = Tuner(copy.deepcopy(model), settings, 5)
    mean = [w.detach().clone() for w in model.parameters()]
    for n in range(1, 6):
        tuner.step(a_loss(tuner.model))
        decay = min(0.9, n / (n + 9))
        mean = [
            decay * m + (1 - decay) * w.detach()
            for m, w in zip(mean, tuner.model.parameters(), strict=True)
        ]
    for ours, m in zip(tuner.averaged.parameters(), mean, strict=True):
        torch.testing.assert_close(ours, m)


def test_without_averaging_the_weights_themselves_are_kept(model):
    tuner = Tuner(copy.deepcopy(model), TuneSettings(ema=0.0), 3)
    tuner.step(a_loss(tuner.model))
    assert all(map(torch.equal, tuner.averaged.parameters(), tuner.model.parameters()))


def test_gradients_are_cut_to_the_largest_norm(model):
    tuner = Tuner(model, TuneSettings(clip=1e-3), 3)
    tuner.step(a_loss(model))
    norm = math.sqrt(sum(float(w.grad.square().sum()) for w in model.parameters()))
    assert norm == pytest.approx(1e-3, rel=1e-3)


# --- parts


@pytest.mark.parametrize(
    ("architecture", "part"),
    [(name, part) for name in CONFIGS for part in (ALL, *small_network(name).parts)],
)
def test_a_part_changes_and_all_else_stays_bit_identical(architecture, part):
    model = small_network(architecture)
    scan = Scan("discs", magnitude=discs([0.6, 0.7, 0.8], (64, 48)))
    settings = TuneSettings(crop=0, length=3, trainable=part, l2=1e-3)
    images = [gather(ImageRef(scan, i), settings, i) for i in range(3)]
    random = np.random.default_rng(0)
    learner = Supervised(images[:2], images[2:], settings, random, CPU, model.handling)
    tuner = Tuner(copy.deepcopy(model), settings, 3)
    for _ in range(3):
        tuner.step(learner.loss(tuner.model))
    before, after = (dict(m.named_parameters()) for m in (model, tuner.averaged))
    chosen = {id(weight) for weight in parameters_of(model, part)}
    for name, weight in before.items():
        assert torch.equal(weight, after[name]) is (id(weight) not in chosen), name
    assert all(map(torch.equal, model.buffers(), tuner.averaged.buffers()))


def test_every_part_that_the_settings_offer_is_one_of_a_network():
    assert settings_of(TuneSettings)["trainable"].choices == PARTS.names()
    offered = {ALL}
    for entry in NETWORKS:
        network = entry.item(entry.params())
        whole = {id(w) for w in network.parameters()}
        for name, weights in network.parts.items():
            assert set() < {id(w) for w in weights} < whole, name
            offered.add(name)
    assert offered == set(PARTS.names())


def test_unknown_and_empty_parts_are_refused_by_name():
    single = Cascade(dataclasses.replace(CONFIG, n_subnetworks=1))
    with pytest.raises(ValueError, match=r"must be one of all, biases .*got 'all but first block'"):
        train_only(single, "all but first block")
    with pytest.raises(ValueError, match=r"must be one of all, biases .*got 'last block'"):
        parameters_of(single, "last block")  # it is the only one, and would fix nothing
    plain = UNet(UNetConfig(n_channels=2, n_poolings=1, norm="plain"))
    with pytest.raises(ValueError, match=r"must be one of all, decoder, last block .*'normalisat"):
        parameters_of(plain, "normalisation")


# --- what a step learns from


def test_crops_are_undersampled_at_their_own_size():
    scan = Scan("discs", magnitude=discs([0.8] * 3, (96, 80)))
    settings = TuneSettings(crop=48, batch=3)
    images = [gather(ImageRef(scan, i), settings, i) for i in range(3)]
    given = []

    def model(zero_filled, corner_mask, phase):
        given.append((zero_filled, corner_mask, phase))
        return zero_filled

    random = np.random.default_rng(0)
    Supervised(images[:2], images[2:], settings, random, CPU).loss(model)
    [(zero_filled, corner_mask, phase)] = given
    assert zero_filled.shape == corner_mask.shape == (3, 48, 48)
    assert float(corner_mask.float().mean()) == pytest.approx(1 / 4, rel=0.01)
    assert phase is None
    sampled = torch.fft.fft2(zero_filled)
    assert float(sampled[~corner_mask].abs().max()) < 1e-4


def test_crops_are_as_large_as_the_smallest_image_allows():
    scans = [Scan(f"{n}", magnitude=discs([0.8], (n, 80))) for n in (48, 64, 96)]
    settings = TuneSettings(crop=128, batch=4)
    images = [gather(ImageRef(scan, 0), settings, 0) for scan in scans]
    shapes = []

    def model(zero_filled, corner_mask, phase):
        shapes.append(tuple(zero_filled.shape))
        return zero_filled

    Supervised(images[:2], images[2:], settings, np.random.default_rng(0), CPU).loss(model)
    assert shapes == [(4, 48, 48)]


def test_what_is_given_is_bright_at_one_as_in_use():
    """The scale of training is that of use: the bright level of the zero-filled image."""
    scan = Scan("discs", magnitude=discs([0.8] * 2))
    settings = TuneSettings(augment="none")
    images = [gather(ImageRef(scan, i), settings, i) for i in range(2)]
    levels = []

    def model(zero_filled, corner_mask, phase):
        levels.append(float(np.quantile(zero_filled.abs().numpy(), 0.995)))
        return zero_filled

    learner = Supervised(images[:1], images[1:], settings, np.random.default_rng(0), CPU)
    for _ in range(5):
        learner.loss(model)
    assert levels == pytest.approx([1.0] * 5, rel=0.03)


def test_a_complex_crop_comes_with_its_own_phase():
    y, x = torch.meshgrid(*[torch.linspace(-1, 1, 64)] * 2, indexing="ij")
    image = torch.from_numpy(discs([0.8] * 2)) * torch.polar(torch.ones(64, 64), 1.5 * y + x)
    scan = Scan("complex", kspace=fft2c(image)[:, None].numpy())
    settings = TuneSettings(augment="none", crop=48)
    images = [gather(ImageRef(scan, i), settings, i) for i in range(2)]
    shares = []

    def model(zero_filled, corner_mask, phase):
        shares.extend(
            float(image.imag.square().mean() / image.abs().square().mean())
            for image in (zero_filled, zero_filled * phase.conj())
        )
        return zero_filled

    Supervised(images[:1], images[1:], settings, np.random.default_rng(0), CPU).loss(model)
    assert shares[1] < 0.3 * shares[0]


def test_the_papers_tuning_is_of_whole_images_all_weights_and_no_tricks():
    paper = TUNE_PRESETS["paper"]
    assert (paper.trainable, paper.supervision) == ("all", "full")
    assert (paper.l2_source, paper.ema, paper.clip, paper.patience) == (0, 0, 0, 0)
    assert (paper.crop, paper.augment, paper.intensity_jitter) == (0, "none", 0)
