from collections.abc import Sequence
from pathlib import Path

import numpy as np
import pytest

from core import metrics, pipeline
from core.seen import (
    THIS_CHOICE,
    THIS_PERSON,
    THIS_SCAN,
    THIS_SLICE,
    choice_keys,
    keys_of,
    why_unscored,
)
from core.types import Mask, Recon, Scan, image_key

MASK = Mask(np.ones((16, 16), bool), (16, 16), "poisson", 1.0, 1)


def volume(seed, empty: Sequence[int] = ()):
    images = np.random.default_rng(seed).uniform(1, 2, (5, 16, 16)).astype(np.float32)
    images[list(empty)] = 0
    return images


def scan_of(magnitude, path=None, name="a"):
    return Scan(name, magnitude=magnitude, path=None if path is None else Path(path))


@pytest.fixture
def tuned():
    return scan_of(volume(1, empty=[4]), "/data/t1/p1_T1w.nii")


@pytest.fixture
def seen(tuned):
    return keys_of(tuned, [1, 2])


def test_slice_then_scan_then_person(tuned, seen):
    assert why_unscored(tuned, 1, seen) == THIS_SLICE
    assert why_unscored(tuned, 3, seen) == THIS_SCAN
    assert why_unscored(scan_of(volume(2), "/data/t2/p1_T2w.nii"), 1, seen) == THIS_PERSON
    assert why_unscored(scan_of(volume(2), "/data/t2/p2_T2w.nii"), 1, seen) is None
    assert why_unscored(scan_of(volume(2)), 1, seen) is None
    assert why_unscored(tuned, 1, frozenset()) is None


def test_a_slice_that_chose_the_checkpoint_is_told_from_one_that_was_learnt_from(tuned, seen):
    both = seen | choice_keys([image_key(tuned, 2)])
    assert why_unscored(tuned, 1, both) == THIS_SLICE
    assert why_unscored(tuned, 2, both) == THIS_CHOICE


def test_a_part_of_the_scan_under_another_name_is_known_again(tuned, seen):
    part = scan_of(tuned.magnitude[2:4], "/elsewhere/q.nii")
    assert why_unscored(part, 0, seen) == THIS_SLICE
    assert why_unscored(part, 1, seen) == THIS_SCAN


def test_empty_slices_tell_no_scans_apart(tuned, seen):
    stranger = scan_of(volume(3, empty=[0]), "/data/t1/p9_T1w.nii")
    assert image_key(stranger, 0) == image_key(tuned, 4)
    assert why_unscored(stranger, 0, seen) is None


def test_old_checkpoints_know_slices_only(tuned):
    old = frozenset(image_key(tuned, i) for i in (1, 2))
    assert why_unscored(tuned, 2, old) == THIS_SLICE
    assert why_unscored(tuned, 3, old) is None


def test_measured_kspace_is_remembered_too():
    kspace = np.random.default_rng(0).normal(size=(3, 2, 16, 16)).astype(np.complex64)
    scan = Scan("k", kspace=kspace)
    seen = keys_of(scan, [0])
    assert [why_unscored(scan, i, seen) for i in range(3)] == [THIS_SLICE, THIS_SCAN, THIS_SCAN]


@pytest.mark.parametrize(("index", "reason"), [(1, THIS_SLICE), (0, THIS_SCAN)])
def test_the_pipeline_refuses_in_words(tuned, seen, index, reason):
    source = pipeline.undersample(tuned, index, MASK)
    recon = Recon(source, "net", "Net", tuned.magnitude[index], 0.1, tuned_on=seen)
    score = pipeline.score(recon, metrics.DEFAULT)
    assert score.excluded == reason
    assert np.isnan(score.psnr_db)
    untuned = Recon(source, "net", "Net", tuned.magnitude[index], 0.1)
    assert pipeline.score(untuned, metrics.DEFAULT).excluded is None
