"""fastMRI's HDF5 layout, built here after its published description."""

from __future__ import annotations

import struct

import h5py
import numpy as np
import pytest

from core.acquisition import direct_image, full_kspace, reference_image
from core.coils import root_sum_of_squares
from core.fourier import ifft2c
from core.io import ScanFileError, load
from core.people import same_person

HEADER = """<?xml version="1.0"?>
<ismrmrdHeader xmlns="http://www.ismrm.org/ISMRMRD"><encoding><reconSpace>
<matrixSize><x>{y}</x><y>{x}</y><z>1</z></matrixSize>
<fieldOfView_mm><x>140</x><y>150</y><z>4.5</z></fieldOfView_mm>
</reconSpace></encoding></ismrmrdHeader>"""


def coil_images(n_slices: int = 2, n_coils: int = 3, size: tuple[int, int] = (80, 46)):
    """Coil images of an ellipse in noise, with a field of view twice as long as needed."""
    y, x = np.meshgrid(*[np.linspace(-1, 1, n) for n in size], indexing="ij")
    body = ((y / 0.4) ** 2 + (x / 0.8) ** 2 < 1) * (1 + 0.2 * np.cos(20 * x))
    coils = [np.exp(-((x - c) ** 2) + 1j * c * y) for c in np.linspace(-1, 1, n_coils)]
    rng = np.random.default_rng(7)
    grain = rng.normal(size=(2, n_slices, n_coils, *size)) * 0.01
    scale = np.arange(1, n_slices + 1)[:, None, None, None]
    return (scale * body * np.array(coils) + grain[0] + 1j * grain[1]).astype(np.complex64)


def fft(image):
    axes = (-2, -1)
    shifted = np.fft.fft2(np.fft.ifftshift(image, axes), norm="ortho")
    return np.fft.fftshift(shifted, axes).astype(np.complex64)


def save(path, kspace, header=None, **datasets):
    with h5py.File(path, "w") as file:
        if kspace is not None:
            file["kspace"] = kspace
        if header is not None:
            file["ismrmrd_header"] = header
        for name, values in datasets.items():
            file[name] = values
    return path


def rss(scan, index):
    """Root sum of squares over the coils, as fastMRI's own reference is made."""
    return root_sum_of_squares(ifft2c(full_kspace(scan, index))).numpy()


def test_multicoil_without_a_stated_size_is_kept_whole(tmp_path):
    images = coil_images()
    scan = load(save(tmp_path / "file1000.h5", fft(images)))
    np.testing.assert_array_equal(scan.kspace, fft(images))
    np.testing.assert_allclose(rss(scan, 1), np.linalg.norm(images[1], axis=0), atol=1e-5)
    assert scan.name == "file1000"
    assert scan.provenance == "measured k-space, 3 coils"
    assert scan.notes == ("voxel sizes are unknown, taken as 1 mm",)


@pytest.mark.parametrize(
    ("patient", "is_known"), [("0beb8905d9b7fad304389b9d", True), ("0", False)]
)
def test_the_hash_of_the_patient_tells_people_apart(tmp_path, patient, is_known):
    scans = []
    for name in ("file1.h5", "file2.h5"):
        path = save(tmp_path / name, fft(coil_images(n_slices=1)))
        with h5py.File(path, "a") as file:
            file.attrs["patient_id"] = patient
        scans.append(load(path))
    assert same_person(*scans) == is_known


def test_singlecoil(tmp_path):
    images = coil_images(n_coils=1)
    scan = load(save(tmp_path / "scan.h5", fft(images)[:, 0]))
    assert scan.kspace.shape == (2, 1, 80, 46)


@pytest.mark.parametrize("stated", ["header", "rss", "esc", "header overruled by rss"])
def test_oversampling_is_removed_by_cropping_the_image(tmp_path, stated):
    images = coil_images()
    expected = images[..., 20:60, 3:43]
    expected_rss = np.linalg.norm(expected, axis=1)
    header = HEADER.format(y=40, x=40) if stated == "header" else None
    header = HEADER.format(y=36, x=36) if "overruled" in stated else header
    datasets = {} if stated == "header" else {f"reconstruction_{stated[-3:]}": expected_rss}
    scan = load(save(tmp_path / "scan.h5", fft(images), header, **datasets))
    assert scan.kspace.shape == (2, 3, 40, 40)
    for index in range(2):
        np.testing.assert_allclose(rss(scan, index), expected_rss[index], atol=1e-4)
    assert "images cropped from 80 x 46 to 40 x 40" in scan.notes


def test_a_reconstruction_larger_than_the_data_does_not_crop(tmp_path):
    header = HEADER.format(y=40, x=64)
    scan = load(save(tmp_path / "scan.h5", fft(coil_images()), header))
    assert scan.slice_shape == (40, 46)


