"""MATLAB files of version 5, written by scipy, and 7.3, written as MATLAB lays them out in HDF5."""

from __future__ import annotations

import re
import struct
import tracemalloc
import zlib
from pathlib import Path

import h5py
import numpy as np
import pytest
import scipy.io
import scipy.sparse
from hypothesis import given, settings
from hypothesis import strategies as st
from scipy.io import savemat

from core.io import ReadOptions, ScanFileError, load, matlab5
from core.io.examination import examine
from core.io.matlab_variables import Variable

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
    assert line.startswith("scan.mat: it must be said which variable is the scan, got ")
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


REAL_5 = sorted((Path(scipy.io.__file__).parent / "matlab/tests/data").glob("*_[67]*_*.mat"))


def _numbers(prefix: str, values) -> dict[str, np.ndarray]:
    """Numeric arrays that scipy read, in structures of one element too."""
    if type(values) is not np.ndarray:
        return {}
    if values.dtype.kind in "buifc":
        return {prefix: values}
    found = {}
    if values.dtype.names and values.size == 1:
        for name in values.dtype.names:
            found |= _numbers(f"{prefix}.{name}", values.reshape(-1)[0][name])
    return found


def _assert_as_scipy_reads(path: Path) -> dict[str, np.ndarray]:
    expected = {}
    for name, values in scipy.io.loadmat(path).items():
        expected |= _numbers(name, values)
    found = {v.name: v for v in matlab5.variables(path)}
    assert set(found) == set(expected)
    for name, values in expected.items():
        assert found[name] == Variable(name, values.shape, values.dtype.kind == "c")
        if values.size:
            read = matlab5.values(path, found[name])
            assert read.dtype == values.dtype.newbyteorder("=")
            np.testing.assert_array_equal(read, values)
    return expected


@pytest.mark.skipif(not REAL_5, reason="this scipy comes without its files of MATLAB")
@pytest.mark.parametrize("path", REAL_5, ids=lambda path: path.stem)
@pytest.mark.filterwarnings("ignore:Duplicate variable name")
def test_files_that_matlab_saved(path):
    """Versions 6.1 (big endian) to 8: text, cells, objects, functions, sparse arrays, numbers."""
    if "_7.4_" in path.name and "hdf5" in path.name:
        pytest.skip("a file of version 7.3")
    _assert_as_scipy_reads(path)


@pytest.mark.parametrize("compressed", [False, True])
def test_every_kind_of_version_5(tmp_path, compressed):
    cell = np.empty((2, 2), object)
    cell[:] = np.ones((3, 3)), "text"
    row = np.zeros(2, [("a", object), ("b", object)])
    numbers = {
        f"{kind}{8 * size}": np.arange(-6, 6).astype(f"{kind}{size}").reshape(3, 2, 2)
        for kind, sizes in {"i": (1, 2, 4, 8), "u": (1, 2, 4, 8), "f": (4, 8)}.items()
        for size in sizes
    }
    variables = {
        **numbers,
        "c64": MAGNITUDE * np.complex64(1 - 2j),
        "c128": complex_image(2),
        "flags": MAGNITUDE > 4,
        "empty": np.zeros((0, 4)),
        "none": np.zeros((0, 0)),
        "nested": {"a": {"b": MAGNITUDE, "none": np.zeros((0, 0)), "text": "x"}, "c": cell},
        "no_fields": {},
        "deep": {"a": {"b": {"c": np.ones((2, 2))}}},
        "text": "text",
        "cell": cell,
        "several": row,
        "sparse": scipy.sparse.csc_matrix(np.eye(40)),
        "last": np.ones((1, 1)),
    }
    path = write_5(tmp_path / "all.mat", variables, do_compression=compressed, oned_as="row")
    read = _assert_as_scipy_reads(path)
    assert set(read) - set(numbers) == {
        *("c64", "c128", "flags", "empty", "none", "last", "deep.a.b.c"),
        *("nested.a.b", "nested.a.none"),
    }


def test_structures_end_at_a_depth(tmp_path):
    path = write_5(tmp_path / "deep.mat", {"a": {"b": {"c": {"d": {"e": MAGNITUDE}}}}})
    assert matlab5.variables(path) == []


HEADER = b"MATLAB 5.0 MAT-file".ljust(116) + bytes(8) + b"\x00\x01IM"
FLAGS = (6, struct.pack("<II", 6, 0))
SIZE = (5, struct.pack("<ii", 48, 40))


def _matrix(*parts: tuple[int, bytes]) -> bytes:
    return _element("<", 14, b"".join(_element("<", kind, data) for kind, data in parts))


