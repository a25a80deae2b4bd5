"""What holds for every format: names, laziness, and refusals in one line."""

from __future__ import annotations

import gzip
import os
import subprocess
import sys
from pathlib import Path

import h5py
import nibabel
import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from pydicom.dataset import Dataset, FileMetaDataset
from pydicom.uid import ExplicitVRLittleEndian, MRImageStorage
from scipy.io import savemat

from core.io import FORMATS, ReadOptions, ScanFileError, load, suffixes
from core.io.formats import HEAD_BYTES, scan_name

VALUES = np.random.default_rng(8).uniform(1, 9, (2, 34, 36)).astype(np.float32)


def nii(path):
    nibabel.save(nibabel.Nifti1Image(VALUES.transpose(2, 1, 0), np.eye(4)), path)


def h5(path):
    spectrum = np.fft.fftshift(np.fft.fft2(np.fft.ifftshift(VALUES, (1, 2))), (1, 2))
    with h5py.File(path, "w") as file:
        file["kspace"] = spectrum.astype(np.complex64)


def npz(path):
    np.savez_compressed(path, magnitude=VALUES)


def mat(path):
    savemat(path, {"volume": VALUES.transpose(1, 2, 0)}, appendmat=False)


def dcm(path):
    """One slice of the file that pydicom makes of the least that a slice must say."""
    data = Dataset()
    data.file_meta = FileMetaDataset()
    data.file_meta.TransferSyntaxUID = ExplicitVRLittleEndian
    data.file_meta.MediaStorageSOPClassUID = data.SOPClassUID = MRImageStorage
    data.file_meta.MediaStorageSOPInstanceUID = data.SOPInstanceUID = "1.2.3"
    data.Rows, data.Columns = VALUES.shape[1:]
    data.ImagePositionPatient, data.PixelSpacing = [0, 0, 0], [1, 1]
    data.ImageOrientationPatient = [1, 0, 0, 0, 1, 0]
    data.SamplesPerPixel, data.PhotometricInterpretation = 1, "MONOCHROME2"
    data.BitsAllocated, data.BitsStored, data.HighBit, data.PixelRepresentation = 16, 16, 15, 0
    data.PixelData = (100 * VALUES[0]).astype(np.uint16).tobytes()
    data.save_as(path, enforce_file_format=True)


MAKERS = {
    ".dcm": dcm,
    ".ima": dcm,
    ".mat": mat,
    ".nii": nii,
    ".nii.gz": nii,
    ".h5": h5,
    ".hdf5": h5,
    ".npy": lambda path: np.save(path, VALUES),
    ".npz": npz,
}

ELSEWHERE = {".cfl", ".hdr", ".mrd", ".dat"}
"""Pairs of files, and raw data that is written in the tests of its own format."""


@pytest.fixture(scope="module")
def samples(tmp_path_factory) -> dict[str, bytes]:
    """The bytes of one sound file for each suffix."""
    folder = tmp_path_factory.mktemp("samples")
    for suffix, make in MAKERS.items():
        make(folder / f"sample{suffix}")
    return {suffix: (folder / f"sample{suffix}").read_bytes() for suffix in MAKERS}


def test_every_suffix_has_a_sample():
    assert set(suffixes()) - ELSEWHERE == set(MAKERS)
    assert {".nii", ".nii.gz", ".h5", ".npy", ".npz"} <= set(suffixes())


@pytest.mark.parametrize("suffix", MAKERS)
def test_every_format_is_read(tmp_path, samples, suffix):
    path = tmp_path / f"my.scan{suffix}"
    path.write_bytes(samples[suffix])
    scan = load(path)
    assert scan.name == (tmp_path.name if suffix in (".dcm", ".ima") else "my.scan")
    assert scan.path == path
    assert scan.slice_shape == (34, 36)


@pytest.mark.parametrize("suffix", MAKERS)
@pytest.mark.parametrize("claimed", [".nii", ".nii.gz", ".npy", ".h5", ".dat", ".NII.GZ"])
def test_the_content_decides_when_the_suffix_lies(tmp_path, samples, suffix, claimed):
    path = tmp_path / f"scan{claimed}"
    path.write_bytes(samples[suffix])
    assert load(path).slice_shape == (34, 36)


def test_exactly_one_format_knows_each_content(tmp_path, samples):
    path = tmp_path / "scan"
    for data in samples.values():
        path.write_bytes(data)
        assert sum(entry.item.recognise(path, data[:HEAD_BYTES]) for entry in FORMATS) == 1


def test_a_desktop_can_tell_each_format():
    """Formats that share a container share what a desktop calls it."""
    types = {entry.name: entry.item.media_type for entry in FORMATS}
    assert all(kind.startswith("application/") for kind in types.values())
    assert types["fastmri"] == types["ismrmrd"] == "application/x-hdf"
    others = [kind for name, kind in types.items() if name not in ("fastmri", "ismrmrd")]
    assert len(set(others)) == len(others)


@pytest.mark.parametrize("suffix", [".nii", ".npy", ".mat"])
def test_the_marks_are_found_where_the_format_is(samples, suffix):
    marked = {
        entry.name
        for entry in FORMATS
        for mark in entry.item.marks
        if all(samples[suffix][at : at + len(text)] == text for at, text in mark)
    }
    assert marked == {{".nii": "nifti", ".npy": "npy", ".mat": "matlab"}[suffix]}


