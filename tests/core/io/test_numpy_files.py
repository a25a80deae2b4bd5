"""NumPy files: what an array is taken for, and what is refused before anything is allocated."""

from __future__ import annotations

import io
import zipfile

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from core.io import ReadOptions, ScanFileError, ScanInDoubtError, load
from core.types import Scan


def noise(*shape: int) -> np.ndarray:
    return np.random.default_rng(4).uniform(1, 100, shape).astype(np.float32)


def object_image(*lead: int) -> np.ndarray:
    """Smooth complex objects in noise, each slice another, each coil with its own sensitivity.

    Shape `(*lead, 48, 40)`, where lead is () or (slice,) or (slice, coil).
    """
    rng = np.random.default_rng(5)
    y, x = np.mgrid[-1:1:48j, -1:1:40j]
    n_slices, n_coils = (*lead, 1, 1)[:2]
    images = np.empty((n_slices, n_coils, 48, 40), np.complex64)
    for index in range(n_slices):
        waves = sum(
            rng.normal() * np.cos(a * y + b * x + c) for a, b, c in rng.uniform(-36, 36, (30, 3))
        )
        body = np.exp(-((y / 0.7) ** 4) - (x / 0.6) ** 4) * (4 + 0.3 * waves) / 4
        for coil in range(n_coils):
            angle = 2 * np.pi * coil / n_coils
            seen = np.exp(0.5 * (np.cos(angle) * y + np.sin(angle) * x) + 1j * x)
            images[index, coil] = body * seen
    grain = rng.normal(size=images.shape) + 1j * rng.normal(size=images.shape)
    return (images + 0.01 * grain).reshape(*lead, 48, 40).astype(np.complex64)


def numpy_kspace(image: np.ndarray) -> np.ndarray:
    axes = (-2, -1)
    shifted = np.fft.fft2(np.fft.ifftshift(image, axes), norm="ortho")
    return np.fft.fftshift(shifted, axes).astype(np.complex64)


def save(path, array, **options):
    np.save(path, array, **options)
    return path


def rss(scan: Scan, index: int) -> np.ndarray:
    """Root sum of squares of a slice's coil images, by NumPy; a magnitude image as it is."""
    if scan.kspace is None:
        return scan.magnitude[index]
    shifted = np.fft.ifft2(np.fft.ifftshift(scan.kspace[index], (-2, -1)), norm="ortho")
    return np.linalg.norm(np.fft.fftshift(shifted, (-2, -1)), axis=0)


def reference(scan):
    return np.stack([rss(scan, i) for i in range(scan.n_slices)])


@pytest.mark.parametrize("shape", [(33, 40), (3, 33, 40)])
@pytest.mark.parametrize("dtype", ["u1", "i2", "<f4", ">f4", "f8", "f2", ">u2"])
def test_real_arrays_are_magnitude(tmp_path, shape, dtype):
    values = noise(*shape).astype(dtype)
    scan = load(save(tmp_path / "scan.npy", values))
    np.testing.assert_array_equal(scan.magnitude, values.reshape(-1, 33, 40).astype(np.float32))
    assert scan.is_simulated


def test_fortran_order(tmp_path):
    values = np.asfortranarray(noise(3, 33, 40))
    scan = load(save(tmp_path / "scan.npy", values))
    np.testing.assert_array_equal(scan.magnitude, values)
    assert scan.magnitude.flags.c_contiguous


