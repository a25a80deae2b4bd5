"""Results go back to the voxels, the affine and the scale of the file they came from."""

from __future__ import annotations

import itertools
from dataclasses import replace
from pathlib import Path

import nibabel
import numpy as np
import pytest

from core.io import ReadOptions, load, write_nifti
from core.io.nifti_writer import Placement, write_volume
from core.types import SIMULATED, Grid, Scan

AFFINES = [
    np.eye(4)[[*order, 3]] @ np.diag([*np.multiply(signs, (1.1, 1.2, 1.3)), 1.0])
    for order in itertools.permutations(range(3))
    for signs in itertools.product([1, -1], repeat=3)
]


def noise(*shape: int) -> np.ndarray:
    return np.random.default_rng(2).uniform(1, 100, shape).astype(np.float32)


def slices(scan: Scan) -> dict[int, np.ndarray]:
    assert scan.magnitude is not None
    return dict(enumerate(scan.magnitude))


def small_scan(**fields) -> Scan:
    return Scan(name="phantom", magnitude=noise(3, 40, 34), spacing_mm=(4.0, 1.5, 1.0), **fields)


@pytest.mark.parametrize("affine", AFFINES, ids=lambda a: "".join(nibabel.aff2axcodes(a)))
@pytest.mark.parametrize("suffix", [".nii", ".nii.gz"])
def test_the_file_comes_back_voxel_by_voxel(tmp_path, affine, suffix):
    affine = affine.copy()
    affine[:3, 3] = (-7.25, 3.5, 11)
    array = noise(34, 36, 38)
    nibabel.save(nibabel.Nifti1Image(array, affine), tmp_path / "in.nii")
    scan = load(tmp_path / "in.nii")
    write_nifti(tmp_path / f"out{suffix}", slices(scan), scan, "copy")
    written = nibabel.load(tmp_path / f"out{suffix}")
    assert written.shape == array.shape
    assert written.get_data_dtype() == np.float32
    np.testing.assert_array_equal(written.affine, nibabel.load(tmp_path / "in.nii").affine)
    np.testing.assert_array_equal(np.asarray(written.dataobj), array)
    np.testing.assert_allclose(written.header.get_qform(), affine, atol=1e-4)
    assert written.header.get_xyzt_units()[0] == "mm"


def test_slices_not_given_are_zero(tmp_path):
    nibabel.save(nibabel.Nifti1Image(noise(34, 36, 38), np.eye(4)), tmp_path / "in.nii")
    scan = load(tmp_path / "in.nii")
    write_nifti(tmp_path / "out.nii", {5: scan.magnitude[5]}, scan, "one slice")
    written = np.asarray(nibabel.load(tmp_path / "out.nii").dataobj)
    assert np.flatnonzero(written.any(axis=(0, 1))).tolist() == [5]


def test_a_sheared_affine_survives_in_the_sform(tmp_path):
    affine = np.array([[1, 0.3, 0, 5], [0, 1, 0, 6], [0, 0, 2, 7], [0, 0, 0, 1.0]])
    nibabel.save(nibabel.Nifti1Image(noise(34, 36, 3), affine), tmp_path / "in.nii")
    scan = load(tmp_path / "in.nii")
    write_nifti(tmp_path / "out.nii", slices(scan), scan, "sheared")
    written = nibabel.load(tmp_path / "out.nii")
    np.testing.assert_allclose(written.affine, affine, atol=1e-6)
    assert written.header["qform_code"] == 0


