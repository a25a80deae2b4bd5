import dataclasses
import math

import pytest
import torch

from core import checkpoints
from core.fourier import fft2c
from core.jobs import ChildJob, Failed, Published, Succeeded, WasCancelled
from core.masks import PATTERNS, make_mask
from core.networks import files
from core.networks.cascade import Cascade, CascadeConfig
from core.progress import no_progress
from core.remarks import network_remarks
from core.seen import choice_keys, keys_of
from core.training.finetune import (
    ImageRef,
    TrainingPoint,
    choose_images,
    finetune,
    finetune_job,
    tuning_request,
)
from core.training.settings import TuneSettings
from core.types import Scan, image_key
from tests.core.training.images import blobs

CPU = torch.device("cpu")
TINY = CascadeConfig(n_subnetworks=2, n_layers=2, n_channels=8)
TASK = {"domain": "phantom", "acceleration": 4.0, "pattern": "poisson", "tuned": False}


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


def test_a_slice_cannot_serve_twice(parent, scan, tmp_path):
    ref = ImageRef(scan, 1)
    with pytest.raises(ValueError, match="not both"):
        tuning_request(parent, [ref], [ref], TuneSettings(), tmp_path / "x.safetensors")


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
    chose = choice_keys(image.key for image in request.validation)
    used = [i for i in range(8) if image_key(scan, i) in slices]
    assert info.tuned_on == keys_of(scan, used) | chose
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
