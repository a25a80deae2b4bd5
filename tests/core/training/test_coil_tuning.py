"""Fine-tuning of a network that takes all coils, by the same commands as any other."""

import dataclasses
import math

import numpy as np
import pytest
import torch

from core import checkpoints
from core.coils import combine
from core.domains.simulated_coils import simulated_coil_images
from core.masks import make_mask
from core.networks import files
from core.networks.handling import AllCoils
from core.networks.multicoil import Multicoil, MulticoilConfig
from core.phantom import coil_sensitivities
from core.progress import no_progress
from core.training import calibrations
from core.training.feeds import SliceFeed
from core.training.finetune import ImageRef, finetune, tuning_request
from core.training.settings import TuneSettings
from core.training.supervised import gather
from core.types import Scan
from tests.core.training.images import blobs

CPU = torch.device("cpu")
HANDLING = AllCoils(5, "centre")
CONFIG = MulticoilConfig(n_subnetworks=2, n_layers=2, n_channels=6)
# a share of the centre at which these small slices can be calibrated
CENTRE = make_mask("poisson", (64, 56), 3).params.__class__(centre_share=0.3)
SETTINGS = TuneSettings(
    acceleration=3, length=12, validation_rounds=3, learning_rate=3e-3, crop=48, mask_params=CENTRE
)


@pytest.fixture(scope="module")
def scan():
    from core.fourier import fft2c

    coils = coil_sensitivities(4, (64, 56))
    random = np.random.default_rng(3)
    images = [image[:, 4:60] + 10 for image in blobs(4)]
    seen = [simulated_coil_images(image, coils, 0.2, random) for image in images]
    return Scan("coils", kspace=fft2c(torch.stack(seen)).numpy())


@pytest.fixture
def parent(tmp_path):
    torch.manual_seed(0)
    path = tmp_path / "parent.safetensors"
    task = {"domain": "natural", "acceleration": 3.0, "pattern": "poisson", "tuned": False}
    document = files.describe(
        "multicoil", CONFIG, label="Tiny", task={**task, "coils": "multi"}, provenance={}
    )
    files.save(path, Multicoil(CONFIG), document)
    return path


@pytest.mark.parametrize("supervision", ["full", "self"])
def test_it_improves_and_stays_a_network_of_all_coils(scan, parent, tmp_path, supervision):
    settings = dataclasses.replace(SETTINGS, supervision=supervision)
    refs = [ImageRef(scan, i) for i in range(3)]
    output = tmp_path / "tuned.safetensors"
    request = tuning_request(parent, refs[:2], refs[2:], settings, output)
    result = finetune(request, no_progress)
    assert result.best_psnr_db > result.start_psnr_db + 0.05
    info = checkpoints.read_info(output)
    assert (info.coils, info.tuned) == ("multi", True)
    assert isinstance(files.load(output, CPU), Multicoil)


@pytest.mark.parametrize("supervision", ["full", "self"])
def test_each_image_is_calibrated_once(scan, parent, tmp_path, supervision, monkeypatch):
    counted = []

    def counting(kspace, acs_shape):
        counted.append(acs_shape)
        return original(kspace, acs_shape)

    original = calibrations.calibrate
    monkeypatch.setattr(calibrations, "calibrate", counting)
    settings = dataclasses.replace(SETTINGS, supervision=supervision, length=6)
    refs = [ImageRef(scan, i) for i in range(3)]
    output = tmp_path / "tuned.safetensors"
    finetune(tuning_request(parent, refs[:2], refs[2:], settings, output), no_progress)
    assert len(counted) == {"full": 1, "self": 3}[supervision]  # full tunes on a feed of its own


@pytest.mark.parametrize("augment", ["none", "rotations"])
def test_crops_come_undersampled_with_their_own_calibration(scan, augment):
    settings = dataclasses.replace(SETTINGS, augment=augment, batch=2)
    images = [gather(ImageRef(scan, i), settings, i) for i in range(2)]
    feed = SliceFeed(images, settings, HANDLING, np.random.default_rng(0), CPU)
    batch = feed.draw()
    zero_filled, corner_mask, maps, consistency = batch.given
    assert zero_filled.shape == maps.shape == (2, 4, 48, 48)
    assert consistency.shape == (2, 4, 4, 48, 48)
    assert float(corner_mask.float().mean()) == pytest.approx(1 / 3, rel=0.02)
    assert float((torch.fft.fft2(zero_filled) * ~corner_mask[:, None]).abs().max()) < 1e-3
    assert batch.target.shape == (2, 48, 48)
    assert torch.dist(combine(zero_filled, maps), batch.target) < 0.5 * batch.target.norm()


def test_what_is_given_is_bright_at_one_as_in_use(scan):
    settings = dataclasses.replace(SETTINGS, augment="none", crop=0)
    images = [gather(ImageRef(scan, 0), settings, 0)]
    feed = SliceFeed(images, settings, HANDLING, np.random.default_rng(0), CPU)
    coils = feed.draw().given[0]
    level = np.quantile(torch.linalg.vector_norm(coils[0], dim=0).numpy(), 0.995)
    assert level == pytest.approx(1.0, rel=0.05)


def test_a_real_image_of_one_coil_is_tuned_on_without_a_phase(parent, tmp_path):
    scan = Scan("blobs", magnitude=blobs(3))
    refs = [ImageRef(scan, i) for i in range(3)]
    settings = dataclasses.replace(SETTINGS, length=2, augment="none")
    output = tmp_path / "tuned.safetensors"
    result = finetune(tuning_request(parent, refs[:2], refs[2:], settings, output), no_progress)
    assert math.isfinite(result.best_psnr_db)
    images = [gather(refs[0], settings, 0)]
    feed = SliceFeed(images, settings, HANDLING, np.random.default_rng(0), CPU)
    _, _, maps, consistency = feed.draw().given
    assert consistency is None
    assert torch.equal(maps, torch.ones_like(maps))
