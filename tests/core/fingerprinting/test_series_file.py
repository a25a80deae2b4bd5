import dataclasses
import json

import h5py
import numpy as np
import pytest

from core.fingerprinting.sequence_file import to_toml
from core.fingerprinting.series import Series
from core.fingerprinting.series_file import read_series, write_series


@pytest.fixture
def folder(tmp_path, small_series):
    write_series(tmp_path / "series", small_series)
    return tmp_path / "series"


def assert_same(read, series):
    for name in ("signals", "mask"):
        found, expected = getattr(read, name), getattr(series, name)
        assert found.dtype == expected.dtype
        np.testing.assert_array_equal(found, expected)
    assert read.sequence == series.sequence
    assert (read.name, read.spacing_mm, read.notes) == (
        series.name,
        series.spacing_mm,
        series.notes,
    )


def test_a_simulated_series_comes_back_bit_by_bit(folder, small_series):
    read = read_series(folder)
    assert_same(read, small_series)
    for name in ("t1", "t2", "adc", "pd"):
        found, expected = read.truth.maps[name], small_series.truth.maps[name]
        assert found.dtype == np.float32
        np.testing.assert_array_equal(found, expected)
    np.testing.assert_array_equal(read.truth.labels, small_series.truth.labels)
    np.testing.assert_array_equal(read.grid.affine, small_series.grid.affine)
    assert (read.grid.shape, read.grid.axes, read.grid.flips) == (
        small_series.grid.shape,
        small_series.grid.axes,
        small_series.grid.flips,
    )
    assert read.path == folder


def test_a_series_without_truth_or_grid_comes_back(tmp_path, small_series):
    bare = dataclasses.replace(small_series, truth=None, grid=None, notes=("ü",))
    write_series(tmp_path, bare)
    read = read_series(tmp_path / "series.h5")
    assert_same(read, bare)
    assert read.truth is None
    assert read.grid is None


def test_the_folder_holds_two_files_and_the_sequence_is_readable(folder, small_series):
    assert sorted(path.name for path in folder.iterdir()) == ["sequence.toml", "series.h5"]
    assert (folder / "sequence.toml").read_text() == to_toml(small_series.sequence)


def test_a_chunk_is_of_one_slice_only(folder):
    with h5py.File(folder / "series.h5") as file:
        assert file["signals"].chunks[0] == 1


def test_writing_that_fails_keeps_the_old_series(folder, small_series, monkeypatch):
    before = (folder / "series.h5").read_bytes()

    def full(*_, **__):
        raise OSError(28, "No space left on device")

    monkeypatch.setattr(h5py.Group, "create_dataset", full)
    with pytest.raises(ValueError, match=r"series.h5: must be writable, got No space left"):
        write_series(folder, small_series)
    assert (folder / "series.h5").read_bytes() == before
    assert sorted(path.name for path in folder.iterdir()) == ["sequence.toml", "series.h5"]


def other(sequence):
    return dataclasses.replace(sequence, name="Other", te_ms=3.0)


def test_another_sequence_is_taken_where_one_says_so(folder, small_series):
    read = read_series(folder, other(small_series.sequence))
    assert read.sequence.name == "Other"
    assert "taken for a series of sequence 'Other', which is not the one it states" in read.notes
    assert read_series(folder, small_series.sequence).notes == small_series.notes


def broken(change):
    def damage(folder):
        with h5py.File(folder / "series.h5", "r+") as file:
            change(file)

    return damage


def retyped(file):
    values = file["signals"][()].real
    del file["signals"]
    file["signals"] = values


def misshapen(file):
    del file["truth/t1"]
    file["truth/t1"] = np.zeros((1, 2, 3), np.float32)


def claiming(file):
    del file["signals"]
    file.create_dataset("signals", (1000, 1000, 1000, 1000), np.complex64, chunks=(1, 1, 100, 100))


def truncated(folder):
    data = (folder / "series.h5").read_bytes()
    (folder / "series.h5").write_bytes(data[: len(data) // 2])


DAMAGE = {
    "no series": (lambda f: (f / "series.h5").unlink(), "a folder must hold series.h5, got none"),
    "no sequence": (lambda f: (f / "sequence.toml").unlink(), "sequence.toml must lie beside it"),
    "bad sequence": (lambda f: (f / "sequence.toml").write_text("name = 3"), "sequence.toml"),
    "truncated": (truncated, "series.h5: must be an undamaged"),
    "no signals": (broken(lambda f: f.pop("signals")), "must be an undamaged fingerprint series"),
    "no key": (broken(lambda f: f.attrs.pop("sequence_key")), "must be an undamaged"),
    "real signals": (broken(retyped), "signals must be of type complex64, got float32"),
    "wrong truth": (broken(misshapen), r"the truth must have the shape \(2, 32, 32\) of the mask"),
    "huge": (broken(claiming), "must hold at most"),
    "newer": (broken(lambda f: f.attrs.modify("version", 2)), "must be of version 1, got 2"),
    "axes": (broken(lambda f: f.attrs.create("spacing_mm", 3.0)), "must be an undamaged"),
}


@pytest.mark.parametrize("case", DAMAGE)
def test_damaged_series_are_refused_in_one_line(case, folder):
    damage, message = DAMAGE[case]
    damage(folder)
    with pytest.raises(ValueError, match=message) as refused:
        read_series(folder)
    assert "\n" not in str(refused.value)


def test_a_sequence_that_is_not_the_series_own_is_refused(folder, small_series):
    (folder / "sequence.toml").write_text(to_toml(other(small_series.sequence)))
    with pytest.raises(ValueError, match=f"of the sequence {small_series.sequence.key} that"):
        read_series(folder)


def test_no_such_file(tmp_path):
    with pytest.raises(ValueError, match="nowhere: must be a file or folder, got none"):
        read_series(tmp_path / "nowhere")


def test_notes_are_text(folder):
    with h5py.File(folder / "series.h5", "r+") as file:
        file.attrs["notes"] = json.dumps([1, "two"])
    assert read_series(folder).notes == ("1", "two")
    assert isinstance(read_series(folder), Series)
