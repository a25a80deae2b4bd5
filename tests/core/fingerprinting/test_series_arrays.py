import h5py
import nibabel
import numpy as np
import pytest

from core.fingerprinting.sequence_file import find
from core.fingerprinting.series_file import read_series


@pytest.fixture
def signals(small_series):
    return small_series.signals


def saved(folder, array, name="mine.npy"):
    np.save(folder / name, array)
    return folder / name


@pytest.mark.parametrize("dtype", [np.complex64, np.complex128, np.float32, np.float64])
def test_numpy_arrays_of_several_slices(tmp_path, signals, short_sequence, dtype):
    values = signals.astype(dtype) if np.dtype(dtype).kind == "c" else signals.real.astype(dtype)
    read = read_series(saved(tmp_path, values), short_sequence)
    np.testing.assert_array_equal(read.signals, values)
    assert read.signals.dtype == np.complex64
    assert read.sequence == short_sequence
    assert read.name == "mine"
    assert 0.2 < read.mask.mean() < 0.8
    assert read.truth is None


def test_one_slice_needs_no_axis(tmp_path, signals, short_sequence):
    read = read_series(saved(tmp_path, signals[1]), short_sequence)
    np.testing.assert_array_equal(read.signals, signals[1:])


def test_the_default_sequence_is_taken_if_it_fits(tmp_path):
    n = find().n_readouts
    rng = np.random.default_rng(0)
    read = read_series(saved(tmp_path, rng.standard_normal((n, 6, 5)).astype(np.float32)))
    assert read.sequence == find()
    assert read.notes[0].startswith("taken for a series of the default sequence")


def test_a_bare_array_is_noted_to_have_no_place(tmp_path, signals, short_sequence):
    read = read_series(saved(tmp_path, signals), short_sequence)
    assert (read.spacing_mm, read.grid, read.edges) == ((1.0, 1.0, 1.0), None, None)
    assert any("no voxel sizes and no orientation: voxels taken as 1 mm" in n for n in read.notes)


@pytest.mark.parametrize(
    ("shape", "got"),
    [((20, 64, 64), r"got 20 \(axis 0 of \(20,"), ((2, 20, 8, 8), r"got 20 \(axis 1 of \(2, 20")],
)
def test_the_axis_that_was_taken_for_read_outs_is_named(tmp_path, short_sequence, shape, got):
    with pytest.raises(ValueError, match=got):
        read_series(saved(tmp_path, noise(*shape)), short_sequence)


def test_the_axis_of_a_nifti_is_that_of_its_file(tmp_path, short_sequence):
    path = tmp_path / "mine.nii"
    nibabel.save(nibabel.Nifti1Image(noise(33, 34, 2, 20).astype(np.float32), np.eye(4)), path)
    with pytest.raises(ValueError, match=r"got 20 \(axis 3 of \(33, 34, 2, 20\)\)"):
        read_series(path, short_sequence)


def test_hdf5_by_name_or_as_the_only_one(tmp_path, signals, short_sequence):
    with h5py.File(tmp_path / "named.h5", "w") as file:
        file["signals"] = signals
        file["other"] = np.zeros((2, 2, 2))
    with h5py.File(tmp_path / "only.hdf5", "w") as file:
        file.create_dataset("anything", data=signals[0], compression="gzip")
        file["times"] = np.zeros(32)
        file.create_group("more")
    for name, expected in (("named.h5", signals), ("only.hdf5", signals[:1])):
        read = read_series(tmp_path / name, short_sequence)
        np.testing.assert_array_equal(read.signals, expected)


@pytest.mark.parametrize("suffix", [".nii", ".nii.gz"])
def test_nifti_is_turned_for_display_and_keeps_its_grid(
    tmp_path, small_series, short_sequence, suffix
):
    stored = np.stack(
        [small_series.grid.to_file(volume) for volume in np.moveaxis(small_series.signals, 1, 0)],
        axis=-1,
    )
    path = tmp_path / f"mine{suffix}"
    nibabel.save(nibabel.Nifti1Image(stored, small_series.grid.affine), path)
    read = read_series(path, short_sequence)
    np.testing.assert_array_equal(read.signals, small_series.signals)
    np.testing.assert_allclose(read.grid.affine, small_series.grid.affine, rtol=1e-6)
    np.testing.assert_allclose(read.spacing_mm, small_series.spacing_mm, rtol=1e-6)


VIEWS = {
    "axial": (np.diag([-1.5, 1.5, 4, 1]), ("R", "L", "A", "P")),
    "coronal": (np.diag([-1.5, 4, 1.5, 1])[:, [0, 2, 1, 3]], ("R", "L", "S", "I")),
    "sagittal": (np.diag([4, 1.5, 1.5, 1])[:, [1, 2, 0, 3]], ("A", "P", "S", "I")),
}