@pytest.mark.parametrize("oblique", [0.1, 0.7])
def test_an_affine_given_by_the_qform_alone(tmp_path, oblique):
    turn = np.eye(4)
    turn[1:3, 1:3] = [[np.cos(oblique), -np.sin(oblique)], [np.sin(oblique), np.cos(oblique)]]
    image = nibabel.Nifti1Image(noise(34, 36, 3), None)
    image.header.set_qform(turn @ np.diag([0.9, 0.9, 4, 1]), code=1)
    image = nibabel.Nifti1Image(np.asarray(image.dataobj), None, image.header)
    nibabel.save(image, tmp_path / "in.nii")
    scan = load(tmp_path / "in.nii")
    write_nifti(tmp_path / "out.nii", slices(scan), scan, "qform")
    written = nibabel.load(tmp_path / "out.nii")
    np.testing.assert_allclose(written.affine, turn @ np.diag([0.9, 0.9, 4, 1]), atol=1e-5)


def test_a_4d_file_gives_a_3d_result(tmp_path):
    series = noise(34, 36, 4, 3)
    nibabel.save(nibabel.Nifti1Image(series, np.eye(4)), tmp_path / "in.nii")
    scan = load(tmp_path / "in.nii", ReadOptions(volume=1))
    write_nifti(tmp_path / "out.nii", slices(scan), scan, "second volume")
    np.testing.assert_array_equal(nibabel.load(tmp_path / "out.nii").dataobj, series[..., 1])


def test_no_orientation_in_means_none_out(tmp_path):
    nibabel.save(nibabel.Nifti1Image(noise(34, 36, 3), None), tmp_path / "in.nii")
    scan = load(tmp_path / "in.nii")
    write_nifti(tmp_path / "out.nii", slices(scan), scan, "unknown")
    source, written = nibabel.load(tmp_path / "in.nii"), nibabel.load(tmp_path / "out.nii")
    np.testing.assert_array_equal(written.affine, source.affine)
    assert written.header["sform_code"] == written.header["qform_code"] == 0


def test_an_invalid_affine_in_means_none_out(tmp_path):
    image = nibabel.Nifti1Image(noise(34, 36, 3), np.eye(4))
    nibabel.save(image, tmp_path / "in.nii")
    image.header["srow_x"] = np.nan
    image.header["qform_code"] = 0
    data = (tmp_path / "in.nii").read_bytes()
    (tmp_path / "in.nii").write_bytes(image.header.binaryblock + data[348:])
    scan = load(tmp_path / "in.nii")
    assert scan.edges is None
    write_nifti(tmp_path / "out.nii", slices(scan), scan, "unknown")
    written = nibabel.load(tmp_path / "out.nii")
    assert written.header["sform_code"] == written.header["qform_code"] == 0


def test_a_scan_without_a_grid_keeps_its_voxel_sizes_and_display(tmp_path):
    scan = small_scan()
    write_nifti(tmp_path / "out.nii.gz", slices(scan), scan, "phantom")
    written = nibabel.load(tmp_path / "out.nii.gz")
    assert written.header.get_zooms() == pytest.approx((1.0, 1.5, 4.0))
    np.testing.assert_allclose(np.abs(np.diag(written.affine)), (1.0, 1.5, 4.0, 1.0))
    again = load(tmp_path / "out.nii.gz")
    np.testing.assert_array_equal(again.magnitude, scan.magnitude)
    assert again.spacing_mm == pytest.approx(scan.spacing_mm)


@pytest.mark.parametrize("length", [0, 30, 79, 300])
def test_simulated_scans_say_so_in_79_bytes(tmp_path, length):
    scan = small_scan()
    write_nifti(tmp_path / "out.nii", slices(scan), scan, "é" * length)
    text = bytes(nibabel.load(tmp_path / "out.nii").header["descrip"].item())
    assert SIMULATED.encode() in text
    assert len(text) <= 79


def test_measured_scans_do_not_claim_to_be_simulated(tmp_path):
    kspace = np.ones((2, 1, 40, 34), np.complex64)
    scan = Scan(name="measured", kspace=kspace)
    write_nifti(tmp_path / "out.nii", {0: noise(40, 34)}, scan, "tlmri zf R=4")
    header = nibabel.load(tmp_path / "out.nii").header
    assert header["descrip"].item() == b"tlmri zf R=4"