@pytest.mark.parametrize("lead", [(), (3,), (3, 2)])
@pytest.mark.parametrize("held", ["image", "kspace"])
@pytest.mark.parametrize("said", ["auto", "option", "name"])
def test_complex_arrays_become_kspace(tmp_path, lead, held, said):
    image = object_image(*lead)
    array = image if held == "image" else numpy_kspace(image)
    options = ReadOptions(content=held) if said == "option" else ReadOptions()
    if said == "name":
        path = tmp_path / "scan.npz"
        np.savez(path, **{held: array, "unrelated": np.arange(3)})
    else:
        path = save(tmp_path / "scan.npy", array)
    scan = load(path, options)
    coils = image.reshape((*lead, 1, 48, 40)[-4:] if len(lead) < 2 else image.shape)
    coils = coils.reshape(-1, *coils.shape[-3:])
    np.testing.assert_allclose(scan.kspace, numpy_kspace(coils), atol=1e-4)
    np.testing.assert_allclose(reference(scan), np.linalg.norm(coils, axis=1), atol=1e-5)
    words = {"image": "k-space computed from a complex image", "kspace": "measured k-space"}
    assert scan.provenance.startswith(f"{words[held]}, {len(coils[0])} coil")
    guessed = any("taken for" in note for note in scan.notes)
    assert guessed == (said == "auto")


def test_the_note_says_how_to_override_the_guess(tmp_path):
    path = save(tmp_path / "scan.npy", object_image())
    (note,) = load(path).notes
    assert "taken for a complex image" in note
    assert "say content 'kspace'" in note


def test_an_ambiguous_complex_array_must_be_named(tmp_path):
    rng = np.random.default_rng(6)
    array = rng.normal(size=(40, 40)) + 1j * rng.normal(size=(40, 40))
    path = save(tmp_path / "scan.npy", array)
    with pytest.raises(ScanInDoubtError, match="content must be said where") as caught:
        load(path)
    assert caught.value.field == "content"
    assert load(path, ReadOptions(content="image")).n_slices == 1


@pytest.mark.parametrize("name", ["image", "magnitude", "arr_0"])
def test_real_arrays_in_an_archive(tmp_path, name):
    values = noise(2, 33, 40)
    np.savez_compressed(tmp_path / "scan.npz", **{name: values})
    np.testing.assert_array_equal(load(tmp_path / "scan.npz").magnitude, values)


def test_nan_in_a_complex_image_becomes_zero(tmp_path):
    image = object_image(2)
    image[0, 20, 20] = np.nan
    image[1, 3, 3] = np.inf
    scan = load(save(tmp_path / "scan.npy", image), ReadOptions(content="image"))
    assert "2 values were NaN or infinite and are 0 now" in scan.notes
    assert rss(scan, 0)[20, 20] == pytest.approx(0, abs=1e-5)


def test_zero_filled_edges_of_kspace_are_allowed(tmp_path):
    kspace = numpy_kspace(object_image(2))
    kspace[..., :5] = kspace[..., -4:] = kspace[:, :6] = 0
    path = save(tmp_path / "scan.npy", kspace)
    np.testing.assert_array_equal(load(path, ReadOptions(content="kspace")).kspace[:, 0], kspace)


@pytest.mark.parametrize(("step", "rate"), [(2, 2.0), (4, 4 / 3)])
def test_missing_lines_make_an_undersampled_scan(tmp_path, step, rate):
    kspace = numpy_kspace(object_image(2))
    kspace[:, :, 1::step] = 0
    scan = load(save(tmp_path / "scan.npy", kspace), KSPACE)
    np.testing.assert_array_equal(scan.sampled, kspace[0] != 0)
    line = f"acquired undersampled, R = {rate:.2f}, as the zeros in it show: no reference"
    assert line in scan.notes


def _holed(step):
    kspace = numpy_kspace(object_image(2))
    kspace[1, :, 1::step] = 0
    return kspace


def _with(value):
    kspace = numpy_kspace(object_image())
    kspace[0, 0] = value
    return kspace


