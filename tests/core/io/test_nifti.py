"""NIfTI: what is read, how it is turned, what is refused."""

from __future__ import annotations

import gzip
import itertools
import logging

import nibabel
import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from nibabel.orientations import apply_orientation, inv_ornt_aff

from core.acquisition import reference_image
from core.io import ReadOptions, ScanFileError, load

RAS = np.diag([1.1, 1.2, 1.3, 1.0])
ORIENTATIONS = [
    [[world, sign] for world, sign in zip(order, signs, strict=True)]
    for order in itertools.permutations(range(3))
    for signs in itertools.product([1, -1], repeat=3)
]
# What a person sees, from a volume indexed [to the right, to the front, upwards].
SHOWN = {
    "axial": lambda v: v[::-1, ::-1, :].transpose(2, 1, 0),
    "coronal": lambda v: v[::-1, :, ::-1].transpose(1, 2, 0),
    "sagittal": lambda v: v[:, ::-1, ::-1].transpose(0, 2, 1),
}
EDGES = {
    "axial": ("R", "L", "A", "P"),
    "coronal": ("R", "L", "S", "I"),
    "sagittal": ("A", "P", "S", "I"),
}


def noise(*shape: int, seed: int = 1) -> np.ndarray:
    return np.random.default_rng(seed).uniform(1, 100, shape).astype(np.float32)


def save(path, array, affine=RAS, **fields):
    image = nibabel.Nifti1Image(array, affine)
    for name, value in fields.items():
        image.header[name] = value
    nibabel.save(image, path)
    return path


def stored(path, raw, slope, intercept):
    """A file with raw stored values and their scaling, which nibabel's writer would choose."""
    header = nibabel.Nifti1Image(raw, RAS).header
    header["vox_offset"], header["scl_slope"], header["scl_inter"] = 352, slope, intercept
    header["magic"] = b"n+1"
    path.write_bytes(header.binaryblock + b"\0" * 4 + raw.tobytes(order="F"))
    return path


def in_file_order(volume, orientation):
    """A [right, front, up] volume as a file of that orientation stores it, and its affine."""
    wanted = np.array(orientation, float)
    affine = RAS @ inv_ornt_aff(wanted, volume.shape)
    return apply_orientation(volume, wanted), affine


@pytest.mark.parametrize("orientation", ORIENTATIONS, ids=str)
def test_every_orientation_is_turned_to_the_radiological_display(tmp_path, orientation):
    volume = noise(34, 38, 42)
    array, affine = in_file_order(volume, orientation)
    scan = load(save(tmp_path / "scan.nii", array, affine))
    np.testing.assert_array_equal(scan.magnitude, SHOWN["axial"](volume))
    np.testing.assert_array_equal(scan.grid.to_file(scan.magnitude), array)
    assert scan.edges == EDGES["axial"]
    assert scan.spacing_mm == pytest.approx((1.3, 1.2, 1.1))
    assert scan.magnitude.flags.c_contiguous


@pytest.mark.parametrize(
    ("view", "zooms"),
    [("sagittal", (3, 1, 1)), ("coronal", (1, 3, 1)), ("axial", (1, 1, 3))],
)
@pytest.mark.parametrize("orientation", ORIENTATIONS[::7], ids=str)
def test_thick_slices_are_kept_as_they_were_acquired(tmp_path, view, zooms, orientation):
    volume = noise(34, 38, 42)
    array, affine = in_file_order(volume, orientation)
    affine = np.diag([*zooms, 1.0]) @ affine
    scan = load(save(tmp_path / "scan.nii", array, affine))
    np.testing.assert_array_equal(scan.magnitude, SHOWN[view](volume))
    assert scan.edges == EDGES[view]
    assert scan.spacing_mm[0] > 3


@pytest.mark.parametrize("angle", [-40, -20, 20, 40])
@pytest.mark.parametrize("plane", [(0, 1), (0, 2), (1, 2)])
def test_oblique_scans_go_to_the_nearest_axes(tmp_path, angle, plane):
    i, j = plane
    turn, (c, s) = np.eye(4), (np.cos(np.radians(angle)), np.sin(np.radians(angle)))
    turn[i, i], turn[i, j], turn[j, i], turn[j, j] = c, -s, s, c
    volume = noise(34, 38, 42)
    scan = load(save(tmp_path / "scan.nii", volume, turn @ np.diag([1.0, 1.0, 3.0, 1.0])))
    np.testing.assert_array_equal(scan.magnitude, SHOWN["axial"](volume))