def _compressed(body: bytes) -> bytes:
    packed = zlib.compress(body)
    return struct.pack("<II", 15, len(packed)) + packed


def test_doubles_stored_as_smaller_types(tmp_path):
    """MATLAB saves whole numbers in as few bytes as they need; also real and imaginary parts."""
    real, imaginary = (MAGNITUDE * 20).astype("u1"), -(MAGNITUDE * 2000).astype("<i2")
    one = _matrix(FLAGS, SIZE, (1, b"re"), (2, real.tobytes("F")))
    both = _matrix(
        (6, struct.pack("<II", 0x806, 0)),
        SIZE,
        (1, b"both"),
        (2, real.tobytes("F")),
        (3, imaginary.tobytes("F")),
    )
    path = tmp_path / "scan.mat"
    path.write_bytes(HEADER + one + _compressed(both))
    read = _assert_as_scipy_reads(path)
    np.testing.assert_array_equal(read["re"], real)
    np.testing.assert_array_equal(read["both"], real + 1j * imaginary)


def test_parts_too_large_for_their_class(tmp_path):
    flags = (6, struct.pack("<II", 0x807, 0))
    parts = (9, struct.pack("<d", 1e300) * 48 * 40), (7, b"\x01\x00\x80\x7f" * 48 * 40)
    (tmp_path / "scan.mat").write_bytes(HEADER + _matrix(flags, SIZE, (1, b"im"), *parts))
    read = matlab5.values(tmp_path / "scan.mat", Variable("im", (48, 40), True))
    assert read.dtype == np.complex64
    assert np.isposinf(read.real).all()
    assert np.isnan(read.imag).all()


def test_of_equal_names_the_last_counts(tmp_path):
    first, last = (_matrix(FLAGS, SIZE, (1, b"im"), (9, bytes([n]) * 48 * 40 * 8)) for n in (1, 2))
    path = tmp_path / "scan.mat"
    path.write_bytes(HEADER + first + last)
    (only,) = matlab5.variables(path)
    np.testing.assert_array_equal(
        matlab5.values(path, only), np.frombuffer(bytes([2]) * 48 * 40 * 8).reshape(48, 40)
    )


VALUES = (9, bytes(48 * 40 * 8))
NAME = (1, b"im")
DAMAGED = {
    # Of data types it does not know, scipy's reader takes the whole process down.
    **{
        f"data type {n} of values": (
            _matrix(FLAGS, SIZE, NAME, (n, VALUES[1])),
            f"the data type of values must be .*, got {n}$",
        )
        for n in (0, 8, 10, 11, 19, 40, 200, 255, 60000)
    },
    "class": (_matrix((6, struct.pack("<II", 255, 0)), SIZE, NAME, VALUES), "class must be from"),
    "class 0": (_matrix((6, bytes(8)), SIZE, NAME, VALUES), "class must be from 1 to 18, got 0"),
    "data type of flags": (_matrix((9, FLAGS[1]), SIZE, NAME, VALUES), "type of array flags"),
    "length of flags": (_matrix((6, bytes(4)), SIZE, NAME, VALUES), "array flags must have 8"),
    "data type of dimensions": (_matrix(FLAGS, (7, SIZE[1]), NAME, VALUES), "of dimensions must"),
    "odd dimensions": (_matrix(FLAGS, (5, bytes(6)), NAME, VALUES), "dimensions must have 4"),
    "one dimension": (_matrix(FLAGS, (5, bytes(4)), NAME, VALUES), "dimensions must be 2 or"),
    "many dimensions": (_matrix(FLAGS, (5, bytes(400)), NAME, VALUES), "dimensions must have at"),
    "name": (_matrix(FLAGS, SIZE, (1, b"i\nm"), VALUES), r"names must be printable, got 'i\\nm'"),
    "too few values": (_matrix(FLAGS, SIZE, NAME, (9, bytes(80))), "must hold the 1920 bytes"),
    "values as smaller": (_matrix(FLAGS, SIZE, NAME, (1, VALUES[1])), "1920 bytes of int8"),
    "no values": (_matrix(FLAGS, SIZE, NAME), "must hold the 1920 bytes it declares"),
    "a tag too large": (struct.pack("<II", 14, 2**31) + VALUES[1], "a variable must lie within"),
    "a tag too short": (bytes([14, 0, 0]), "a variable must follow, got 3 bytes"),
    "no variable": (_element("<", 9, VALUES[1]), "type of a variable must be 14 or 15, got 9"),
}
IN_COMPRESSED = {
    "a tag too large": "a compressed variable must lie within",
    "a tag too short": r"must hold 4 bytes more, got 3 \(truncated",
    "no variable": "data type of a compressed variable must be 14, got 9",
}
_AS_FIELD = {
    "length of names": ((5, bytes(8)), (1, b"a")),
    "no length of names": ((5, bytes(4)), (1, b"a")),
    "names of unequal length": ((5, struct.pack("<i", 3)), (1, b"abcd")),
    "long names": ((5, struct.pack("<i", 4)), (1, bytes(2**21))),
    "many fields": ((5, struct.pack("<i", 1)), (1, b"a" * 21000), *[(14, b"")] * 21000),
    "no field": ((5, struct.pack("<i", 1)), (1, b"a")),
    "a field of no matrix": ((5, struct.pack("<i", 1)), (1, b"a"), VALUES),
}
_LINES = (
    *("length of field names must have at most 4", "field names must be of equal length"),
    *("field names must be of equal length", "field names must have at most"),
    *("must hold at most 20000 arrays", "field 'a' must follow", "data type of field 'a' must be"),
)
DAMAGED |= {
    key: (_matrix((6, struct.pack("<II", 2, 0)), (5, struct.pack("<ii", 1, 1)), NAME, *parts), line)
    for (key, parts), line in zip(_AS_FIELD.items(), _LINES, strict=True)
}