def test_voxel_sizes_come_from_the_header(tmp_path):
    header = HEADER.format(y=80, x=46)
    scan = load(save(tmp_path / "scan.h5", fft(coil_images()), header))
    assert scan.spacing_mm == pytest.approx((4.5, 140 / 80, 150 / 46))
    assert scan.notes == ()


@pytest.mark.parametrize(
    "header", ["", "<broken", "<other/>", HEADER.format(y=0, x=46), HEADER.format(y="nan", x=3), 5]
)
def test_an_unreadable_header_costs_only_the_voxel_sizes(tmp_path, header):
    scan = load(save(tmp_path / "scan.h5", fft(coil_images()), header))
    assert scan.notes == ("voxel sizes are unknown, taken as 1 mm",)
    assert scan.slice_shape == (80, 46)


def test_zero_padding_and_empty_slices_are_allowed(tmp_path):
    kspace = fft(coil_images())
    kspace[..., :4] = kspace[..., -3:] = 0
    kspace[0] = 0
    np.testing.assert_array_equal(load(save(tmp_path / "scan.h5", kspace)).kspace, kspace)


@pytest.mark.parametrize("content_suffix", [".nii", ".npy", ".mat", ""])
def test_the_content_decides_when_the_suffix_lies(tmp_path, content_suffix):
    path = save(tmp_path / f"scan{content_suffix}", fft(coil_images()))
    assert load(path).n_coils == 3


COLUMNS = np.isin(np.arange(46), [0, 3, 7, 11, 15, *range(19, 28), 31, 35, 39, 43, 44])
"""A sampling mask of lines: 19 of 46, the central nine among them."""


@pytest.mark.parametrize("stated", ["by the file's mask", "as the zeros in it show"])
def test_undersampled_scans_say_where_they_were_sampled(tmp_path, stated):
    kspace = fft(coil_images()) * COLUMNS
    datasets = {"mask": COLUMNS.astype(np.uint8)} if "mask" in stated else {}
    header = HEADER.format(y=40, x=40)
    scan = load(save(tmp_path / "scan.h5", kspace, header, **datasets))
    assert not scan.has_reference
    np.testing.assert_array_equal(scan.sampled, np.tile(COLUMNS, (40, 1)))
    assert scan.notes[0] == "images cropped from 80 x 46 to 40 x 46"
    assert scan.notes[1] == f"acquired undersampled, R = 2.42, {stated}: no reference"
    assert scan.provenance == "measured k-space, 3 coils, acquired undersampled"
    assert not scan.kspace[..., ~COLUMNS].any()
    aliased = np.fft.fftshift(np.fft.ifft2(np.fft.ifftshift(kspace[1], (-2, -1)), norm="ortho"))
    expected = np.linalg.norm(np.fft.fftshift(aliased, 0), axis=0)[20:60]
    np.testing.assert_allclose(direct_image(scan, 1), expected, atol=1e-5)
    with pytest.raises(ValueError, match="scan: no fully sampled reference"):
        reference_image(scan, 1)


def test_a_mask_that_samples_all_is_no_undersampling(tmp_path):
    scan = load(save(tmp_path / "scan.h5", fft(coil_images()), mask=np.ones(46)))
    assert scan.has_reference


def test_samples_that_the_mask_claims_beyond_the_measured_region_are_padding(tmp_path):
    kspace = fft(coil_images()) * COLUMNS
    kspace[..., :4] = 0
    scan = load(save(tmp_path / "scan.h5", kspace, mask=COLUMNS))
    assert not scan.sampled[:, :7].any()
    np.testing.assert_array_equal(scan.sampled[0, 7:], COLUMNS[7:])


def test_a_two_dimensional_pattern_is_cropped_along_no_axis(tmp_path):
    pattern = np.random.default_rng(3).random((80, 46)) < 0.4
    pattern[30:50, 13:33] = True
    scan = load(save(tmp_path / "scan.h5", fft(coil_images()) * pattern, HEADER.format(y=40, x=40)))
    np.testing.assert_array_equal(scan.sampled, pattern)


def _edited(edit):
    kspace = fft(coil_images())
    edit(kspace)
    return kspace


def _zero_columns_of_one(kspace):
    kspace[..., 30] = 0
    kspace[0, ..., 1:37:2] = 0


def _one_nan(kspace):
    kspace[1, 0, 0, 0] = np.nan