@pytest.mark.parametrize("view", VIEWS)
def test_edges_are_those_of_the_view(tmp_path, short_sequence, view):
    affine, edges = VIEWS[view]
    path = tmp_path / "mine.nii"
    nibabel.save(nibabel.Nifti1Image(noise(33, 34, 2, 32).astype(np.float32), affine), path)
    read = read_series(path, short_sequence)
    assert read.shape[0] == 2
    assert read.edges == edges
    assert read.spacing_mm == pytest.approx((4, 1.5, 1.5))


@pytest.mark.parametrize("bad", [np.nan, np.inf, 0.0])
def test_a_nifti_without_orientation_has_no_edges(tmp_path, short_sequence, bad):
    image = nibabel.Nifti1Image(noise(33, 34, 2, 32).astype(np.float32), None)
    path = tmp_path / "plain.nii"
    nibabel.save(image, path)
    read = read_series(path, short_sequence)
    assert read.edges is None
    assert (
        "the file states no orientation: left and right, front and back are unknown" in read.notes
    )
    image.header["srow_x"] = bad
    image.header["srow_y"] = bad
    image.header["sform_code"] = 1
    path.write_bytes(image.header.binaryblock + path.read_bytes()[348:])
    read = read_series(path, short_sequence)
    assert read.edges is None
    assert "the affine is invalid: voxels taken as 1 mm" in read.notes


def test_voxels_with_nan_are_masked_with_a_message(tmp_path, signals, short_sequence):
    bad = signals.copy()
    bad[0, 3, 16, 16] = np.nan
    read = read_series(saved(tmp_path, bad), short_sequence)
    assert not read.mask[0, 16, 16]
    assert read.notes[0] == "1 of 2048 voxels hold NaN or infinity, and are not mapped"


def noise(*shape):
    return np.random.default_rng(0).standard_normal(shape)


BAD_ARRAYS = {
    "wrong length": (noise(31, 8, 8), "must have the 32 read-outs of sequence 'Short', got 31"),
    "two axes": (noise(32, 8), "must have the axes"),
    "five axes": (noise(1, 1, 32, 8, 8), "must have the axes"),
    "integers": (np.ones((32, 8, 8), int), "must be complex or real numbers, got int64"),
    "booleans": (np.ones((32, 8, 8), bool), "must be complex or real numbers, got bool"),
    "text": (np.full((32, 8, 8), "a"), "plain numbers"),
    "objects": (np.full((32, 8, 8), None), "plain numbers"),
    "all zero": (np.zeros((32, 8, 8), complex), "must hold signals, got 0 in every voxel"),
    "all NaN": (np.full((32, 8, 8), np.nan, complex), "NaN or infinity in every voxel"),
    "magnitudes": (abs(noise(32, 8, 8)), "have a sign, which magnitudes have lost"),
    "empty": (noise(0, 32, 8, 8), "at least 1 element"),
}


@pytest.mark.parametrize("case", BAD_ARRAYS)
def test_bad_arrays_are_refused_in_one_line(case, tmp_path, short_sequence):
    array, message = BAD_ARRAYS[case]
    path = saved(tmp_path, array)
    with pytest.raises(ValueError, match=message) as refused:
        read_series(path, short_sequence)
    assert str(refused.value).startswith("mine.npy: ")
    assert "\n" not in str(refused.value)


def test_the_default_sequence_that_does_not_fit_names_both_numbers(tmp_path, signals):
    with pytest.raises(ValueError, match=rf"must have the {find().n_readouts} read-outs.*got 32"):
        read_series(saved(tmp_path, signals))


def write_hdf5(path, **datasets):
    with h5py.File(path, "w") as file:
        for name, values in datasets.items():
            file[name] = values


def write_nifti(path, array):
    nibabel.save(nibabel.Nifti1Image(array, np.eye(4)), path)


BAD_FILES = {
    "junk.npy": (lambda p: p.write_bytes(b"junk" * 9), "must hold NumPy arrays"),
    "junk.h5": (lambda p: p.write_bytes(b"junk" * 9), "must be an undamaged HDF5 file"),
    "junk.nii": (lambda p: p.write_bytes(b"junk" * 99), "must be an undamaged NIfTI"),
    "junk.nii.gz": (lambda p: p.write_bytes(b"\x1f\x8b" + b"x" * 99), "undamaged NIfTI"),
    "two.h5": (lambda p: write_hdf5(p, a=noise(32, 4, 4), b=noise(32, 4, 4)), "got /a, /b"),
    "none.h5": (lambda p: write_hdf5(p, a=noise(32)), "must hold a dataset 'signals'.*got none"),
    "three.nii": (lambda p: write_nifti(p, noise(32, 33, 34)), "must have four axes"),
    "series.mat": (lambda p: p.write_bytes(b"x"), "must be a folder or end in .npy, .h5, .hdf5"),
}


@pytest.mark.parametrize("name", BAD_FILES)
def test_other_files_are_refused_in_one_line(name, tmp_path, short_sequence):
    write, message = BAD_FILES[name]
    write(tmp_path / name)
    with pytest.raises(ValueError, match=message) as refused:
        read_series(tmp_path / name, short_sequence)
    assert "\n" not in str(refused.value)
