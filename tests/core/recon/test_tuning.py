from dataclasses import dataclass, replace

import numpy as np
import pytest
import torch
from skimage.data import shepp_logan_phantom
from skimage.transform import resize

from core import metrics
from core.acquisition import reference_image, undersample, volume_maximum
from core.params import setting
from core.progress import Cancelled
from core.recon import METHODS, l1_espirit, sense, spirit, tuning, wavelet
from core.recon.methods import MethodParams
from core.recon.multi_coil import MultiCoilParams
from core.recon.tunable import TUNABLE, Candidate
from core.recon.tuning import tune, tuning_images
from core.recon.wavelet import WaveletParams
from core.registry import Registry
from core.seen import keys_of
from core.types import Mask, Scan
from tests.core.recon.coils import coils
from tests.core.recon.images import magnitude


@pytest.fixture(scope="module")
def images():
    first = resize(shepp_logan_phantom(), (64, 64), anti_aliasing=True).astype(np.float32)
    noise = np.random.default_rng(0).normal(0, 0.02, first.shape)
    second = np.abs(np.rot90(first) + noise).astype(np.float32)
    scan = Scan("phantom", magnitude=np.stack([first, second, np.zeros_like(first)]) * 300)
    samples = np.random.default_rng(1).random((64, 64)) < 0.35
    samples[26:38, 26:38] = True
    mask = Mask(samples, (12, 12), "gaussian", 3.0, 1)
    return [undersample(scan, index, mask) for index in range(3)]


@dataclass(frozen=True)
class ToyParams(MethodParams):
    reg_weight: float = setting(1e-2, "Weight", low=1e-5, high=1.0)
    effort: int = setting(1, "Effort")


class Toy:
    """A method whose PSNR is known: best at one weight and after so much effort."""

    def __init__(self, best_weight, best_effort=3, longest=20):
        self.best_weight, self.best_effort, self.longest = best_weight, best_effort, longest
        self.runs = []
        self.efforts = 0

    def __call__(self, undersampled, params, progress):
        self.runs.append((undersampled.slice_index, params.reg_weight))
        reference = reference_image(undersampled.scan, undersampled.slice_index)
        for effort in range(1, self.longest + 1):
            progress(effort / self.longest, "toy")
            self.efforts += 1
            off = abs(np.log10(params.reg_weight / self.best_weight))
            error = 0.01 * (1 + off + 0.1 * abs(effort - self.best_effort))
            image = torch.from_numpy(reference / undersampled.scale + np.float32(error))
            yield Candidate(replace(params, effort=effort), image)


@pytest.fixture
def toy(monkeypatch):
    """Register a toy for one test; returns how."""

    def add(best_weight, **rest):
        table = Registry("method that can be tuned")
        method = Toy(best_weight, **rest)
        table.register("toy", "Toy", ToyParams)(method)
        monkeypatch.setattr(tuning, "TUNABLE", table)
        monkeypatch.setattr(tuning, "METHODS", table)
        return method

    return add


def many(count):
    reference = resize(shepp_logan_phantom(), (32, 32), anti_aliasing=True).astype(np.float32)
    scan = Scan("many", magnitude=np.stack([reference * (i + 1) for i in range(count)]))
    mask = Mask(np.ones((32, 32), bool), (32, 32), "gaussian", 1.0, 1)
    return [undersample(scan, i, mask) for i in range(count)]


def test_the_known_best_is_found(images, toy):
    toy(3.16e-4)
    tuned = tune("toy", images[:2])
    assert tuned.params.reg_weight == pytest.approx(3.16e-4)
    assert tuned.params.effort == 3
    assert tuned.remarks == ()
    best = max(tuned.table, key=lambda trial: trial.psnr_db)
    assert (best.params.reg_weight, best.psnr_db) == (tuned.params.reg_weight, tuned.psnr_db)


@pytest.mark.parametrize("start", [1e-5, 2e-3, 1.0])
def test_the_start_hardly_matters(images, toy, start):
    toy(1e-3)
    tuned = tune("toy", images[:1], base=ToyParams(reg_weight=start))
    assert tuned.params.reg_weight == pytest.approx(1e-3)


@pytest.mark.parametrize(
    ("beyond", "end"), [(1e-7, "1e-05, is the smallest"), (1e3, "1, is the largest")]
)
def test_an_optimum_at_the_end_of_the_range_is_remarked_on(images, toy, beyond, end):
    toy(beyond)
    tuned = tune("toy", images[:1])
    assert tuned.remarks == (f"the best weight, {end} allowed",)


def test_a_run_that_still_rises_at_its_end_is_remarked_on(images, toy):
    toy(1e-2, best_effort=50)
    tuned = tune("toy", images[:1])
    assert tuned.params.effort == 20
    assert "the longest run is the best" in tuned.remarks[0]


