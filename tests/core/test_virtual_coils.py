from itertools import pairwise

import numpy as np
import pytest
import torch

from core import io
from core.acquisition import reference_image
from core.coils import mix
from core.phantom import make_brain, simulate_scan
from core.progress import Cancelled
from core.reading import ReadOptions
from core.types import Scan
from core.virtual_coils import with_virtual_coils


@pytest.fixture(scope="module")
def mixed():
    """Nine coils that are mixtures of three, with the noise of a tenth that is none of them."""
    scan = simulate_scan(make_brain(7, 3, 64), "t1", n_coils=3, seed=1)
    random = np.random.default_rng(0)
    weights = random.normal(size=(9, 3)) + 1j * random.normal(size=(9, 3))
    orthonormal = np.linalg.qr(weights)[0].astype(np.complex64)
    kspace = mix(torch.from_numpy(scan.kspace), torch.from_numpy(orthonormal)).numpy()
    return scan, Scan("mixed", kspace=kspace, notes=("a note",))


def test_three_virtual_coils_hold_all_of_nine_that_are_mixtures_of_three(mixed):
    original, scan = mixed
    found = with_virtual_coils(scan, 3)
    assert found.kspace.shape == (3, 3, 64, 64)
    assert found.notes[0] == "a note"
    assert "9 coils compressed to 3 virtual ones, which hold 100.00% of" in found.notes[1]
    assert found.provenance == "measured k-space of 9 coils compressed, 3 coils"
    # The root sum of squares does not depend on which orthonormal mixture of coils it is of.
    for one, three in zip(original.kspace, found.kspace, strict=True):
        expected = np.linalg.norm(one, axis=0)
        np.testing.assert_allclose(
            np.linalg.norm(three, axis=0), expected, atol=1e-4 * expected.max()
        )


def test_what_is_kept_is_the_share_of_the_singular_values(mixed):
    found = with_virtual_coils(mixed[1], 2)
    singular = [np.linalg.svd(k.reshape(9, -1), compute_uv=False) for k in mixed[1].kspace]
    kept = sum((s[:2] ** 2).sum() for s in singular) / sum((s**2).sum() for s in singular)
    assert kept < 0.999
    assert f"which hold {kept:.2%} of" in found.notes[-1]


def test_neighbouring_slices_have_virtual_coils_alike(mixed):
    scan = mixed[1]
    found = with_virtual_coils(scan, 3).kspace
    seen = scan.kspace.reshape(3, 9, -1)
    # found = A seen for each slice, so A follows from both.
    matrices = [
        f.reshape(3, -1) @ np.linalg.pinv(s, rcond=1e-3) for f, s in zip(found, seen, strict=True)
    ]
    steps = [np.linalg.norm(b - a) for a, b in pairwise(matrices)]
    assert max(steps) < 0.5


def test_samples_that_were_not_measured_do_not_count(mixed):
    scan = mixed[1]
    sampled = np.zeros(scan.slice_shape, bool)
    sampled[::2], sampled[24:40] = True, True
    kspace = np.where(sampled, scan.kspace, 0)
    spoilt = np.where(sampled, scan.kspace, np.complex64(100))
    clean, other = (
        with_virtual_coils(Scan("s", kspace=k, sampled=sampled), 3) for k in (kspace, spoilt)
    )
    np.testing.assert_array_equal(other.kspace, clean.kspace)
    assert other.provenance.endswith("3 coils, acquired undersampled")


def test_an_empty_slice_stays_empty(mixed):
    kspace = mixed[1].kspace.copy()
    kspace[0] = 0
    found = with_virtual_coils(Scan("s", kspace=kspace), 3)
    assert not found.kspace[0].any()
    assert found.kspace[1].any()
    assert "hold 100.00% of" in found.notes[-1]


def test_any_layout_in_memory_will_do(mixed):
    scan = mixed[1]
    turned = Scan("s", kspace=np.asfortranarray(scan.kspace[:, :, ::-1]))
    expected = with_virtual_coils(Scan("s", kspace=scan.kspace[:, :, ::-1].copy()), 3)
    np.testing.assert_array_equal(with_virtual_coils(turned, 3).kspace, expected.kspace)


def test_says_how_far_it_is_and_can_be_cancelled(mixed):
    said = []
    with_virtual_coils(mixed[1], 3, lambda fraction, _: said.append(fraction))
    assert said == sorted(said)
    assert len(said) == 2 * mixed[1].n_slices

    def cancel(_fraction, _message):
        raise Cancelled

    with pytest.raises(Cancelled):
        with_virtual_coils(mixed[1], 3, cancel)


def test_few_coils_and_magnitude_images_stay_as_they_are(mixed):
    scan = mixed[1]
    assert with_virtual_coils(scan, 9) is scan
    images = Scan("images", magnitude=np.ones((1, 8, 8), np.float32))
    assert with_virtual_coils(images) is images


def test_refuses_in_one_line(mixed):
    with pytest.raises(ValueError, match="number of virtual coils must be at least 1, got 0"):
        with_virtual_coils(mixed[1], 0)
    with pytest.raises(ValueError, match="coils of empty cannot be compressed"):
        with_virtual_coils(Scan("empty", kspace=np.zeros((1, 9, 8, 8), np.complex64)))


def test_files_are_compressed_as_they_are_read(mixed, tmp_path):
    np.savez(tmp_path / "raw.npz", kspace=mixed[1].kspace)
    assert io.load(tmp_path / "raw.npz").n_coils == 9
    assert io.load(tmp_path / "raw.npz", ReadOptions(coils=4)).n_coils == 4
    assert io.load(tmp_path / "raw.npz", ReadOptions(coils=16)).n_coils == 9


@pytest.mark.data
def test_the_reference_of_real_data_hardly_changes(shared_data):
    path = shared_data / "kspace" / "chiew_brain_16ch_v73.mat"
    full, few = (reference_image(io.load(path, ReadOptions(coils=c)), 0) for c in (0, 8))
    assert 0 < np.linalg.norm(few - full) / np.linalg.norm(full) < 0.15