def test_a_thin_stack_is_sliced_across_its_only_legal_axis(tmp_path):
    volume = noise(12, 40, 40)
    scan = load(save(tmp_path / "scan.nii", volume, np.eye(4)))
    np.testing.assert_array_equal(scan.magnitude, SHOWN["sagittal"](volume))
    assert "sagittal slices" in scan.notes


def test_a_single_2d_image(tmp_path):
    image = noise(40, 50)
    scan = load(save(tmp_path / "scan.nii.gz", image))
    np.testing.assert_array_equal(scan.magnitude, SHOWN["axial"](image[:, :, None]))
    assert scan.name == "scan"


@pytest.mark.parametrize("dtype", ["u1", "i1", "u2", "i2", "u4", "i4", "u8", "i8", "f4", "f8"])
@pytest.mark.parametrize("order", ["<", ">"])
def test_every_number_type_and_byte_order(tmp_path, dtype, order):
    image_type = np.dtype(dtype).newbyteorder(order)
    header = nibabel.Nifti1Header(endianness=order)
    header.set_data_dtype(image_type)
    values = noise(33, 35, 3).astype(np.uint8)
    image = nibabel.Nifti1Image(values.astype(image_type), RAS, header)
    nibabel.save(image, tmp_path / "scan.nii")
    scan = load(tmp_path / "scan.nii")
    assert scan.magnitude.dtype == np.float32
    np.testing.assert_array_equal(scan.grid.to_file(scan.magnitude), values)


@pytest.mark.parametrize(("slope", "intercept"), [(2.5, 0), (0.001, 7), (1, 3), (-1, 200)])
def test_slope_and_intercept_are_applied(tmp_path, slope, intercept):
    raw = noise(33, 35, 3).astype(np.int16)
    path = stored(tmp_path / "scan.nii", raw, slope, intercept)
    expected = np.asarray(nibabel.load(path).dataobj)
    scan = load(path)
    np.testing.assert_allclose(scan.grid.to_file(scan.magnitude), expected, rtol=1e-5)


@pytest.mark.parametrize("slope", [0, np.nan])
def test_a_slope_of_zero_or_nan_means_no_scaling(tmp_path, slope):
    raw = noise(33, 35, 3).astype(np.int16)
    scan = load(stored(tmp_path / "scan.nii", raw, slope, 5))
    np.testing.assert_array_equal(scan.grid.to_file(scan.magnitude), raw)


@pytest.mark.parametrize("suffix", [".nii", ".nii.gz"])
@pytest.mark.parametrize("volume", [0, 2])
def test_one_volume_of_a_4d_file(tmp_path, suffix, volume):
    series = noise(33, 35, 4, 3)
    path = save(tmp_path / f"series{suffix}", series)
    scan = load(path, ReadOptions(volume=volume))
    np.testing.assert_array_equal(scan.grid.to_file(scan.magnitude), series[..., volume])
    assert f"volume {volume + 1} of 3" in scan.notes
    assert scan.grid.shape == (33, 35, 4)


def test_a_volume_that_is_not_there(tmp_path):
    path = save(tmp_path / "series.nii", noise(33, 35, 4, 3))
    with pytest.raises(ScanFileError, match=r"series.nii: volume must be from 0 to 2, got 3"):
        load(path, ReadOptions(volume=3))


def test_nan_infinity_and_overflow_become_zero_and_are_counted(tmp_path):
    values = noise(33, 35, 3).astype(np.float64)
    values[0, 0, 0], values[1, 0, 0], values[2, 0, 0], values[3, 0, 0] = (
        np.nan,
        np.inf,
        -np.inf,
        1e300,
    )
    scan = load(save(tmp_path / "scan.nii", values))
    shown = scan.grid.to_file(scan.magnitude)
    assert (shown[:4, 0, 0] == 0).all()
    np.testing.assert_allclose(shown[4:], values[4:], rtol=1e-6)
    assert "4 values were NaN or infinite and are 0 now" in scan.notes


def test_a_few_small_negative_values_become_zero_and_are_counted(tmp_path):
    values = noise(33, 35, 3)
    values[:7, 0, 0] = -0.25
    scan = load(save(tmp_path / "scan.nii", values))
    assert scan.magnitude.min() == 0
    assert "7 small negative values (down to -0.25) are 0 now" in scan.notes


def test_constant_and_empty_slices_are_fine(tmp_path):
    values = noise(33, 35, 4)
    values[..., 0], values[..., 1] = 0, 5
    magnitude = load(save(tmp_path / "scan.nii", values)).magnitude
    assert (magnitude[0] == 0).all()
    assert (magnitude[1] == 5).all()


