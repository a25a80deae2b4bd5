"""Real scans: read whole, turned the right way, written back where they were."""

from __future__ import annotations

from pathlib import Path

import h5py
import nibabel
import numpy as np
import pytest

from core.acquisition import full_kspace, reference_image
from core.coils import root_sum_of_squares
from core.fourier import ifft2c
from core.io import ReadOptions, ScanFileError, load, write_nifti

DATA = Path(__file__).resolve().parents[3].parent / "shared" / "data"
NIFTI = sorted(
    str(path.relative_to(DATA))
    for pattern in ("t1/*.nii.gz", "t2/*.nii.gz", "other/*.nii.gz", "formats/*.nii.gz")
    for path in DATA.glob(pattern)
)

pytestmark = [
    pytest.mark.data,
    pytest.mark.skipif(not DATA.is_dir(), reason="needs ../shared/data beside the checkout"),
]


@pytest.mark.parametrize("name", NIFTI)
def test_nifti_is_axial_and_comes_back(tmp_path, name):
    source = nibabel.load(DATA / name)
    scan = load(DATA / name)
    assert scan.edges == ("R", "L", "A", "P")
    assert scan.n_slices == source.shape[np.argmax(np.abs(source.affine[2, :3]))]
    write_nifti(tmp_path / "out.nii", dict(enumerate(scan.magnitude)), scan, "copy")
    written = nibabel.load(tmp_path / "out.nii")
    np.testing.assert_allclose(written.affine, source.affine, atol=1e-5)
    expected = np.clip(np.asarray(source.dataobj, np.float32), 0, None)
    np.testing.assert_array_equal(np.asarray(written.dataobj), expected)


@pytest.mark.parametrize("name", [n for n in NIFTI if n.startswith(("t1", "t2"))])
def test_heads_are_longer_from_front_to_back_than_from_side_to_side(name):
    """Physical extent of the head in its widest slice, which a swap of axes would exchange."""
    scan = load(DATA / name)
    head = scan.magnitude > 0.1 * np.quantile(scan.magnitude, 0.99)
    inside = head[np.argmax(head.sum(axis=(1, 2)))]
    rows = np.flatnonzero(inside.sum(axis=1) > 8)
    columns = np.flatnonzero(inside.sum(axis=0) > 8)
    length = np.ptp(rows) * scan.spacing_mm[1]
    width = np.ptp(columns) * scan.spacing_mm[2]
    assert 110 < width < length < 230


def test_two_contrasts_of_one_person_lie_alike():
    """T1 and T2 of one person are stored with different axes; displayed they must correlate."""
    profiles = []
    for name in ("t1/tcga-fg-6692_T1w.nii.gz", "t2/tcga-fg-6692_T2w.nii.gz"):
        scan = load(DATA / name)
        image = scan.magnitude[13]
        head = image > 0.15 * np.quantile(image, 0.99)
        rows = np.flatnonzero(head.any(axis=1))
        widths = head[rows].sum(axis=1) * scan.spacing_mm[2]
        grid = np.linspace(0, len(widths) - 1, 50)
        profiles.append(np.interp(grid, np.arange(len(widths)), widths))
    upright = np.corrcoef(profiles[0], profiles[1])[0, 1]
    turned = np.corrcoef(profiles[0], profiles[1][::-1])[0, 1]
    assert upright > turned


def test_fastmri_layout_reconstructs_to_its_own_reference():
    path = DATA / "formats" / "DERIVED_fastmri_schema_loraks4ch.h5"
    scan = load(path)
    assert scan.n_coils == 4
    with h5py.File(path) as file:
        expected = file["reconstruction_rss"][0]
    ours = root_sum_of_squares(ifft2c(full_kspace(scan, 0))).numpy()
    scale = np.vdot(ours, expected) / np.vdot(ours, ours)
    np.testing.assert_allclose(scale * ours, expected, atol=1e-5 * expected.max())
    assert scale == pytest.approx(1, rel=1e-4)


def test_a_complex_image_is_recognised():
    path = DATA / "kspace" / "frankong_brain_img_1ch.npy"
    scan = load(path)
    assert "taken for a complex image" in scan.notes[0]
    np.testing.assert_allclose(reference_image(scan, 0), np.abs(np.load(path)), atol=1e-5)


def test_its_kspace_is_recognised_as_such(tmp_path):
    scan = load(DATA / "kspace" / "frankong_brain_img_1ch.npy")
    np.save(tmp_path / "kspace.npy", scan.kspace[0, 0])
    again = load(tmp_path / "kspace.npy")
    assert "taken for k-space" in again.notes[0]
    np.testing.assert_array_equal(again.kspace, scan.kspace)
    notes = load(tmp_path / "kspace.npy", ReadOptions(content="kspace")).notes
    assert not any("taken for" in note for note in notes)


@pytest.mark.parametrize(
    ("name", "found"),
    [
        ("t1/ds002748_t1_brain_axial_slices.h5", "got images, slice_index, step, subject"),
    ],
)
def test_other_files_are_refused(name, found):
    with pytest.raises(ScanFileError, match=found):
        load(DATA / name)
