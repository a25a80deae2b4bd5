"""DICOM series, written with pydicom: order, rescaling, place, choice, and what is refused."""

from __future__ import annotations

import hashlib
from copy import copy

import numpy as np
import pydicom
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from pydicom.uid import JPEGLSLossless, RLELossless

from core.io import ReadOptions, ScanFileError, ScanInDoubtError, load, write_nifti
from core.people import person_of, same_person
from tests.core.io.dicom_files import AXIAL, CORONAL, SAGITTAL, VOLUME, one, series


def test_slices_are_ordered_by_position_not_by_name(tmp_path):
    scan = load(series(tmp_path / "head"))
    np.testing.assert_array_equal(scan.magnitude, VOLUME.astype(np.float32))
    assert scan.edges == ("R", "L", "A", "P")
    assert scan.spacing_mm == pytest.approx((5, 1.25, 0.75))
    assert scan.name == "head"
    assert scan.notes == ("series 4 (t1_mprage, TE 3.5 ms, kind M, 6 slices)",)
    assert scan.is_simulated


@pytest.mark.parametrize(
    ("directions", "edges"),
    [
        (AXIAL, ("R", "L", "A", "P")),
        (SAGITTAL, ("A", "P", "S", "I")),
        (CORONAL, ("R", "L", "S", "I")),
        (((-1, 0, 0), (0, -1, 0)), ("R", "L", "A", "P")),
        (((0.96, 0.28, 0), (-0.28, 0.96, 0)), ("R", "L", "A", "P")),
    ],
)
def test_voxels_keep_their_place_in_the_patient(tmp_path, directions, edges):
    """By the definition of Image Plane, DICOM PS3.3 C.7.6.2.1.1."""
    volume = np.ones_like(VOLUME)
    volume[4, 11, 30] = 999
    scan = load(series(tmp_path / "head", directions, volume))
    assert scan.edges == edges
    file_index = np.argwhere(scan.grid.to_file(scan.magnitude) == 999)[0]
    place = scan.grid.affine @ [*file_index, 1]
    rows, columns = np.array(directions, float)
    first = np.array([-20.0, -30.0, 10.0]) + 5.0 * 4 * np.cross(rows, columns)
    lps = first + rows * 0.75 * 30 + columns * 1.25 * 11
    np.testing.assert_allclose(place[:3], lps * [-1, -1, 1], atol=1e-4)


def test_results_are_written_at_the_same_place(tmp_path):
    import nibabel

    scan = load(series(tmp_path / "head"))
    write_nifti(tmp_path / "out.nii", dict(enumerate(scan.magnitude)), scan, "copy")
    np.testing.assert_allclose(nibabel.load(tmp_path / "out.nii").affine, scan.grid.affine)


def test_rescaling_is_applied_slice_by_slice(tmp_path):
    folder = series(tmp_path / "head", volume=VOLUME[:3])
    for index in range(3):
        position = (-20, -30, 10 + 5 * (3 + index))
        one(folder / f"s{index}", VOLUME[index], position, RescaleSlope=0.5, RescaleIntercept=7)
    scan = load(folder)
    np.testing.assert_array_equal(scan.magnitude[:3], VOLUME[:3].astype(np.float32))
    np.testing.assert_allclose(scan.magnitude[3:], 0.5 * VOLUME[:3] + 7.0)


def test_several_series_and_echoes_are_chosen_by_label(tmp_path):
    folder = series(tmp_path / "study", prefix="a", EchoTime=7.4)
    series(folder, prefix="b", volume=VOLUME[:4] + 1, EchoTime=4.9)
    series(folder, prefix="c", SeriesNumber=9, SeriesInstanceUID="1.2.9", SeriesDescription="flair")
    with pytest.raises(ScanInDoubtError) as caught:
        load(folder)
    assert caught.value.field == "series"
    assert copy(caught.value).field == "series"  # as from a worker of a study
    assert str(caught.value) == (
        "study: it must be said which series is the scan, got 4.1 (t1_mprage, TE 4.9 ms, "
        "kind M, 4 slices), 4.2 (t1_mprage, TE 7.4 ms, kind M, 6 slices), 9 (flair, TE 3.5 ms, "
        "kind M, 6 slices)"
    )
    scan = load(folder, ReadOptions(series="4.1"))
    np.testing.assert_array_equal(scan.magnitude, VOLUME[:4].astype(np.float32) + 1)
    with pytest.raises(ScanFileError, match=r"must hold the series '5', got 4\.1, 4\.2, 9"):
        load(folder, ReadOptions(series="5"))


