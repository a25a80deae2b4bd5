"""MATLAB files of version 5, written by scipy, and 7.3, written as MATLAB lays them out in HDF5."""

from __future__ import annotations

import struct
import zlib
from pathlib import Path

import h5py
import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from scipy.io import savemat

from core.io import ReadOptions, ScanFileError, load

RNG = np.random.default_rng(4)
MAGNITUDE = RNG.uniform(1, 9, (48, 40)).astype(np.float32)
IMAGE = ReadOptions(content="image")


def complex_image(*last: int) -> np.ndarray:
    noise = RNG.normal(size=(2, 48, 40, *last))
    return noise[0] + 1j * noise[1]


def kspace_like(*last: int) -> np.ndarray:
    """Noise that gathers in the centre, as k-space does."""
    y, x = np.mgrid[-24:24, -20:20]
    peak = 1 / (1 + y**2 + x**2)
    return complex_image(*last) * peak.reshape(48, 40, *[1] * len(last))


def write_5(path: Path, variables: dict, **options) -> Path:
    savemat(path, variables, **options)
    return path


def _write_node(parent: h5py.Group, name: str, value) -> None:
    if isinstance(value, dict):
        group = parent.create_group(name)
        group.attrs["MATLAB_class"] = np.bytes_("struct")
        for key, one in value.items():
            _write_node(group, key, one)
        return
    values = np.asarray(value)
    stored = values.T
    if values.dtype.kind == "c":
        part = values.real.dtype
        pairs = np.empty(stored.shape, [("real", part), ("imag", part)])
        pairs["real"], pairs["imag"] = stored.real, stored.imag
        stored = pairs
    kinds = {"float64": "double", "float32": "single", "bool": "logical"}
    dataset = parent.create_dataset(name, data=stored, compression="gzip")
    base = values.real.dtype.name
    dataset.attrs["MATLAB_class"] = np.bytes_(kinds.get(base, base))


def write_73(path: Path, variables: dict, **_options) -> Path:
    with h5py.File(path, "w", userblock_size=512) as file:
        for name, value in variables.items():
            _write_node(file, name, value)
    head = b"MATLAB 7.3 MAT-file, Platform: TEST, Created on: today HDF5 schema 1.00 ."
    with path.open("r+b") as file:
        file.write(head.ljust(124) + b"\x00\x02IM")
    return path


VERSIONS = [write_5, write_73]
both = pytest.mark.parametrize("write", VERSIONS)


@both
@pytest.mark.parametrize("dtype", ["float64", "float32", "uint8", "int16", "uint16"])
def test_a_magnitude_slice(tmp_path, write, dtype):
    values = (MAGNITUDE * 20).astype(dtype)
    scan = load(write(tmp_path / "scan.mat", {"im": values}))
    np.testing.assert_array_equal(scan.magnitude, values[None].astype(np.float32))
    assert scan.is_simulated
    assert scan.name == "scan"


@both
def test_slices_are_the_last_axis_in_matlab(tmp_path, write):
    values = RNG.uniform(1, 9, (48, 40, 3))
    scan = load(write(tmp_path / "scan.mat", {"volume": values}))
    np.testing.assert_allclose(scan.magnitude, values.transpose(2, 0, 1), rtol=1e-6)


@both
@pytest.mark.parametrize("compressed", [False, True])
@pytest.mark.parametrize("dtype", ["complex128", "complex64"])
def test_complex_values(tmp_path, write, compressed, dtype):
    values = kspace_like().astype(dtype)
    path = write(tmp_path / "scan.mat", {"im": values}, do_compression=compressed)
    scan = load(path, ReadOptions(content="kspace"))
    np.testing.assert_array_equal(scan.kspace[0, 0], values.astype(np.complex64))


@both
def test_the_scan_is_told_from_masks_and_maps(tmp_path, write):
    kspace = kspace_like(2)
    path = write(
        tmp_path / "scan.mat",
        {
            "coil_sens": kspace_like(2),
            "kMask": np.ones((48, 40)),
            "kData": kspace,
            "TE": np.array([[1.5]]),
        },
    )
    options = ReadOptions(content="kspace", axes="y x coil")
    scan = load(path, options)
    np.testing.assert_array_equal(scan.kspace[0], kspace.transpose(2, 0, 1).astype(np.complex64))
    assert "variable kData taken, not coil_sens, kMask" in scan.notes
    chosen = load(path, ReadOptions(content="kspace", axes="y x coil", variable="coil_sens"))
    assert not np.array_equal(chosen.kspace, scan.kspace)