def test_an_existing_file_is_replaced_and_nothing_else_is_left(tmp_path):
    scan = small_scan()
    target = tmp_path / "out.nii"
    target.write_text("old")
    write_nifti(target, slices(scan), scan, "new")
    assert nibabel.load(target).shape == (34, 40, 3)
    assert list(tmp_path.iterdir()) == [target]


def test_a_failed_write_leaves_the_old_file_alone(tmp_path, monkeypatch):
    scan = small_scan()
    target = tmp_path / "out.nii"
    target.write_text("old")

    def full(self, data):
        self.touch()
        raise OSError(28, "No space left on device")

    monkeypatch.setattr(Path, "write_bytes", full)
    with pytest.raises(ValueError, match=r"out.nii: must be writable, got No space left"):
        write_nifti(target, slices(scan), scan, "new")
    assert target.read_text() == "old"
    assert list(tmp_path.iterdir()) == [target]


BAD = {
    "no images": ({}, "out.nii", "at least one slice, got none"),
    "index": ({3: noise(40, 34)}, "out.nii", "from 0 to 2, got 3"),
    "negative index": ({-1: noise(40, 34)}, "out.nii", "from 0 to 2, got -1"),
    "shape": ({0: noise(34, 40)}, "out.nii", r"shape \(40, 34\), got \(34, 40\)"),
    "suffix": ({0: noise(40, 34)}, "out.img", "must end in .nii or .nii.gz"),
}


def test_the_folder_is_made(tmp_path):
    scan = small_scan()
    write_nifti(tmp_path / "new" / "out.nii", slices(scan), scan, "new")
    assert nibabel.load(tmp_path / "new" / "out.nii").shape == (34, 40, 3)


@pytest.mark.parametrize("case", BAD)
def test_bad_input_writes_nothing(tmp_path, case):
    images, name, message = BAD[case]
    with pytest.raises(ValueError, match=message):
        write_nifti(tmp_path / name, images, small_scan(), "bad")
    assert list(tmp_path.iterdir()) == []


def test_the_scale_is_that_of_the_scan(tmp_path):
    scan = replace(small_scan(), magnitude=noise(3, 40, 34) * 1e-6)
    write_nifti(tmp_path / "out.nii", slices(scan), scan, "small")
    assert np.asarray(nibabel.load(tmp_path / "out.nii").dataobj).max() == scan.magnitude.max()


def test_any_volume_is_placed_by_its_grid(tmp_path):
    affine = np.diag([2.0, 3.0, 4.0, 1.0])
    grid = Grid(affine, (6, 5, 4), axes=(2, 1, 0), flips=(False, True, True))
    volume = noise(4, 5, 6)
    path = tmp_path / "map.nii.gz"
    write_volume(path, volume, Placement((4.0, 3.0, 2.0), grid), "a  map " + "é" * 90)
    image = nibabel.load(path)
    np.testing.assert_array_equal(grid.to_scan(np.asarray(image.dataobj)), volume)
    np.testing.assert_array_equal(image.affine, affine)
    assert image.header["sform_code"] == 1
    assert bytes(image.header["descrip"]).startswith(b"a map ???")


def test_a_volume_of_unknown_place_has_its_voxel_sizes(tmp_path):
    write_volume(tmp_path / "map.nii", noise(4, 5, 6), Placement((4.0, 3.0, 2.0)), "map")
    image = nibabel.load(tmp_path / "map.nii")
    assert image.shape == (6, 5, 4)
    np.testing.assert_allclose(image.header.get_zooms(), (2.0, 3.0, 4.0))
    assert image.header["sform_code"] == 0
    with pytest.raises(ValueError, match=r"must end in .nii or .nii.gz, got '.img'"):
        write_volume(tmp_path / "map.img", noise(4, 5, 6), Placement((1.0, 1.0, 1.0)), "map")