def test_a_file_opens_its_own_stack(tmp_path):
    folder = series(tmp_path / "study", prefix="a", EchoTime=7.4)
    series(folder, prefix="b", volume=VOLUME[:4] + 1, EchoTime=4.9)
    path = sorted(folder.glob("b*"))[2]
    scan = load(path)
    np.testing.assert_array_equal(scan.magnitude, VOLUME[:4].astype(np.float32) + 1)
    assert scan.path == path
    assert scan.notes[0].startswith("series 4.1 ")


def test_phase_images_are_no_choice(tmp_path):
    folder = series(tmp_path / "study", prefix="a")
    series(folder, prefix="b", ImageType=["ORIGINAL", "PRIMARY", "P", "ND"])
    assert load(folder).notes[0].startswith("series 4.1 (t1_mprage, TE 3.5 ms, kind M")
    with pytest.raises(ScanFileError, match="must hold magnitudes, got phase images"):
        load(folder, ReadOptions(series="4.2"))


def test_nothing_that_names_a_person_is_kept(tmp_path):
    one_scan, other = load(series(tmp_path / "a")), load(series(tmp_path / "b", volume=VOLUME + 1))
    assert same_person(one_scan, other)
    assert person_of(one_scan) == (f"DICOM patient {hashlib.sha256(b'mrn-4711').hexdigest()[:16]}")
    for text in ("Doe", "Jane", "4711"):
        assert text not in repr(one_scan)
    third = load(series(tmp_path / "c", PatientID="MRN-4712"))
    assert not same_person(one_scan, third)


@pytest.mark.parametrize("placeholder", ["", "ANONYMOUS", "anon", "Anonymized", "0000", "unknown"])
def test_placeholders_are_nobody(tmp_path, placeholder):
    scan = load(series(tmp_path / "a", PatientID=placeholder, PatientName=placeholder))
    assert scan.person is None


def test_missing_slices_are_noted_and_take_the_place_away(tmp_path):
    folder = series(tmp_path / "head")
    [path] = [p for p in folder.iterdir() if pydicom.dcmread(p).ImagePositionPatient[2] == 20]
    path.unlink()
    scan = load(folder)
    assert scan.n_slices == 5
    assert scan.grid is None
    assert scan.notes[1].startswith("slices lie 5 to 10 mm apart: some may be missing")


def test_other_files_of_the_folder_are_left_out_and_noted(tmp_path):
    folder = series(tmp_path / "head")
    (folder / "README.txt").write_text("hello")
    assert len(load(folder).notes) == 1
    one(folder / "mosaic", VOLUME[0], (0, 0, 0), ImageType=["ORIGINAL", "PRIMARY", "M", "MOSAIC"])
    assert load(folder).notes[1] == (
        "1 other files of the folder left out, the first: mosaic: must hold one slice a file, got "
        "a mosaic of slices"
    )


def test_run_length_encoding_is_decoded(tmp_path):
    folder = series(tmp_path / "head")
    for path in folder.iterdir():
        data = pydicom.dcmread(path)
        data.compress(RLELossless)
        data.save_as(path)
    np.testing.assert_array_equal(load(folder).magnitude, VOLUME.astype(np.float32))


def test_a_compression_without_a_decoder_is_named(tmp_path, monkeypatch):
    folder = series(tmp_path / "head")
    for path in folder.iterdir():
        data = pydicom.dcmread(path)
        data.PixelData = pydicom.encaps.encapsulate([b"\xff\xd8\xff\xd9"])
        data["PixelData"].is_undefined_length = True
        data.file_meta.TransferSyntaxUID = JPEGLSLossless
        data.save_as(path)
    with pytest.raises(ScanFileError, match="can be decoded here, got JPEG-LS Lossless"):
        load(folder)