KSPACE = ReadOptions(content="kspace")
REFUSED = {
    "real 4D": (lambda: noise(2, 3, 40, 40), None, "axes must be said where the data"),
    "many axes": (lambda: noise(*[1] * 15, 40, 40), None, "2 to 16 axes, got 17"),
    "one axis": (lambda: noise(40), None, "2 to 16 axes, got 1"),
    "scalar": (lambda: np.float32(3), None, "2 to 16 axes, got 0"),
    "no slices": (lambda: noise(0, 40, 40), None, "at least 1 element, got shape (0, 40, 40)"),
    "objects": (lambda: np.array([[{}] * 40] * 40, object), None, "plain numbers, got type '|O'"),
    "text": (lambda: np.full((40, 40), "a"), None, "plain numbers, got type '<U1'"),
    "records": (lambda: np.zeros((40, 40), "i4,f4"), None, "plain numbers, got type '|V8'"),
    "dates": (lambda: np.zeros((40, 40), "M8[s]"), None, "plain numbers, got type '<M8[s]'"),
    "constant": (lambda: np.ones((40, 40)), None, "constant, got the value 1 everywhere"),
    "signed": (lambda: noise(40, 40) - 50, None, "may be negative, got 4"),
    "small": (lambda: noise(31, 40), None, "32 to 1024 pixels, as slices have, got shape (31, 40)"),
    "large": (
        lambda: noise(40, 1025),
        None,
        "32 to 1024 pixels, as slices have, got shape (40, 1025)",
    ),
    "real k-space": (lambda: noise(40, 40), KSPACE, "k-space must be complex, got type float32"),
    "constant image": (
        lambda: np.ones((40, 40), "c8"),
        ReadOptions(content="image"),
        "constant, got the value 1+0j everywhere",
    ),
    "empty k-space": (lambda: np.zeros((40, 40), "c8"), KSPACE, "empty, got the value 0"),
    "NaN in k-space": (lambda: _with(np.nan), KSPACE, "finite, got 1 NaN or infinite in slice 0"),
    "one slice of two undersampled": (
        lambda: _holed(2),
        KSPACE,
        "sampled alike, got 50% of the samples missing in slice 1",
    ),
    "too bright": (lambda: object_image() * np.float32(1e30), None, "from 1e-12 to 1e+15, got 1"),
}


@pytest.mark.parametrize("case", REFUSED)
def test_refused_with_file_rule_and_value(tmp_path, case):
    make, options, message = REFUSED[case]
    path = save(tmp_path / "scan.npy", make(), allow_pickle=True)
    with pytest.raises(ScanFileError) as caught:
        load(path, options or ReadOptions())
    assert str(caught.value).startswith("scan.npy: ")
    assert message in str(caught.value)
    assert "\n" not in str(caught.value)


def header(text: str, version: bytes = b"\x01\x00") -> bytes:
    body = text.encode() + b"\n"
    return b"\x93NUMPY" + version + len(body).to_bytes(2, "little") + body


HOSTILE = {
    "huge shape": header(
        "{'descr': '<f4', 'fortran_order': False, 'shape': (100000, 100000, 100000)}"
    ),
    "overflowing shape": header(
        "{'descr': '<f4', 'fortran_order': False, 'shape': (2**62, 4)}".replace("2**62", str(2**62))
    ),
    "shape beyond the file": header(
        "{'descr': '<f4', 'fortran_order': False, 'shape': (900, 1000, 1000)}"
    ),
    "negative shape": header("{'descr': '<f4', 'fortran_order': False, 'shape': (-1, 40, 40)}"),
    "not a dictionary": header("[1, 2]"),
    "code": header("__import__('os').getcwd()"),
    "missing keys": header("{'descr': '<f4'}"),
    "nonsense type": header("{'descr': 'zz', 'fortran_order': False, 'shape': (40, 40)}"),
    "unbalanced": header("{'descr': '<f4', 'shape': (((((((("),
    "deep": header("(" * 9000),
    "old python": header("{'descr': '<f4', 'fortran_order': False, 'shape': (40L, 40L)}"),
    "version 9": header("{}", b"\x09\x00"),
    "only the magic": b"\x93NUMPY",
    "length beyond the file": b"\x93NUMPY\x01\x00\xff\xff{",
}


