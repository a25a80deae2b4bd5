import json

import h5py
import nibabel
import numpy as np
import pytest

from core.domains import DOMAINS
from core.domains.pack import LEVELS, NOTE, check_target, pack, stepped
from core.progress import no_progress


def head(random, size, levels=1000):
    """A bright disc on a black background, with whole-numbered noise."""
    y, x = np.mgrid[:size, :size] / size - 0.5
    return ((y**2 + x**2 < 0.16) * random.integers(levels // 2, levels, (size, size))).astype("i2")


@pytest.fixture
def data(tmp_path):
    random = np.random.default_rng(0)
    folder = tmp_path / "data"
    folder.mkdir()
    photos = random.integers(0, 256, (5, 64, 64)).astype("u1")
    with h5py.File(folder / "photos.h5", "w") as file:
        file["images"] = photos
    with h5py.File(folder / "ds_brain.h5", "w") as file:
        file["images"] = np.stack([head(random, 64).astype("u2") for _ in range(3)])
        file["step"] = np.asarray([0.37, 1.5, 0.002])
    with h5py.File(folder / "siat.h5", "w") as file:
        pairs = np.stack([head(random, 48), head(random, 48)], -1)
        file["images"], file["scale"] = pairs[None], np.asarray([0.01], np.float32)
    volume = np.stack([head(random, 64) for _ in range(4)], -1)
    volume[..., 0] = 0  # empty: never a training image
    image = nibabel.Nifti1Image(volume, np.diag([1.0, 1.0, 4.0, 1.0]))
    nibabel.save(image, folder / "openms-1_T1w.nii.gz")
    splits = {
        "natural": {"train": ["photos.h5#images[0:4]"], "val": ["photos.h5#images[4:5]"]},
        "t1": {"train": ["ds_brain.h5", "openms-1_T1w.nii.gz"]},
        "t2": {"train": ["siat.h5"]},
    }
    (folder / "splits.json").write_text(json.dumps(splits))
    return folder


@pytest.mark.parametrize(
    ("domain", "split", "error"),
    [
        ("natural", "train", 0),
        ("natural", "val", 0),
        ("t1", "train", 1e-6),
        ("t2", "train", 0.5 / LEVELS),  # magnitudes of pairs have no step of their own
    ],
)
def test_a_pack_gives_the_same_images(data, tmp_path, domain, split, error):
    target = tmp_path / "pack"
    pack(data, target, no_progress)
    before, after = (DOMAINS[domain].item(folder, split) for folder in (data, target))
    assert [group.name for group in before] == [group.name for group in after]
    for one, other in zip(before, after, strict=True):
        for a, b in zip(one.images, other.images, strict=True):
            np.testing.assert_allclose(b, a, rtol=0, atol=1.001 * error * a.max())


def test_a_pack_is_small_and_needs_no_scan_reader(data, tmp_path):
    written = pack(data, tmp_path / "pack", no_progress)
    assert {path.suffix for path in written} == {".h5", ".json"}
    with h5py.File(tmp_path / "pack" / "t1" / "openms-64x64.h5") as file:
        assert file["images"].shape == (3, 64, 64)
        assert file["images"].compression == "gzip"
        np.testing.assert_allclose(file["step"][:], 1.0)


def test_a_pack_can_be_made_anew_but_replaces_nothing_else(data, tmp_path):
    target = tmp_path / "pack"
    pack(data, target, no_progress)
    assert json.loads((target / "splits.json").read_text())["note"] == NOTE
    check_target(target)
    pack(data, target, no_progress)
    with pytest.raises(ValueError, match="--pack must be an empty folder or an earlier pack"):
        pack(data, data, no_progress)


@pytest.mark.parametrize("step", [1.0, 0.37, 1.7e-5, 3e4])
def test_an_images_own_step_is_found(step):
    levels = np.random.default_rng(1).integers(0, 60_000, (64, 64))
    levels[:4] = np.arange(256).reshape(4, 64)
    packed, found = stepped((levels * np.float32(step)).astype(np.float32))
    assert found == pytest.approx(step, rel=1e-5)
    np.testing.assert_array_equal(packed, levels)


def test_an_image_without_a_step_is_rounded():
    image = np.random.default_rng(2).random((64, 64), np.float32)
    packed, step = stepped(image)
    assert packed.max() == LEVELS
    assert np.abs(packed * step - image).max() <= 0.501 * step


def test_an_empty_image_stays_empty():
    assert not stepped(np.zeros((8, 8), np.float32))[0].any()
