import itertools

import numpy as np
import pytest

from core.types import SIMULATED, Grid, Mask, Scan, image_key

AXES = list(itertools.permutations(range(3)))
FLIPS = list(itertools.product([False, True], repeat=3))


@pytest.mark.parametrize("axes", AXES)
@pytest.mark.parametrize("flips", FLIPS)
def test_grid_leads_to_the_scan_and_back(axes, flips):
    array = np.arange(2 * 3 * 4).reshape(2, 3, 4)
    grid = Grid(np.eye(4), array.shape, axes, flips)
    assert np.array_equal(grid.to_file(grid.to_scan(array)), array)
    scan = grid.to_scan(array)
    corner = [0, 0, 0]
    for scan_axis, file_axis in enumerate(axes):
        corner[file_axis] = array.shape[file_axis] - 1 if flips[scan_axis] else 0
    assert scan[0, 0, 0] == array[tuple(corner)]


def test_scan_says_where_its_kspace_comes_from():
    simulated = Scan("a", magnitude=np.ones((2, 8, 9), np.float32))
    measured = Scan("b", kspace=np.ones((2, 4, 8, 9), np.complex64))
    assert simulated.provenance == SIMULATED
    assert measured.provenance == "measured k-space, 4 coils"
    other = Scan("c", kspace=measured.kspace[:, :1], kspace_origin="k-space of a jelly")
    assert other.provenance == "k-space of a jelly, 1 coil"
    assert (measured.n_slices, measured.n_coils, measured.slice_shape) == (2, 4, (8, 9))


@pytest.mark.parametrize(
    "data",
    [
        {},
        {
            "magnitude": np.ones((1, 2, 2), np.float32),
            "kspace": np.ones((1, 1, 2, 2), np.complex64),
        },
        {"magnitude": np.ones((2, 2), np.float32)},
        {"magnitude": np.ones((0, 2, 2), np.float32)},
        {"kspace": np.ones((2, 2, 2), np.complex64)},
    ],
)
def test_scan_refuses_what_it_cannot_be(data):
    with pytest.raises(ValueError, match="scan 'x' must have"):
        Scan("x", **data)


def test_a_key_tells_data_apart_but_not_copies():
    image = np.random.default_rng(0).random((2, 8, 8), dtype=np.float32)
    scan, other = Scan("a", magnitude=image), image.copy()
    other[1, 3, 3] += 1e-6
    assert image_key(Scan("b", magnitude=image.copy()), 1) == image_key(scan, 1)
    assert image_key(Scan("a", magnitude=other), 1) != image_key(scan, 1)
    assert image_key(scan, 0) != image_key(scan, 1)
    kspace = Scan("k", kspace=image[:, None].astype(np.complex64))
    assert image_key(kspace, 1) != image_key(scan, 1)


def test_a_slice_keeps_its_key_in_a_part_of_the_volume():
    image = np.random.default_rng(1).random((5, 8, 8), dtype=np.float32)
    part = Scan("part", magnitude=image[3:])
    assert image_key(part, 0) == image_key(Scan("whole", magnitude=image), 3)


def test_achieved_acceleration_counts_samples():
    samples = np.zeros((8, 8), bool)
    samples[:2] = True
    assert Mask(samples, (2, 2), "x", 4.0, 0).achieved_acceleration == 4.0


@pytest.mark.parametrize(
    ("sampled", "got"),
    [
        (np.ones((8, 9), np.uint8), "got uint8"),
        (np.ones((9, 8), bool), r"shape \(9, 8\)"),
        (np.zeros((8, 9), bool), "True somewhere"),
    ],
)
def test_a_sampling_that_does_not_fit_is_refused(sampled, got):
    with pytest.raises(ValueError, match=got):
        Scan("head", kspace=np.ones((2, 1, 8, 9), np.complex64), sampled=sampled)


def test_magnitude_is_never_undersampled():
    with pytest.raises(ValueError, match="'head' must have kspace where it is undersampled"):
        Scan("head", magnitude=np.ones((2, 8, 9), np.float32), sampled=np.ones((8, 9), bool))


def test_an_undersampled_scan_says_so():
    kspace = np.ones((2, 1, 8, 9), np.complex64)
    assert Scan("head", kspace=kspace).has_reference
    scan = Scan("head", kspace=kspace, sampled=np.ones((8, 9), bool))
    assert not scan.has_reference
    assert scan.provenance == "measured k-space, 1 coil, acquired undersampled"
