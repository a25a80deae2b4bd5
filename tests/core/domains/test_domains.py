import json

import h5py
import numpy as np
import pytest

from core.domains import DOMAINS
from core.domains.mri import axial_slices, has_enough_foreground
from core.domains.splits import read_split


@pytest.fixture
def folder(tmp_path):
    random = np.random.default_rng(0)
    with h5py.File(tmp_path / "natural.h5", "w") as file:
        file["images"] = np.arange(6 * 40 * 40, dtype=np.uint8).reshape(6, 40, 40)
    with h5py.File(tmp_path / "siteA_stack.h5", "w") as file:
        file["images"] = random.integers(1, 900, (3, 40, 40), dtype=np.uint16)
        file["step"] = np.array([0.5, 2.0, 1.0], np.float32)
    with h5py.File(tmp_path / "siteB-complex.h5", "w") as file:
        file["images"] = np.full((2, 40, 40, 2), [3, 4], np.int16)
        file["scale"] = np.array([2.0, 1.0])
    table = {
        "natural": {"train": ["natural.h5#images[1:4]"]},
        "t1": {"train": ["siteA_stack.h5", "siteB-complex.h5"]},
        "t2": {"train": ["gone.nii.gz"]},
    }
    (tmp_path / "splits.json").write_text(json.dumps(table))
    return tmp_path


def test_natural_takes_the_range_that_the_split_names(folder):
    (group,) = DOMAINS["natural"].item(folder, "train")
    with h5py.File(folder / "natural.h5") as file:
        np.testing.assert_array_equal(np.stack(group.images), file["images"][1:4])
    assert group.images[0].dtype == np.float32


def test_mri_groups_by_origin_and_restores_intensities(folder):
    groups = {group.name: group.images for group in DOMAINS["t1"].item(folder, "train")}
    assert set(groups) == {"siteA", "siteB"}
    with h5py.File(folder / "siteA_stack.h5") as file:
        np.testing.assert_allclose(groups["siteA"][1], file["images"][1] * 2.0)
    np.testing.assert_allclose(groups["siteB"][0], 10.0)


@pytest.mark.parametrize(
    ("domain", "split", "message"),
    [
        ("t2", "train", r"gone\.nii\.gz: listed in splits\.json but missing"),
        ("t1", "val", r"must list 't1' / 'val'"),
    ],
)
def test_missing_data_is_named(folder, domain, split, message):
    with pytest.raises(ValueError, match=message):
        DOMAINS[domain].item(folder, split)


def test_folder_without_splits_is_refused(tmp_path):
    with pytest.raises(ValueError, match=r"must hold splits\.json, found none"):
        read_split(tmp_path, "t1", "train")


def test_broken_splits_are_refused(tmp_path):
    (tmp_path / "splits.json").write_text("{")
    with pytest.raises(ValueError, match="must be JSON"):
        read_split(tmp_path, "t1", "train")
    (tmp_path / "splits.json").write_text('{"t1": {"train": ["a.h5#images[1]"]}}')
    with pytest.raises(ValueError, match="must read FILE or FILE#NAME"):
        read_split(tmp_path, "t1", "train")


def test_foreign_stack_is_refused(tmp_path):
    with h5py.File(tmp_path / "odd.h5", "w") as file:
        file["other"] = np.zeros(3)
    with pytest.raises(ValueError, match=r"odd\.h5: must hold 'images', found other"):
        axial_slices(tmp_path / "odd.h5")


def test_foreground_rule():
    image = np.zeros((50, 50), np.float32)
    assert not has_enough_foreground(image)
    image[:2] = 100.0
    assert not has_enough_foreground(image)
    image[:10] = 100.0
    assert has_enough_foreground(image)


@pytest.mark.data
@pytest.mark.parametrize("domain", ["natural", "t1", "t2"])
def test_real_splits_share_no_image(shared_data, domain):
    if domain == "natural":
        entries = [read_split(shared_data, domain, split)[0] for split in ("train", "val")]
        assert entries[0].stop <= entries[1].start
        return
    files = [e.path for s in ("train", "tune", "val", "test")
             for e in read_split(shared_data, domain, s)]  # fmt: skip
    assert len(files) == len(set(files))