OUTSIDE = "0 where the file's mask says that nothing was sampled, got "
REFUSED = {
    "samples outside the mask": (
        {"kspace": fft(coil_images()), "mask": COLUMNS},
        OUTSIDE + "2160 other samples",
    ),
    "a mask of another shape": (
        {"kspace": fft(coil_images()), "mask": np.ones((80, 46))},
        "'mask' must have the shape (46,) of a row, got (80, 46)",
    ),
    "slices sampled differently": (
        {"kspace": _edited(_zero_columns_of_one)},
        "all slices must be sampled alike, got 40% of the samples missing in slice 0",
    ),
    "NaN": ({"kspace": _edited(_one_nan)}, "finite, got 1 NaN or infinite in slice 1"),
    "empty": ({"kspace": np.zeros((2, 40, 40), "c8")}, "empty, got the value 0 everywhere"),
    "real": ({"kspace": np.ones((2, 40, 40, 2), "f4")}, "complex, got type float32"),
    "two axes": ({"kspace": np.ones((40, 40), "c8")}, "axes (slice, coil, y, x) or (slice, y, x)"),
    "five axes": ({"kspace": np.ones((1, 1, 1, 40, 40), "c8")}, "got shape (1, 1, 1, 40, 40)"),
    "no slices": ({"kspace": np.ones((0, 40, 40), "c8")}, "at least 1 element"),
    "too small": ({"kspace": fft(coil_images(size=(80, 20)))}, "each side, got 80 x 20"),
    "no kspace": ({"kspace": None, "images": np.ones(3)}, "a dataset 'kspace' (fastMRI HDF5)"),
    "nothing": ({"kspace": None}, "(ISMRMRD), got an empty file"),
    "reconstruction too small": (
        {"kspace": fft(coil_images()), "reconstruction_rss": np.ones((2, 8, 8))},
        "each side, got 8 x 8",
    ),
}


@pytest.mark.parametrize("case", REFUSED)
def test_refused_with_file_rule_and_value(tmp_path, case):
    content, message = REFUSED[case]
    path = save(tmp_path / "scan.h5", **content)
    with pytest.raises(ScanFileError) as caught:
        load(path)
    assert str(caught.value).startswith("scan.h5: ")
    assert message in str(caught.value)
    assert "\n" not in str(caught.value)


def test_kspace_that_is_a_group_is_refused(tmp_path):
    with h5py.File(tmp_path / "scan.h5", "w") as file:
        file.create_group("kspace")
    with pytest.raises(ScanFileError, match="'kspace' must be a dataset, got group"):
        load(tmp_path / "scan.h5")


def test_a_dangling_link_is_refused(tmp_path):
    with h5py.File(tmp_path / "scan.h5", "w") as file:
        file["kspace"] = h5py.ExternalLink("elsewhere.h5", "kspace")
    with pytest.raises(ScanFileError, match=r"^scan.h5: "):
        load(tmp_path / "scan.h5")


@pytest.mark.parametrize("shape", [(900, 900, 900), (10**5, 10**5, 10**5)])
def test_a_huge_declared_shape_is_not_allocated(tmp_path, shape):
    with h5py.File(tmp_path / "scan.h5", "w") as file:
        file.create_dataset("kspace", shape, "c8", chunks=(1, 64, 64), compression="gzip")
    with pytest.raises(ScanFileError, match=r"scan.h5: must hold (the \d+ bytes|at most)"):
        load(tmp_path / "scan.h5")


@pytest.mark.parametrize("keep", [0.02, 0.5, 0.99])
def test_truncated_files_are_refused(tmp_path, keep):
    path = save(tmp_path / "scan.h5", fft(coil_images()))
    data = path.read_bytes()
    path.write_bytes(data[: int(len(data) * keep)])
    with pytest.raises(ScanFileError, match=r"^scan.h5: must be an undamaged HDF5 file"):
        load(path)


def test_the_file_is_closed_after_reading_and_after_refusal(tmp_path):
    for kspace in (fft(coil_images()), None):
        path = save(tmp_path / "scan.h5", kspace)
        try:
            load(path)
        except ScanFileError:
            assert kspace is None
        with h5py.File(path, "r+"):
            pass


def test_chunks_too_short_for_their_checksum(tmp_path):
    """The HDF5 library reads on beyond them until the process ends."""
    kspace = fft(coil_images())
    path = tmp_path / "scan.h5"
    with h5py.File(path, "w") as file:
        chunks = (1, *kspace.shape[1:])
        file.create_dataset(
            "kspace", data=kspace, chunks=chunks, compression="gzip", fletcher32=True
        )
        stored = file["kspace"].id.get_chunk_info(0)
    assert load(path).n_slices == len(kspace)
    first, short = (
        struct.pack("<II4Q", n, stored.filter_mask, 0, 0, 0, 0) for n in (stored.size, 1)
    )
    data = path.read_bytes()
    assert data.count(first) == 1
    path.write_bytes(data.replace(first, short))
    with pytest.raises(ScanFileError, match=r"^scan\.h5: chunks must have at least the 4 bytes"):
        load(path)