@pytest.mark.parametrize(
    ("name", "expected"),
    [("a.nii.gz", "a"), ("a.b.NII", "a.b"), ("a.h5", "a"), ("a.dat", "a"), (".npy", ".npy")],
)
def test_scan_names(name, expected):
    assert scan_name(Path(name)) == expected


def refused(path, message):
    with pytest.raises(ScanFileError) as caught:
        load(path)
    assert isinstance(caught.value, ValueError)
    assert str(caught.value).startswith(f"{Path(path).name}: ")
    assert message in str(caught.value)
    assert "\n" not in str(caught.value)


def test_a_missing_file(tmp_path):
    refused(tmp_path / "scan.nii", "must exist, got no such file")


def test_a_folder(tmp_path):
    (tmp_path / "scan.nii").mkdir()
    rule = "must be a file, or a folder of DICOM, got a folder of something else"
    refused(tmp_path / "scan.nii", rule)


@pytest.mark.skipif(not hasattr(os, "mkfifo"), reason="Windows has no such pipes")
def test_a_pipe_is_not_waited_for(tmp_path):
    os.mkfifo(tmp_path / "scan.nii")
    refused(tmp_path / "scan.nii", "must be a regular file")


def test_a_file_without_permission(tmp_path, monkeypatch):
    (tmp_path / "scan.nii").write_bytes(b"x")

    def forbidden(*_args, **_kwargs):
        raise PermissionError(13, "Permission denied")

    monkeypatch.setattr(Path, "open", forbidden)
    refused(tmp_path / "scan.nii", "must be readable, got Permission denied")


@pytest.mark.parametrize("suffix", MAKERS)
def test_an_empty_file(tmp_path, suffix):
    (tmp_path / f"scan{suffix}").write_bytes(b"")
    refused(tmp_path / f"scan{suffix}", "must not be empty, got 0 bytes")


@pytest.mark.parametrize("suffix", MAKERS)
@pytest.mark.parametrize("junk", [b"\0", b"hello\nworld" * 100, gzip.compress(b"hello")])
def test_junk(tmp_path, suffix, junk):
    (tmp_path / f"scan{suffix}").write_bytes(junk)
    refused(tmp_path / f"scan{suffix}", "must begin as a ")


def test_an_unknown_suffix_lists_the_known_ones(tmp_path):
    (tmp_path / "scan.jpg").write_bytes(b"\xff\xd8\xff")
    known = ", ".join(suffixes())
    refused(tmp_path / "scan.jpg", f"must be one of {known}, got '.jpg'")
    assert ".nii, .nii.gz, .npy, .npz" in known


def test_a_name_with_a_line_break_stays_on_one_line(tmp_path):
    with pytest.raises(ScanFileError) as caught:
        load(tmp_path / "a\nb.nii")
    assert str(caught.value) == "a b.nii: must exist, got no such file"


@pytest.mark.parametrize(
    ("fields", "message"),
    [({"volume": -1}, "volume must be at least 0, got -1"), ({"content": "x"}, "content must be")],
)
def test_impossible_options(fields, message):
    with pytest.raises(ValueError, match=message):
        ReadOptions(**fields)


def test_importing_the_readers_loads_no_heavy_library():
    heavy = ("torch", "nibabel", "h5py", "scipy", "pydicom")
    code = f"import sys, core.io; print([m for m in {heavy} if m in sys.modules])"
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert done.stdout.strip() == "[]"


def test_numbers_beyond_their_type_are_refused_without_a_warning(tmp_path):
    """Warnings are errors here: of a NIfTI-2 affine whose squares overflow, as NumPy's would be."""
    affine = np.diag([1e200, 1, 1, 1])
    image = nibabel.Nifti2Image(np.arange(3200.0).reshape(40, 40, 2), None)
    image.header.set_sform(affine, 1)
    nibabel.save(image, tmp_path / "scan.nii")
    assert "the affine is invalid: voxels taken as 1 mm" in load(tmp_path / "scan.nii").notes


def test_hdf5_with_a_name_that_is_no_text(tmp_path):
    with h5py.File(tmp_path / "scan.h5", "w") as file:
        file[b"\xff\xfe"] = file["other"] = np.ones(3)
    with pytest.raises(ScanFileError, match=r"^scan\.h5: HDF5 must hold "):
        load(tmp_path / "scan.h5")


@pytest.mark.parametrize("suffix", [".nii", ".nii.gz", ".npy", ".npz"])
@settings(max_examples=60, deadline=None)
@given(data=st.data())
def test_damaged_bytes_give_a_scan_or_one_line(tmp_path_factory, samples, suffix, data):
    damaged = bytearray(samples[suffix])
    near = st.integers(0, min(400, len(damaged) - 1))
    anywhere = st.integers(0, len(damaged) - 1)
    for at in data.draw(st.lists(near | anywhere, min_size=1, max_size=6)):
        damaged[at] = data.draw(st.integers(0, 255))
    keep = data.draw(st.just(len(damaged)) | st.integers(1, len(damaged)))
    path = tmp_path_factory.getbasetemp() / f"fuzz{suffix}"
    path.write_bytes(damaged[:keep])
    try:
        scan = load(path)
    except ScanFileError as error:
        line = str(error)
    else:
        line = f"{path.name}: {scan.name}"
        assert scan.magnitude is None or scan.magnitude.min() >= 0
    assert line.startswith(f"{path.name}: ")
    assert "\n" not in line