def test_a_run_is_given_up_once_it_no_longer_rises(images, toy):
    method = toy(1e-2, best_effort=3)
    tune("toy", images[:1])
    assert method.efforts == len(method.runs) * (3 + tuning.PATIENCE)


def test_few_images_are_searched_coarsely_and_no_more_than_some_are_used(toy):
    method = toy(1e-3)
    tuned = tune("toy", many(40))
    used = {index for index, _ in method.runs}
    assert len(used) <= tuning.COARSE_IMAGES + tuning.MOST_IMAGES
    fine = {index for index, weight in method.runs if weight == tuned.table[0].params.reg_weight}
    assert sorted(fine) == [2, 6, 10, 14, 18, 22, 26, 30, 34, 38]


def test_a_flat_method_is_not_followed_to_the_end(images, toy, monkeypatch):
    monkeypatch.setattr(tuning, "MIN_GAIN_DB", 100.0)
    toy(1e-5)
    assert tune("toy", images[:1]).params.reg_weight == pytest.approx(1e-2)


def mean_psnr(images, params):
    values = []
    for image in images:
        recon = magnitude(wavelet.wavelet, image, params).numpy() * image.scale
        reference = reference_image(image.scan, image.slice_index)
        peak = volume_maximum(image.scan)
        values.append(metrics.score(metrics.DEFAULT, reference, recon, peak).psnr_db)
    return np.mean(values)


def test_what_the_tuning_says_is_what_the_method_gives(images, monkeypatch):
    monkeypatch.setattr(wavelet, "MOST_ITERATIONS", 30)
    base = WaveletParams(schedule="constant")
    tuned = tune("cs", images[:2], base=base)
    assert mean_psnr(images[:2], tuned.params) == pytest.approx(tuned.psnr_db, abs=1e-3)
    for weight in (1e-5, 1e-1):
        other = replace(base, reg_weight=weight, n_iterations=30)
        assert mean_psnr(images[:2], other) < tuned.psnr_db


@pytest.mark.parametrize("method", TUNABLE.names())
def test_every_tunable_method_is_a_method_and_tunes_alike_twice(images, method, monkeypatch):
    for module in (wavelet, sense, spirit, l1_espirit):
        monkeypatch.setattr(module, "MOST_ITERATIONS", 10)
    params = METHODS[method].params
    image = coils((64, 64)) if issubclass(params, MultiCoilParams) else images[0]
    tuned = tune(method, [image])
    assert isinstance(tuned.params, params)
    assert tuned.params.tuned_on == keys_of(image.scan, [0])
    assert tuned.psnr_db > 20
    again = tune(method, [image])
    assert (tuned.params, tuned.table) == (again.params, again.table)


def test_other_settings_are_kept(images, monkeypatch):
    monkeypatch.setattr(wavelet, "MOST_ITERATIONS", 10)
    base = WaveletParams(wavelet="db2", image_values="real", seed=5)
    params = tune("cs", images[:1], base=base).params
    assert (params.wavelet, params.image_values, params.seed) == ("db2", "real", 5)


def test_empty_slices_are_left_out(images, toy):
    toy(1e-2)
    params = tune("toy", [images[0], images[2]]).params
    assert params.tuned_on == keys_of(images[0].scan, [0])
    with pytest.raises(ValueError, match="images must hold one that is not empty, got 1 images"):
        tune("toy", [images[2]])
    with pytest.raises(ValueError, match="images must hold one that is not empty, got 0 images"):
        tune("toy", [])


def test_a_method_without_tuning_is_refused(images):
    with pytest.raises(ValueError, match="unknown method that can be tuned 'zf'"):
        tune("zf", images)


def test_progress_rises_to_the_end_and_cancels(toy):
    toy(1e-4)
    fractions = []
    tune("toy", many(5), lambda fraction, message: fractions.append(fraction))
    assert fractions == sorted(fractions)
    assert fractions[-1] == 1

    def cancel(fraction, message):
        if fraction > 0.05:
            raise Cancelled

    with pytest.raises(Cancelled):
        tune("toy", many(5), cancel)


def test_tuning_images_have_masks_of_the_training_pool():
    scan = Scan("a", magnitude=np.random.default_rng(0).random((3, 48, 64), np.float32))
    images = tuning_images([(scan, 2), (scan, 0)], 5.0, "gaussian")
    assert [u.slice_index for u in images] == [2, 0]
    assert [(u.mask.split, u.mask.seed) for u in images] == [("train", 0), ("train", 1)]
    assert {(u.mask.pattern, u.mask.acceleration) for u in images} == {("gaussian", 5.0)}
