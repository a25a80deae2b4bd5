import dataclasses
import math

import numpy as np
import pytest
import torch

from core import checkpoints
from core.domains import DOMAINS, ImageGroup
from core.fourier import fft2c
from core.jobs import ChildJob, Failed, Published, Succeeded, WasCancelled
from core.masks import PATTERNS, make_mask
from core.networks import files
from core.networks.cascade import Cascade, CascadeConfig
from core.progress import Cancelled, no_progress
from core.remarks import network_remarks
from core.seen import keys_of
from core.training.batches import CropSampler
from core.training.finetune import (
    ImageRef,
    TrainingPoint,
    choose_images,
    finetune,
    finetune_job,
    tuning_request,
)
from core.training.losses import mse_plus_mae
from core.training.optimiser import SCHEDULES, adam
from core.training.pretrain import pretrain
from core.training.settings import TRAIN_PRESETS, TUNE_PRESETS, TrainSettings, TuneSettings
from core.types import Scan, image_key

CPU = torch.device("cpu")
TINY = CascadeConfig(n_subnetworks=2, n_layers=2, n_channels=8)
TASK = {"domain": "phantom", "acceleration": 4.0, "pattern": "poisson", "tuned": False}


def blobs(n, size=64, seed=0):
    """Smooth random shapes: enough structure to learn from, nothing to wait for."""
    random = np.random.default_rng(seed)
    y, x = np.mgrid[:size, :size] / size
    images = []
    for _ in range(n):
        image = np.zeros((size, size))
        for cy, cx, r in random.uniform([0.3, 0.3, 0.1], [0.7, 0.7, 0.35], (6, 3)):
            image += random.uniform(20, 60) * ((y - cy) ** 2 + (x - cx) ** 2 < r**2)
        images.append(image)
    return np.asarray(images, np.float32)


@pytest.fixture
def parent(tmp_path):
    torch.manual_seed(0)
    model = Cascade(TINY)
    path = tmp_path / "parent.safetensors"
    document = files.describe("cascade", TINY, label="Tiny", task=TASK, provenance={})
    files.save(path, model, document)
    return path


@pytest.fixture
def scan():
    return Scan("blobs", magnitude=blobs(8))


def request_for(parent, scan, tmp_path, **settings):
    chosen = dataclasses.replace(
        TuneSettings(
            n_images=4,
            n_validation=2,
            length=3,
            length_unit="epochs",
            validation_rounds=3,
            learning_rate=3e-3,
        ),
        **settings,
    )
    tuning, validation = choose_images([scan], chosen.n_images, chosen.n_validation, chosen.seed)
    return tuning_request(parent, tuning, validation, chosen, tmp_path / "tuned.safetensors")


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
    assert batch.zero_filled.shape == batch.target.shape == (4, 48, 48)
    share = batch.corner_mask.float().mean()
    assert float(share) == pytest.approx(1 / 4, rel=0.005)
    again = CropSampler(groups, settings, CPU).draw()
    torch.testing.assert_close(again.zero_filled, batch.zero_filled)
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


# --- the choice of images


def test_chosen_images_are_distinct_and_reproducible(scan):
    tuning, validation = choose_images([scan], 4, 2, seed=3)
    keys = [ref.key for ref in (*tuning, *validation)]
    assert len(set(keys)) == 6
    again = choose_images([scan], 4, 2, seed=3)
    assert [[r.key for r in refs] for refs in again] == [keys[:4], keys[4:]]


def test_empty_slices_are_never_chosen():
    images = blobs(6)
    images[[0, 5]] = 0
    tuning, validation = choose_images([Scan("gaps", magnitude=images)], 3, 1, seed=0)
    assert {r.slice_index for r in (*tuning, *validation)} == {1, 2, 3, 4}


def test_too_few_slices_are_refused_with_the_number(scan):
    with pytest.raises(ValueError, match=r"tuning needs 10 \+ 2 slices .* have 8"):
        choose_images([scan], 10, 2, seed=0)


def test_a_slice_cannot_serve_twice(parent, scan, tmp_path):
    ref = ImageRef(scan, 1)
    with pytest.raises(ValueError, match="not both"):
        tuning_request(parent, [ref], [ref], TuneSettings(), tmp_path / "x.safetensors")


# --- fine-tuning


def test_finetuning_improves_and_remembers_what_it_saw(parent, scan, tmp_path):
    request = request_for(parent, scan, tmp_path, length=5, validation_rounds=5)
    points: list[TrainingPoint] = []
    result = finetune(request, no_progress, points.append)
    assert result.best_psnr_db > result.start_psnr_db + 0.2
    assert result.best_psnr_db == max(p.validation_psnr_db for p in points)
    assert [p.step for p in points] == [0, 4, 8, 12, 16, 20]
    info = checkpoints.read_info(result.path)
    assert info.tuned
    slices = {key for key in info.tuned_on if ":" not in key}
    assert len(slices) == 6
    assert slices < {image_key(scan, i) for i in range(8)}
    assert info.tuned_on == keys_of(scan, [i for i in range(8) if image_key(scan, i) in slices])
    provenance = info.config["provenance"]
    assert provenance["parent_sha256"] == checkpoints.file_hash(parent)
    assert provenance["validation_psnr_db"] == pytest.approx(result.best_psnr_db, abs=1e-3)