@both
def test_several_equals_are_asked_for_by_name(tmp_path, write):
    path = write(
        tmp_path / "scan.mat", {"b": complex_image(), "a": complex_image(3), "t": np.ones((1, 1))}
    )
    with pytest.raises(ScanFileError) as caught:
        load(path)
    line = str(caught.value)
    assert line.startswith("scan.mat: option --variable must say which variable is the scan, got ")
    assert "a (48 x 40 x 3, complex)" in line
    assert "b (48 x 40, complex)" in line
    assert "\n" not in line
    assert load(path, ReadOptions(variable="b", content="image")).n_slices == 1
    with pytest.raises(ScanFileError, match="must hold the variable 'c'"):
        load(path, ReadOptions(variable="c"))


@both
def test_structures_are_searched(tmp_path, write):
    values = complex_image().astype(np.complex64)
    data = {"images": values, "TE": np.array([1.0, 2.0]), "info": {"name": np.array([[3.0]])}}
    path = write(tmp_path / "scan.mat", {"data": data})
    scan = load(path, IMAGE)
    np.testing.assert_allclose(
        np.linalg.norm(scan.kspace), np.linalg.norm(values), rtol=1e-5
    )  # the transform is orthonormal
    assert load(path, ReadOptions(content="image", variable="data.images")).n_slices == 1
    with pytest.raises(ScanFileError, match=r"must hold the variable 'data\.other'"):
        load(path, ReadOptions(variable="data.other"))


@both
def test_files_without_a_scan(tmp_path, write):
    path = write(tmp_path / "scan.mat", {"a": np.ones((3, 3)), "b": np.ones((500, 2))})
    with pytest.raises(ScanFileError, match="numeric array with two axes of 32 or more, got"):
        load(path)


def test_text_cells_and_objects_are_passed_over(tmp_path):
    cell = np.empty((40, 40), object)
    cell[:] = "text"
    path = write_5(tmp_path / "a.mat", {"c": cell, "s": "text" * 999, "im": MAGNITUDE})
    assert load(path).n_slices == 1
    path = write_5(tmp_path / "b.mat", {"c": cell})
    with pytest.raises(ScanFileError, match="must hold a numeric array"):
        load(path)
    with pytest.raises(ScanFileError, match="must hold the variable 'c'"):
        load(path, ReadOptions(variable="c"))


def test_big_endian_version_5(tmp_path):
    """Written by hand: scipy writes in the order of the machine."""
    values = np.ascontiguousarray(MAGNITUDE.T, ">f4").tobytes()  # column-major
    parts = [(6, struct.pack(">II", 7, 0)), (5, struct.pack(">ii", 48, 40)), (1, b"im")]
    body = b"".join(_element(">", kind, data) for kind, data in [*parts, (7, values)])
    header = b"MATLAB 5.0 MAT-file".ljust(116) + bytes(8) + b"\x01\x00MI"
    (tmp_path / "scan.mat").write_bytes(header + _element(">", 14, body))
    np.testing.assert_array_equal(load(tmp_path / "scan.mat").magnitude[0], MAGNITUDE)


def _element(order: str, kind: int, data: bytes) -> bytes:
    return struct.pack(f"{order}II", kind, len(data)) + data + bytes(-len(data) % 8)


def _hostile(dims: tuple[int, ...], kind: int = 6, compressed: bool = False) -> bytes:
    """A file of version 5 whose one array declares these dimensions and holds 64 bytes."""
    parts = [
        (6, struct.pack("<II", kind, 0)),
        (5, struct.pack(f"<{len(dims)}i", *dims)),
        (1, b"im"),
        (9, bytes(64)),
    ]
    body = _element("<", 14, b"".join(_element("<", at, data) for at, data in parts))
    if compressed:
        packed = zlib.compress(body)
        body = struct.pack("<II", 15, len(packed)) + packed
    return b"MATLAB 5.0 MAT-file".ljust(116) + bytes(8) + b"\x00\x01IM" + body