REFUSED = {
    "colours": ({"PhotometricInterpretation": "RGB", "SamplesPerPixel": 3}, "MONOCHROME2, got RGB"),
    "inverted": ({"PhotometricInterpretation": "MONOCHROME1"}, "got MONOCHROME1"),
    "enhanced": ({"NumberOfFrames": 12}, "one slice a file, got an enhanced file of several"),
    "no position": ({"ImagePositionPatient": None}, "must state ImagePositionPatient"),
    "no orientation": ({"ImageOrientationPatient": None}, "must state ImageOrientationPatient"),
    "no spacing": ({"PixelSpacing": None}, "must state PixelSpacing"),
    "no direction": ({"ImageOrientationPatient": [0] * 6}, "unit directions"),
    "spacing 0": ({"PixelSpacing": [0, 1]}, "spacings above 0"),
    "more pixels than there are": ({"Rows": 41}, "must hold undamaged pixels"),
    "huge": ({"Rows": 65535, "Columns": 65535}, "32 to 1024 pixels along each side"),
    "no pixels": ({"PixelData": None}, "must hold undamaged pixels"),
    "negative slope": ({"RescaleSlope": -1}, "slope above 0"),
    "no image": ({"Rows": None}, "must hold"),
    "signed": ({"RescaleIntercept": -2000}, "may be negative"),
}


@pytest.mark.parametrize("case", REFUSED)
@pytest.mark.parametrize("opened", ["folder", "file"])
@pytest.mark.filterwarnings("ignore::UserWarning:pydicom")
def test_refused_by_name_in_one_line(tmp_path, case, opened):
    changes, message = REFUSED[case]
    folder = series(tmp_path / "head", **changes)
    with pytest.raises(ScanFileError) as caught:
        load(folder if opened == "folder" else next(folder.iterdir()))
    assert message in str(caught.value)
    assert "\n" not in str(caught.value)


def test_slices_that_form_no_stack(tmp_path):
    folder = series(tmp_path / "twice")
    series(folder, prefix="again")
    with pytest.raises(ScanFileError, match="must hold each slice once, got 6 more at the same"):
        load(folder)
    folder = series(tmp_path / "localiser")
    series(folder, SAGITTAL, prefix="s")
    with pytest.raises(ScanFileError, match="slices of series 4 must be parallel"):
        load(folder)
    folder = series(tmp_path / "sizes")
    series(folder, volume=np.ones((1, 40, 40), np.uint16), prefix="s")
    with pytest.raises(ScanFileError, match="slices of series 4 must have one size"):
        load(folder)


def test_a_deflated_file_is_not_inflated(tmp_path):
    folder = series(tmp_path / "head", syntax=pydicom.uid.DeflatedExplicitVRLittleEndian)
    with pytest.raises(ScanFileError, match="not be deflated as a whole, got Deflated Explicit"):
        load(folder)


def test_folders_without_dicom(tmp_path):
    with pytest.raises(ScanFileError, match="must be a file, or a folder of"):
        load(tmp_path)
    (tmp_path / "a.dcm").write_bytes(bytes(128) + b"DICM")
    with pytest.raises(ScanFileError):
        load(tmp_path)


@settings(max_examples=40, deadline=None)
@given(data=st.data())
def test_damaged_bytes_give_a_scan_or_one_line(tmp_path_factory, data):
    folder = tmp_path_factory.getbasetemp() / "fuzzed"
    folder.mkdir(exist_ok=True)
    path = folder / "a.dcm"
    one(path, VOLUME[0], (0, 0, 0))
    damaged = bytearray(path.read_bytes())
    end = len(damaged) - VOLUME[0].nbytes
    for at in data.draw(st.lists(st.integers(132, end), min_size=1, max_size=4)):
        damaged[at] = data.draw(st.integers(0, 255))
    keep = data.draw(st.just(len(damaged)) | st.integers(133, len(damaged)))
    path.write_bytes(damaged[:keep])
    try:
        line = f"a.dcm: {load(path).name}"
    except ScanFileError as error:
        line = str(error)
    assert line.startswith(("a.dcm: ", "fuzzed: "))
    assert "\n" not in line
