import dataclasses
import math

import numpy as np
import pytest
import torch

from core.fourier import fft2c, to_corner
from core.masks import make_mask
from core.networks import files
from core.networks.cascade import Cascade, CascadeConfig
from core.progress import no_progress
from core.training.finetune import finetune, tuning_request
from core.training.losses import normalised_l1_l2
from core.training.self_supervised import SelfSupervised, gather, split_samples
from core.training.settings import TuneSettings
from core.training.tuning_data import ImageRef
from core.types import Scan

CPU = torch.device("cpu")
SETTINGS = TuneSettings(
    supervision="self", length=12, validation_rounds=3, learning_rate=3e-3, n_images=2, seed=3
)


def discs(n=4, size=64):
    random = np.random.default_rng(0)
    y, x = np.mgrid[:size, :size] / size
    images = np.zeros((n, size, size), np.float32)
    for image in images:
        for cy, cx, r in random.uniform([0.3, 0.3, 0.1], [0.7, 0.7, 0.35], (6, 3)):
            image += random.uniform(20, 60) * ((y - cy) ** 2 + (x - cx) ** 2 < r**2)
    return images


def coils(images):
    """Complex images of two coils with smooth phases."""
    size = images.shape[-1]
    y, x = torch.meshgrid(*[torch.linspace(-1, 1, size)] * 2, indexing="ij")
    maps = torch.stack([torch.polar(1.2 + 0.5 * x, 1.5 * y), torch.polar(1.2 - 0.5 * x, -x)])
    return fft2c(torch.from_numpy(images)[:, None] * maps).numpy()


SCANS = {
    "simulated": Scan("discs", magnitude=discs()),
    "measured": Scan("coils", kspace=coils(discs())),
}


@pytest.fixture(params=SCANS)
def scan(request):
    return SCANS[request.param]


@pytest.fixture
def parent(tmp_path):
    torch.manual_seed(0)
    config = CascadeConfig(n_subnetworks=2, n_layers=2, n_channels=8)
    path = tmp_path / "parent.safetensors"
    task = {"domain": "phantom", "acceleration": 4.0, "pattern": "poisson", "tuned": False}
    document = files.describe("cascade", config, label="Tiny", task=task, provenance={})
    files.save(path, Cascade(config), document)
    return path


class Spy(torch.nn.Module):
    """Records what it is given and returns it: its prediction of all other samples is 0."""

    def __init__(self):
        super().__init__()
        self.seen = []
        self.weight = torch.nn.Parameter(torch.ones(()))

    def forward(self, zero_filled, corner_mask, phase=None):
        self.seen += [x.clone() for x in (zero_filled, corner_mask, phase) if x is not None]
        without_phase = zero_filled if phase is None else zero_filled * phase.conj()
        return without_phase * self.weight


def learner(images, seed=0):
    random = np.random.default_rng(seed)
    return SelfSupervised(images[:1], images[1:], SETTINGS, random, CPU)


def acquired(scan):
    return [gather(ImageRef(scan, i), SETTINGS, i) for i in range(2)]


# --- the split


@pytest.mark.parametrize("pattern", ["poisson", "gaussian", "random", "equispaced"])
@pytest.mark.parametrize("held_out", [0.05, 0.4, 0.9])
def test_samples_are_dealt_out_once_each_and_the_centre_stays(pattern, held_out):
    mask = make_mask(pattern, (64, 48), 4, seed=2)
    given, for_loss = split_samples(mask, held_out, np.random.default_rng(0))
    assert not (given & for_loss).any()
    assert ((given | for_loss) == mask.samples).all()
    (y, x), (acs_y, acs_x) = mask.samples.shape, mask.acs_shape
    top, left = y // 2 - acs_y // 2, x // 2 - acs_x // 2
    assert given[top : top + acs_y, left : left + acs_x].all()
    outside = np.count_nonzero(mask.samples) - acs_y * acs_x
    assert np.count_nonzero(for_loss) == pytest.approx(held_out * outside, abs=1)


def test_each_step_splits_anew(scan):
    images = acquired(scan)
    spy, steps = Spy(), learner(images)
    for _ in range(2):
        steps.loss(spy)
    masks = [x for x in spy.seen if x.dtype == torch.bool]
    assert not torch.equal(*masks)


def test_a_mask_of_its_centre_alone_is_refused():
    mask = make_mask("poisson", (64, 64), 4)
    whole = dataclasses.replace(mask, acs_shape=(64, 64))
    with pytest.raises(ValueError, match="samples outside the fully sampled centre"):
        split_samples(whole, 0.4, np.random.default_rng(0))


# --- what the network is shown