@pytest.mark.parametrize("compressed", [False, True])
@pytest.mark.parametrize(
    ("dims", "kind"),
    [
        ((48, 40), 6),
        ((100000, 100000), 6),
        ((2**31 - 1, 2**31 - 1, 2**31 - 1), 6),
        ((-48, 40), 6),
        ((0, 40), 6),
        ((2**31 - 1, 2**31 - 1), 1),
        ((2**20, 2**20), 2),
        ((1, 1), 2),
        ((48, 40), 17),
        ((1, 1), 17),
    ],
)
def test_hostile_files_of_version_5(tmp_path, dims, kind, compressed):
    """Numbers, cells (1), structures (2) and opaque objects (17) that are not there."""
    (tmp_path / "scan.mat").write_bytes(_hostile(dims, kind, compressed))
    with pytest.raises(ScanFileError) as caught:
        load(tmp_path / "scan.mat")
    assert str(caught.value).startswith("scan.mat: ")
    assert "\n" not in str(caught.value)


def test_version_7_3_follows_no_link_to_other_files(tmp_path):
    write_73(tmp_path / "other.mat", {"im": MAGNITUDE})
    path = write_73(tmp_path / "scan.mat", {"small": np.ones((2, 2))})
    with h5py.File(path, "r+") as file:
        file["im"] = h5py.ExternalLink("other.mat", "/im")
        file["loop"] = h5py.SoftLink("/")
        file.create_dataset(
            "raw", (48, 40), "f8", external=[(str(tmp_path / "other.mat"), 0, 48 * 40 * 8)]
        ).attrs["MATLAB_class"] = np.bytes_("double")
    with pytest.raises(
        ScanFileError, match="must hold its values itself, got values in other files"
    ):
        load(path)


def test_version_7_3_that_declares_too_much(tmp_path):
    path = write_73(tmp_path / "scan.mat", {"small": np.ones((2, 2))})
    with h5py.File(path, "r+") as file:
        dataset = file.create_dataset("im", (30000, 900), "f8", chunks=(10, 10))
        dataset.attrs["MATLAB_class"] = np.bytes_("double")
    with pytest.raises(ScanFileError, match=r"must hold the \d+ bytes it declares"):
        load(path)


@both
def test_truncated_files(tmp_path, write):
    path = write(tmp_path / "scan.mat", {"im": complex_image()})
    data = path.read_bytes()
    for keep in (len(data) // 2, len(data) - 9):
        path.write_bytes(data[:keep])
        with pytest.raises(ScanFileError) as caught:
            load(path, IMAGE)
        assert str(caught.value).startswith("scan.mat: ")
        assert "\n" not in str(caught.value)


def test_other_files_called_mat(tmp_path):
    for content in (b"MATLAB 5.0 MAT-file", bytes(200), b"\x00\x00\x00\x00" * 5):
        (tmp_path / "scan.mat").write_bytes(content)
        with pytest.raises(ScanFileError, match="must begin as a MATLAB file does"):
            load(tmp_path / "scan.mat")


@settings(max_examples=60, deadline=None)
@given(data=st.data())
def test_damaged_version_5_gives_a_scan_or_one_line(tmp_path_factory, data):
    folder = tmp_path_factory.getbasetemp()
    variables = {"d": {"im": MAGNITUDE.astype("c8"), "n": 3.0}, "t": "text"}
    compressed = data.draw(st.booleans())
    sound = write_5(folder / "sound.mat", variables, do_compression=compressed).read_bytes()
    damaged = bytearray(sound)
    near = st.integers(124, min(700, len(damaged) - 1))
    for at in data.draw(st.lists(near, min_size=1, max_size=4)):
        damaged[at] = data.draw(st.integers(0, 255))
    (folder / "fuzz.mat").write_bytes(damaged)
    try:
        line = f"fuzz.mat: {load(folder / 'fuzz.mat', IMAGE).name}"
    except ScanFileError as error:
        line = str(error)
    assert line.startswith("fuzz.mat: ")
    assert "\n" not in line
