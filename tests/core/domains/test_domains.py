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
        ("t1", "val", r"splits\.json: 't1' must list 'val', found 'train'"),
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


LISTED = r"'natural' / 'train' must be a list of at least one file, got "
READ = r"entries must read FILE or FILE#NAME\[A:B\], got "
NATURAL = {
    "a list": ("[]", r"splits\.json: the table must be an object, got list"),
    "a number": ("3", r"splits\.json: the table must be an object, got int"),
    "no domain": ("{}", r"splits\.json: the table must list 'natural', found nothing"),
    "list as domain": ('{"natural": ["natural.h5"]}', r"'natural' must be an object, got list"),
    "text as split": ('{"natural": {"train": "natural.h5"}}', LISTED + '"natural.h5"'),
    "null as split": ('{"natural": {"train": null}}', LISTED + "null"),
    "no files": ('{"natural": {"train": []}}', LISTED + r"\[\]"),
    "number as entry": ('{"natural": {"train": [7]}}', READ + "7"),
    "list as entry": ('{"natural": {"train": [["natural.h5"]]}}', READ + r"\['natural"),
    "not text": (b"\xff\xfe\x00", r"splits\.json: must be JSON"),
}
RANGE = r"natural\.h5: the range of 'images' must hold an image and end by 6, got "
STACK = {
    "no such data set": ("natural.h5#photos[0:1]", "the data set 'photos', found images"),
    "empty range": ("natural.h5#images[2:2]", RANGE + r"\[2:2\]"),
    "backward range": ("natural.h5#images[4:2]", RANGE + r"\[4:2\]"),
    "beyond the file": ("natural.h5#images[4:7]", RANGE + r"\[4:7\]"),
    "wrong axes": ("siteB-complex.h5", r"'images' must have axes \(image, y, x\), got shape"),
    "not HDF5": ("splits.json", r"splits\.json: must be a readable HDF5 file"),
}


@pytest.mark.parametrize("case", NATURAL)
def test_misshapen_splits_are_refused(folder, case):
    content, message = NATURAL[case]
    raw = content if isinstance(content, bytes) else content.encode()
    (folder / "splits.json").write_bytes(raw)
    with pytest.raises(ValueError, match=message) as refused:
        DOMAINS["natural"].item(folder, "train")
    assert "\n" not in str(refused.value)


@pytest.mark.parametrize("case", STACK)
def test_what_a_file_does_not_hold_is_named(folder, case):
    entry, message = STACK[case]
    (folder / "splits.json").write_text(json.dumps({"natural": {"train": [entry]}}))
    with pytest.raises(ValueError, match=message) as refused:
        DOMAINS["natural"].item(folder, "train")
    assert "\n" not in str(refused.value)


def test_mri_files_are_listed_whole(folder):
    table = {"t1": {"train": ["siteA_stack.h5#images[0:1]"]}}
    (folder / "splits.json").write_text(json.dumps(table))
    with pytest.raises(ValueError, match=r"siteA_stack\.h5: files of 't1' must be listed whole"):
        DOMAINS["t1"].item(folder, "train")


def test_a_group_without_images_is_refused_by_name(folder):
    with h5py.File(folder / "dark_stack.h5", "w") as file:
        file["images"] = np.zeros((3, 40, 40), np.float32)
    table = {"t1": {"train": ["siteA_stack.h5", "dark_stack.h5"]}}
    (folder / "splits.json").write_text(json.dumps(table))
    with pytest.raises(ValueError, match="image group 'dark' must hold at least one image"):
        DOMAINS["t1"].item(folder, "train")


def test_foreign_stack_is_refused(tmp_path):
    with h5py.File(tmp_path / "odd.h5", "w") as file:
        file["other"] = np.zeros(3)
    with pytest.raises(ValueError, match=r"odd\.h5: must hold the data set 'images', found other"):
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
