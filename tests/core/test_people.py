from pathlib import Path

import numpy as np
import pytest

from core.people import person_key, person_of, same_person
from core.types import Scan


def scan_at(path):
    return Scan("any", magnitude=np.ones((1, 8, 8), np.float32), path=path)


SAME = (
    ("t1/l03_T1w.nii.gz", "t2/l03_T2w.nii.gz"),
    ("t1/l03_T1w.nii.gz", "other/l03_FLAIR.nii.gz"),
    ("T1w/l03.nii", "T2w/l03.nii"),
    ("p1/t1.nii.gz", "p1/t2_tse.npy"),
    ("a-7_T1-weighted.nii", "a-7_PD_run-2_echo-1.nii"),
    ("a7_T1w_brain.nii", "a7_T2w.nii"),
    ("file_brain_AXT2_200_61.h5", "file_brain_AXFLAIR_200_61.h5"),
    ("ds/sub-01/anat/sub-01_T1w.nii.gz", "ds/sub-01/ses-2/anat/sub-01_ses-2_acq-hi_run-2_PD.nii"),
    ("ds/sub-01/anat/sub-01_T1w.nii.gz", "ds/derivatives/prep/sub-01/anat/sub-01_desc-x_T2w.nii"),
    ("ds/sub-01/anat/T1w.nii.gz", "ds/sub-01/anat/sub-01_T2w.nii.gz"),
    ("t1/sub-01_T1w.nii", "t2/sub-01_T2w.nii"),
)

DIFFERENT = (
    ("a/scan.nii.gz", "b/scan.nii.gz"),
    ("a/t1/scan.nii.gz", "b/t1/scan.nii.gz"),
    ("t1/l03_T1w.nii.gz", "t1/l04_T1w.nii.gz"),
    ("scan_1.npy", "scan_2.npy"),
    ("p1/t1.nii.gz", "p2/t1.nii.gz"),
    ("ds/sub-01/anat/sub-01_T1w.nii", "ds/sub-02/anat/sub-02_T1w.nii"),
    ("ds/sub-01/anat/sub-01_T1w.nii", "other-ds/sub-01/anat/sub-01_T1w.nii"),
    ("1.2.840.1.nii", "1.2.840.2.nii"),
    ("file_brain_AXT2_200_61.h5", "file_brain_AXT2_200_62.h5"),
    ("sub-projects/x/p1.nii", "sub-projects/x/p2.nii"),
)


@pytest.mark.parametrize(("one", "other"), SAME)
def test_one_person(one, other, tmp_path):
    assert same_person(scan_at(tmp_path / one), scan_at(tmp_path / other))


@pytest.mark.parametrize(("one", "other"), DIFFERENT)
def test_two_people(one, other, tmp_path):
    assert not same_person(scan_at(tmp_path / one), scan_at(tmp_path / other))


def test_one_path_has_many_spellings(tmp_path, monkeypatch):
    (tmp_path / "a").mkdir()
    (tmp_path / "link").symlink_to(tmp_path / "a")
    monkeypatch.chdir(tmp_path / "a")
    spellings = (
        tmp_path / "a/p1.nii",
        Path("p1.nii"),
        Path("../a/p1.nii"),
        tmp_path / "link/p1.nii",
    )
    assert len({person_key(path) for path in spellings}) == 1


def test_a_file_that_is_a_link_keeps_its_name(tmp_path):
    """As in data sets under git-annex."""
    for name in ("sub-01_T1w.nii", "sub-02_T1w.nii"):
        (tmp_path / f"{name}.hash").touch()
        (tmp_path / name).symlink_to(tmp_path / f"{name}.hash")
    assert "sub-01" in person_of(tmp_path / "sub-01_T1w.nii")


def test_what_the_scan_says_comes_first(tmp_path):
    one, other = (
        Scan("x", magnitude=np.ones((1, 8, 8), np.float32), path=tmp_path / name, person="anna")
        for name in ("a.nii", "b.nii")
    )
    assert same_person(one, other)
    assert not same_person(one, scan_at(tmp_path / "a.nii"))


def test_nobody_is_known_of_an_array():
    one, other = scan_at(None), scan_at(None)
    assert person_of(one) is None
    assert person_key(one) is None
    assert same_person(one, one)
    assert not same_person(one, other)


def test_a_key_gives_no_name_away(tmp_path):
    key = person_key(tmp_path / "Erika_Mustermann_T1w.nii.gz")
    prefix, digest = key.split(":")
    assert prefix == "person"
    assert len(digest) == 16
    assert int(digest, 16) > 0