def test_the_network_and_its_consistency_never_see_the_loss_samples(scan):
    """Other values at the held-out samples change the loss and nothing that the network gets."""
    images = acquired(scan)
    _, for_loss = split_samples(images[0].mask, SETTINGS.held_out, np.random.default_rng(0))
    seen, losses = [], []
    for factor in (1, -3):
        changed = np.where(for_loss, factor * images[0].kspace, images[0].kspace)
        other = dataclasses.replace(images[0], kspace=changed.astype(np.complex64))
        spy, steps = Spy(), learner([other, images[1]])
        # the same draws as the step's own: the order of the one image, then the split
        steps._order = iter([0])
        losses.append(float(steps.loss(spy).detach()))
        seen.append(spy.seen)
    assert len(seen[0]) == (2 if scan.is_simulated else 3)
    assert all(map(torch.equal, *seen))
    corner_mask = seen[0][1][0].numpy()
    assert not (corner_mask & to_corner(torch.from_numpy(for_loss)).numpy()).any()
    kspace = fft2c(seen[0][0])[0]
    assert float(kspace[torch.from_numpy(for_loss)].abs().max()) < 1e-4
    # a network that adds nothing predicts 0 there: relative errors of 1 in both norms
    assert losses == pytest.approx([2.0, 2.0], abs=1e-3)


def test_validation_never_shows_the_network_its_held_out_samples(scan):
    images = acquired(scan)
    fixed = np.random.default_rng(SETTINGS.seed)
    _, for_loss = split_samples(images[1].mask, SETTINGS.held_out, fixed)
    changed = np.where(for_loss, 5 * images[1].kspace, images[1].kspace).astype(np.complex64)
    spies, psnrs = (Spy(), Spy()), []
    for spy, kspace in zip(spies, (images[1].kspace, changed), strict=True):
        other = dataclasses.replace(images[1], kspace=kspace)
        psnrs.append(learner([images[0], other]).validate(spy))
    assert all(map(torch.equal, spies[0].seen, spies[1].seen))
    assert psnrs[1] == pytest.approx(psnrs[0] - 20 * math.log10(5), abs=1e-3)


def test_nothing_beyond_the_acquired_samples_is_ever_read(scan, parent, tmp_path):
    """NaN where the scan did not sample gives the same weights to the last bit."""
    refs = [ImageRef(scan, i) for i in range(4)]
    request = tuning_request(parent, refs[:2], refs[2:], SETTINGS, tmp_path / "tuned.safetensors")
    for image in (*request.tuning, *request.validation):
        assert not image.kspace[:, ~image.mask.samples].any()

    def spoiled(image):
        kspace = np.where(image.mask.samples, image.kspace, np.complex64(np.nan))
        return dataclasses.replace(image, kspace=kspace)

    results = [finetune(request, no_progress)]
    weights = [files.load(request.output, CPU).state_dict()]
    garbage = dataclasses.replace(
        request,
        tuning=tuple(map(spoiled, request.tuning)),
        validation=tuple(map(spoiled, request.validation)),
    )
    results.append(finetune(garbage, no_progress))
    weights.append(files.load(request.output, CPU).state_dict())
    assert results[0].best_step > 0
    assert results[0].best_psnr_db == results[1].best_psnr_db
    assert all(torch.equal(weights[0][name], weights[1][name]) for name in weights[0])


def test_fully_sampled_data_stay_behind():
    names = {f.name for f in dataclasses.fields(acquired(SCANS["simulated"])[0])}
    assert names == {"key", "seen", "kspace", "is_real", "mask"}


# --- what it learns


def test_it_improves_by_its_own_measure_and_says_which(scan, parent, tmp_path):
    settings = dataclasses.replace(SETTINGS, length=40)
    refs = [ImageRef(scan, i) for i in range(4)]
    points = []
    output = tmp_path / "tuned.safetensors"
    request = tuning_request(parent, refs[:2], refs[2:], settings, output)
    result = finetune(request, no_progress, points.append)
    assert result.best_psnr_db > result.start_psnr_db + 0.2
    assert {p.measure for p in points} == {result.measure} == {"PSNR of held-out samples"}
    config = files.read_info(output).config
    assert config["label"] == "Tiny, tuned on 2 undersampled"
    assert config["provenance"]["recipe"]["supervision"] == "self"


def test_loss_by_hand():
    measured = torch.tensor([3 + 4j, 0j])
    predicted = torch.tensor([3 + 4j, 5j])
    assert float(normalised_l1_l2(predicted, measured)) == pytest.approx(1 + 1)
    assert float(normalised_l1_l2(measured, measured)) == 0