@pytest.mark.parametrize("dtype", [np.complex64, np.complex128])
def test_a_complex_volume_becomes_kspace_computed_from_it(tmp_path, dtype):
    rng = np.random.default_rng(3)
    values = (rng.normal(size=(33, 36, 2)) + 1j * rng.normal(size=(33, 36, 2))).astype(dtype)
    scan = load(save(tmp_path / "scan.nii", values))
    assert not scan.is_simulated
    assert scan.provenance == "k-space computed from a complex image, 1 coil"
    assert scan.kspace.shape == (2, 1, 36, 33)
    expected = scan.grid.to_scan(np.abs(values))
    np.testing.assert_allclose(reference_image(scan, 1), expected[1], rtol=1e-4, atol=1e-5)


def test_a_file_without_orientation_claims_none(tmp_path):
    image = nibabel.Nifti1Image(noise(33, 35, 3), None)
    nibabel.save(image, tmp_path / "scan.nii")
    scan = load(tmp_path / "scan.nii")
    assert scan.edges is None
    assert any("no orientation" in note for note in scan.notes)


INVALID = {"zero": 0, "NaN": 0x7FC00000, "signalling NaN": 0x7FA00000, "1e30": 0x7149F2CA}


@pytest.mark.parametrize("bits", INVALID.values(), ids=INVALID)
def test_an_invalid_affine_is_replaced_and_noted(tmp_path, bits):
    path = save(tmp_path / "scan.nii", noise(33, 35, 3), qform_code=0)
    data = bytearray(path.read_bytes())
    data[280:284] = bits.to_bytes(4, "little")  # the first element of the sform
    path.write_bytes(data)
    scan = load(path)
    assert "the affine is invalid: voxels taken as 1 mm" in scan.notes
    assert scan.spacing_mm == (1, 1, 1)
    assert scan.edges is None


def test_other_units_are_turned_into_mm(tmp_path):
    image = nibabel.Nifti1Image(noise(33, 35, 3), np.diag([9e-4, 9e-4, 3e-3, 1]))
    image.header.set_xyzt_units("meter")
    nibabel.save(image, tmp_path / "scan.nii")
    scan = load(tmp_path / "scan.nii")
    assert scan.spacing_mm == pytest.approx((3, 0.9, 0.9))
    assert "the affine was given in meters" in scan.notes


def test_nifti_2(tmp_path):
    values = noise(33, 35, 3)
    nibabel.save(nibabel.Nifti2Image(values, RAS), tmp_path / "scan.nii")
    scan = load(tmp_path / "scan.nii")
    np.testing.assert_array_equal(scan.grid.to_file(scan.magnitude), values)


def _signed(shape):
    return noise(*shape) - 50


def _rgb(shape):
    return np.zeros(shape, np.dtype([("R", "u1"), ("G", "u1"), ("B", "u1")]))


REFUSED = {
    "five axes": (lambda: noise(33, 35, 2, 2, 2), "2 to 4 axes, got 5"),
    "one axis": (lambda: noise(40), "2 to 4 axes, got 1"),
    "colours": (lambda: _rgb((33, 35, 2)), "complex numbers, got RGB colours"),
    "signed": (lambda: _signed((33, 35, 2)), "may be negative, got 4"),
    "constant": (lambda: np.full((33, 35, 2), 7, np.int16), "constant, got the value 7 everywhere"),
    "empty": (lambda: np.zeros((33, 35, 2), np.int16), "constant, got the value 0 everywhere"),
    "all NaN": (lambda: np.full((33, 35, 2), np.nan, "f4"), "constant, got the value 0"),
    "too small": (lambda: noise(31, 35, 2), "32 to 1024 pixels along each side, got 35 x 31"),
    "too large": (lambda: noise(40, 1025, 2), "32 to 1024 pixels along each side, got 1025 x 40"),
    "huge values": (lambda: noise(33, 35, 2) * np.float32(1e30), "from 1e-12 to 1e"),
    "tiny values": (lambda: noise(33, 35, 2) * np.float32(1e-30), "from 1e-12 to 1e"),
}


@pytest.mark.parametrize("case", REFUSED)
def test_refused_with_file_rule_and_value(tmp_path, case):
    make, message = REFUSED[case]
    path = save(tmp_path / "scan.nii.gz", make())
    with pytest.raises(ScanFileError) as caught:
        load(path)
    assert str(caught.value).startswith("scan.nii.gz: ")
    assert message in str(caught.value)
    assert "\n" not in str(caught.value)