def test_finetuning_uses_and_records_the_settings_of_the_mask(parent, scan, tmp_path):
    psnrs = []
    for growth in (10.0, 2.0):
        mask_params = PATTERNS["poisson"].params(growth=growth)
        request = request_for(
            parent, scan, tmp_path, mask_params=mask_params, length=1, validation_rounds=1
        )
        result = finetune(request, no_progress)
        psnrs.append(result.start_psnr_db)
        info = checkpoints.read_info(result.path)
        assert info.config["task"]["mask_params"] == {"growth": growth, "centre_share": 0.05}
        mask = make_mask("poisson", (64, 64), 4.0, params=mask_params)
        assert network_remarks(info, mask, scan) == ()
    assert psnrs[0] != psnrs[1], "validated under other masks"


def test_finetuning_is_reproducible_by_seed(parent, scan, tmp_path):
    psnrs = []
    for seed in (1, 1, 2):
        request = request_for(parent, scan, tmp_path, seed=seed, length=1, validation_rounds=1)
        psnrs.append(finetune(request, no_progress).best_psnr_db)
    assert psnrs[0] == psnrs[1]
    assert psnrs[0] != psnrs[2]


def test_harmful_tuning_keeps_the_parents_weights(parent, scan, tmp_path, monkeypatch):
    psnrs = iter([30.0, 29.0, 28.0, 27.0])
    monkeypatch.setattr(
        "core.training.supervised.Supervised.validate", lambda self, model: next(psnrs)
    )
    result = finetune(
        request_for(parent, scan, tmp_path, length=3, validation_rounds=3), no_progress
    )
    before, after = files.load(parent, CPU), files.load(result.path, CPU)
    assert (result.start_psnr_db, result.best_psnr_db) == (30.0, 30.0)
    assert all(map(torch.equal, before.parameters(), after.parameters()))


def test_the_parent_is_never_overwritten(parent, scan, tmp_path):
    tuning, validation = choose_images([scan], 2, 1, seed=0)
    with pytest.raises(ValueError, match="must be another file than its parent"):
        tuning_request(parent, tuning, validation, TuneSettings(), parent)


def test_empty_slices_are_refused_by_name(parent, tmp_path):
    images = blobs(3)
    images[1] = 0
    refs = [ImageRef(Scan("gaps", magnitude=images), i) for i in range(3)]
    with pytest.raises(ValueError, match=r"gaps, slice 1: .* must not be empty"):
        tuning_request(parent, refs[:1], refs[1:], TuneSettings(), tmp_path / "x.safetensors")


def test_complex_multicoil_data_can_be_tuned_on(parent, tmp_path):
    images = torch.from_numpy(blobs(4))[:, None]
    y, x = torch.meshgrid(torch.linspace(-1, 1, 64), torch.linspace(-1, 1, 64), indexing="ij")
    coils = torch.stack([torch.polar(1.2 + 0.5 * x, 1.5 * y), torch.polar(1.2 - 0.5 * x, -x)])
    scan = Scan("coils", kspace=fft2c(images * coils).numpy())
    request = request_for(
        parent, scan, tmp_path, n_images=2, n_validation=1, length=4, validation_rounds=4
    )
    result = finetune(request, no_progress)
    assert result.best_psnr_db > result.start_psnr_db


def test_stop_keeps_the_best_and_ends_soon(parent, scan, tmp_path):
    request = request_for(parent, scan, tmp_path, length=50, validation_rounds=50)
    result = finetune(request, no_progress, stop_requested=lambda: True)
    assert result.stopped_early
    assert result.epochs < 1
    assert checkpoints.read_info(result.path).tuned


def test_finetuning_in_a_child_process(parent, scan, tmp_path):
    job = ChildJob(finetune_job, request_for(parent, scan, tmp_path, length=2, validation_rounds=2))
    events = []
    while not job.finished:
        event = job.next_event(60)
        assert event is not None
        events.append(event)
    assert isinstance(events[-1], Succeeded)
    points = [e.payload for e in events if isinstance(e, Published)]
    assert [p.epoch for p in points] == [0, 1, 2]
    assert math.isfinite(points[-1].loss)


def first_point(job):
    while not isinstance(job.next_event(60), Published):
        pass


def last_event(job):
    event = None
    while not job.finished:
        event = job.next_event(60) or event
    return event


def test_a_killed_child_leaves_a_whole_checkpoint(parent, scan, tmp_path):
    request = request_for(parent, scan, tmp_path, length=10_000, validation_rounds=10_000)
    job = ChildJob(finetune_job, request)
    first_point(job)
    job.kill()
    assert isinstance(last_event(job), Failed)
    assert checkpoints.read_info(request.output).tuned
    files.load(request.output, CPU)


def test_cancel_ends_the_child(parent, scan, tmp_path):
    job = ChildJob(
        finetune_job, request_for(parent, scan, tmp_path, length=10_000, validation_rounds=10_000)
    )
    first_point(job)
    job.cancel()
    assert last_event(job) == WasCancelled()