@pytest.mark.parametrize("compressed", [False, True])
@pytest.mark.parametrize("key", DAMAGED)
def test_what_is_refused_in_version_5(tmp_path, key, compressed):
    body, line = DAMAGED[key]
    if compressed:
        line = IN_COMPRESSED.get(key, line)
    (tmp_path / "scan.mat").write_bytes(HEADER + (_compressed(body) if compressed else body))
    with pytest.raises(ScanFileError, match=line) as caught:
        load(tmp_path / "scan.mat", IMAGE)
    assert str(caught.value).startswith("scan.mat: ")
    assert "\n" not in str(caught.value)


@pytest.mark.parametrize(
    ("damage", "line"),
    [
        (lambda packed: packed[:-1] + bytes([packed[-1] ^ 1]), "must be undamaged, got Error -3"),
        (lambda packed: packed[:-4], "must end with the element that it holds, got no end"),
        (lambda packed: packed[:40], "(truncated?)"),
        (lambda packed: b"\x00" + packed[1:], "must be undamaged, got Error -3"),
        (
            lambda packed: zlib.compress(zlib.decompress(packed) + bytes(9)),
            "must end with the element that it holds, got more",
        ),
        (lambda packed: b"", "a compressed variable must follow, got 0 bytes"),
    ],
)
def test_damaged_compression_of_version_5(tmp_path, damage, line):
    packed = damage(zlib.compress(_matrix(FLAGS, SIZE, NAME, VALUES)))
    (tmp_path / "scan.mat").write_bytes(HEADER + struct.pack("<II", 15, len(packed)) + packed)
    with pytest.raises(ScanFileError, match=re.escape(line)):
        load(tmp_path / "scan.mat", IMAGE)


def test_what_inflates_too_far_is_not_held(tmp_path):
    """40 MB of zeros, of which a listing needs the first few bytes."""
    head = b"".join(
        _element("<", *part) for part in (FLAGS, (5, struct.pack("<ii", 5000, 1000)), NAME)
    )
    body = (
        struct.pack("<II", 14, len(head) + 8 + 40_000_000)
        + head
        + struct.pack("<II", 9, 40_000_000)
    )
    (tmp_path / "scan.mat").write_bytes(HEADER + _compressed(body + bytes(40_000_000)))
    tracemalloc.start()
    try:
        (found,) = matlab5.variables(tmp_path / "scan.mat")
        _, most = tracemalloc.get_traced_memory()
    finally:
        tracemalloc.stop()
    assert found.shape == (5000, 1000)
    assert most < 10_000_000


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


def test_the_doctor_refuses_a_damaged_file_in_one_line_too(tmp_path):
    path = write_73(tmp_path / "scan.mat", {"im": complex_image()})
    data = path.read_bytes()
    path.write_bytes(data[: len(data) // 2])
    with pytest.raises(ScanFileError, match=r"^scan\.mat: must be an undamaged MATLAB file, got "):
        examine(path, IMAGE)


def test_other_files_called_mat(tmp_path):
    for content in (b"MATLAB 5.0 MAT-file", bytes(200), b"\x00\x00\x00\x00" * 5):
        (tmp_path / "scan.mat").write_bytes(content)
        with pytest.raises(ScanFileError, match="must begin as a MATLAB file does"):
            load(tmp_path / "scan.mat")


@settings(max_examples=100, deadline=None)
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