def _patched(at, values, kind):
    def patch(data):
        data[at : at + len(np.array(values, kind).tobytes())] = np.array(values, kind).tobytes()
        return bytes(data)

    return patch


CORRUPT = {
    "truncated data": (lambda d: bytes(d[:-100]), "truncated"),
    "truncated header": (lambda d: bytes(d[:200]), "begin as a NIfTI file"),
    "unknown data type": (_patched(70, 9999, "<i2"), "valid NIfTI header"),
    "binary data type": (_patched(70, 1, "<i2"), "NIfTI"),
    "negative size": (_patched(42, -40, "<i2"), "at least 1 element"),
    "empty axis": (_patched(42, 0, "<i2"), "at least 1 element"),
    "huge size": (_patched(42, [32767] * 3, "<i2"), "at most 1073741824 values"),
    "large size": (_patched(42, [1000, 1000, 300], "<i2"), "truncated"),
    "no axes": (_patched(40, 0, "<i2"), "got 0"),
    "offset far away": (_patched(108, 1e30, "<f4"), "scan.nii"),
    "offset infinite": (_patched(108, np.inf, "<f4"), "scan.nii"),
    "offset NaN": (_patched(108, np.nan, "<f4"), "scan.nii"),
    "pair of files": (_patched(344, list(b"ni1\0"), "u1"), "begin as a NIfTI file"),
}


@pytest.mark.parametrize("case", CORRUPT)
@pytest.mark.parametrize("suffix", [".nii", ".nii.gz"])
def test_corrupt_headers_are_refused(tmp_path, case, suffix):
    damage, message = CORRUPT[case]
    path = save(tmp_path / "scan.nii", noise(33, 35, 3))
    data = damage(bytearray(path.read_bytes()))
    path = tmp_path / f"scan{suffix}"
    path.write_bytes(gzip.compress(data) if suffix.endswith("gz") else data)
    with pytest.raises(ScanFileError, match=message) as caught:
        load(path)
    assert "\n" not in str(caught.value)


@pytest.mark.parametrize("keep", [12, 600, 0.5, -1, -6])
def test_truncated_gzip_is_refused(tmp_path, keep):
    path = save(tmp_path / "scan.nii.gz", noise(33, 35, 3))
    data = path.read_bytes()
    path.write_bytes(data[: int(len(data) * keep) if isinstance(keep, float) else keep])
    with pytest.raises(ScanFileError, match=r"^scan.nii.gz: "):
        load(path)


def test_a_wrong_checksum_is_refused(tmp_path):
    path = save(tmp_path / "scan.nii.gz", noise(33, 35, 3))
    data = bytearray(path.read_bytes())
    data[-8] ^= 0xFF
    path.write_bytes(data)
    with pytest.raises(ScanFileError, match="undamaged NIfTI"):
        load(path)


def test_nibabel_logs_nothing(tmp_path, caplog):
    path = save(tmp_path / "scan.nii", noise(33, 35, 3))
    data = bytearray(path.read_bytes())
    data[72:74] = b"\x07\x00"  # bitpix that contradicts the data type, which nibabel mends
    data[76:80] = np.array(0.5, "<f4").tobytes()  # qfac that is neither 1 nor -1
    path.write_bytes(data)
    with caplog.at_level(logging.DEBUG):
        load(path)
    assert caplog.records == []


@settings(max_examples=40, deadline=None)
@given(
    shape=st.lists(st.integers(1, 70), min_size=2, max_size=4),
    dtype=st.sampled_from(["u1", "i2", "u2", "i4", "f4", "f8", "c8"]),
    zooms=st.tuples(*[st.floats(0.2, 6)] * 3),
    seed=st.integers(0, 9),
)
def test_any_shape_and_type_is_read_or_refused(tmp_path_factory, shape, dtype, zooms, seed):
    rng = np.random.default_rng(seed)
    values = rng.integers(0, 100, shape).astype(dtype)
    path = tmp_path_factory.getbasetemp() / "any.nii"
    save(path, values, np.diag([*zooms, 1]))
    try:
        scan = load(path)
    except ScanFileError:
        assert min(shape[:3]) < 32, "a volume large enough along each axis must be read"
        return
    assert all(32 <= n <= 1024 for n in scan.slice_shape)
    first = values.reshape((*shape, 1, 1)[:4] if len(shape) < 4 else shape)[..., 0]
    image = scan.grid.to_file(np.stack([reference_image(scan, i) for i in range(scan.n_slices)]))
    np.testing.assert_allclose(image, np.abs(first).reshape(image.shape), atol=1e-3)