@pytest.mark.parametrize("case", HOSTILE)
@pytest.mark.parametrize("suffix", [".npy", ".npz"])
def test_hostile_headers_are_refused(tmp_path, case, suffix):
    path = tmp_path / f"scan{suffix}"
    if suffix == ".npy":
        path.write_bytes(HOSTILE[case])
    else:
        with zipfile.ZipFile(path, "w", zipfile.ZIP_DEFLATED) as archive:
            archive.writestr("image.npy", HOSTILE[case])
    with pytest.raises(ScanFileError) as caught:
        load(path)
    assert str(caught.value).startswith(f"scan{suffix}: ")
    assert "\n" not in str(caught.value)


def test_a_truncated_array_is_refused(tmp_path):
    path = save(tmp_path / "scan.npy", noise(40, 40))
    path.write_bytes(path.read_bytes()[:-1])
    with pytest.raises(ScanFileError, match="must hold 6400 bytes, got 6399"):
        load(path)


def archive_of(**members: bytes) -> bytes:
    buffer = io.BytesIO()
    with zipfile.ZipFile(buffer, "w") as archive:
        for name, data in members.items():
            archive.writestr(name, data)
    return buffer.getvalue()


ARCHIVES = {
    "truncated": (lambda d: d[:-30], "undamaged NumPy archive"),
    "damaged data": (lambda d: d[:200] + b"\xff" + d[201:], "undamaged NumPy archive"),
    "other zip": (lambda d: archive_of(**{"word/document.xml": b"<x/>"}), "hold NumPy arrays"),
    "several": (
        lambda d: archive_of(**{"a.npy": b"", "b.npy": b""}),
        "which array is the scan, unless one is named magnitude or .*, got a, b",
    ),
    "two named": (
        lambda d: archive_of(**{"image.npy": b"", "kspace.npy": b""}),
        "which array is the scan, unless one is named magnitude or .*, got image, kspace",
    ),
}


@pytest.mark.parametrize("case", ARCHIVES)
def test_bad_archives_are_refused(tmp_path, case):
    damage, message = ARCHIVES[case]
    path = tmp_path / "scan.npz"
    np.savez(path, image=noise(40, 40))
    path.write_bytes(damage(path.read_bytes()))
    with pytest.raises(ScanFileError, match=message):
        load(path)


def test_option_variable_chooses_in_an_archive(tmp_path):
    one, other = noise(2, 33, 40), noise(2, 34, 40)
    np.savez(tmp_path / "scan.npz", a=one, b=other)
    scan = load(tmp_path / "scan.npz", ReadOptions(variable="b"))
    np.testing.assert_array_equal(scan.magnitude, other)
    with pytest.raises(ScanFileError, match="must hold the variable 'c', got a, b"):
        load(tmp_path / "scan.npz", ReadOptions(variable="c"))


def test_names_in_an_archive_are_kept(tmp_path):
    np.savez(tmp_path / "scan.npz", magnitude=object_image())
    with pytest.raises(ScanFileError, match="a magnitude must be real, got type complex64"):
        load(tmp_path / "scan.npz")


@settings(max_examples=40, deadline=None)
@given(
    shape=st.lists(st.integers(1, 50), min_size=1, max_size=4),
    dtype=st.sampled_from(["?", "u1", ">i4", "f2", "f8", "c8", ">c16"]),
    content=st.sampled_from(["auto", "image", "kspace"]),
)
def test_any_array_is_read_or_refused(tmp_path_factory, shape, dtype, content):
    rng = np.random.default_rng(sum(shape))
    values = rng.integers(0, 100, shape).astype(dtype)
    path = tmp_path_factory.getbasetemp() / "any.npy"
    np.save(path, values)
    try:
        scan = load(path, ReadOptions(content=content))
    except ScanFileError:
        sound = len(shape) in (2, 3) and min(shape[-2:]) >= 32 and content == "image"
        assert not (sound and np.ptp(np.abs(values)) > 0)
        return
    assert set(scan.slice_shape) <= set(shape)
    assert np.isfinite(reference(scan)).all()
