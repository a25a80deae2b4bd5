import dataclasses
import json

import h5py
import numpy as np
import pytest

from core.fingerprinting.sequence_file import find, to_toml
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


@pytest.mark.parametrize("beside", [True, False])
def test_a_sequence_of_another_length_is_said_to_differ(folder, small_series, beside):
    own, longer = small_series.sequence, find()
    if not beside:
        (folder / "sequence.toml").unlink()
    stated = f"{own.name!r} ({own.key})" if beside else own.key
    expected = (
        f"series.h5: the sequence must be the {stated} that the series was measured with, got "
        f"{longer.name!r} ({longer.key}), which is of another length"
    )
    with pytest.raises(ValueError, match="the sequence must be") as refused:
        read_series(folder, longer)
    assert str(refused.value) == expected


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


def grouped(file):
    del file["signals"]
    file.create_group("signals")


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
    "wrong truth": (broken(misshapen), r"truth/t1 must have the shape \(2, 32, 32\) of the mask"),
    "huge": (broken(claiming), "must hold at most"),
    "newer": (broken(lambda f: f.attrs.modify("version", 2)), "must be of version 1, got 2"),
    "group": (broken(grouped), "signals must be a dataset, got Group"),
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


BAD_AFFINES = [np.full((4, 4), np.nan), np.zeros((4, 4)), np.eye(4)[::-1], 1e8 * np.eye(4)]
PLACED = "grid_affine must be finite, invertible and in mm, got"

ATTRIBUTES = {
    "spacing: NaN": ("spacing_mm", [1, np.nan, 1], "spacing_mm must be above 0, got"),
    "spacing: 0": ("spacing_mm", [0.0, 1, 1], r"must be above 0, got \[0.0, 1.0, 1.0\]"),
    "spacing: -1": ("spacing_mm", [1, 1, -1], "spacing_mm must be above 0, got"),
    "spacing: infinite": ("spacing_mm", [1, 1, np.inf], "spacing_mm must be above 0, got"),
    "spacing: one": ("spacing_mm", 3.0, r"spacing_mm must be numbers of shape \(3,\), got float64"),
    "spacing: text": (
        "spacing_mm",
        ["1", "2", "3"],
        r"must be numbers of shape \(3,\), got object",
    ),
    **{f"affine {i}": ("grid_affine", bad, PLACED) for i, bad in enumerate(BAD_AFFINES)},
    "affine: three rows": ("grid_affine", np.eye(3), r"numbers of shape \(4, 4\), got float64"),
    "axes: beyond": ("grid_axes", [5, 6, 7], r"grid_axes must be 0, 1 and 2 .* got \[5, 6, 7\]"),
    "axes: twice": ("grid_axes", [0, 0, 1], "grid_axes must be 0, 1 and 2 in some order"),
    "axes: NaN": ("grid_axes", [np.nan, 0, 1], "grid_axes must be 0, 1 and 2 in some order"),
    "flips": ("grid_flips", [0, 1, 2], r"grid_flips must be 0 or 1 each, got \[0, 1, 2\]"),
    "shape": (
        "grid_shape",
        [1, 2, 3],
        r"grid_shape must be \[32, 32, 2\], as .* got \[1, 2, 3\]",
    ),
    "shape: infinite": ("grid_shape", [np.inf, 2, 3], r"grid_shape must be \[32, 32, 2\]"),
    "name: two lines": ("name", "two\nlines", r"name must be a line of .* got 'two\\nlines'"),
    "name: escape": ("name", "\x1b[31mred", "name must be a line of printable text, got '.x1b"),
    "name: empty": ("name", " ", "name must be a line of printable text, got ' '"),
    "name: number": ("name", 3, "name must be a line of printable text, got"),
    "notes: escape": ("notes", json.dumps(["\x1b[2J"]), "notes must be a line of printable text"),
    "notes: number": ("notes", "[1]", "notes must be a line of printable text, got 1"),
    "notes: no list": ("notes", '"text"', "notes must be a list, got 'text'"),
    "edges: twice": ("edges", "RLRL", "edges must be two pairs of opposites .* got 'RLRL'"),
    "edges: no pair": ("edges", "RALP", "edges must be two pairs of opposites"),
    "edges: few": ("edges", "RLA", "edges must be two pairs of opposites"),
    "edges: others": ("edges", "ABCD", "edges must be two pairs of opposites"),
}


@pytest.mark.parametrize("case", ATTRIBUTES)
def test_fields_that_cannot_be_are_refused_in_one_line(case, folder):
    name, value, message = ATTRIBUTES[case]
    with h5py.File(folder / "series.h5", "r+") as file:
        file.attrs[name] = value
    with pytest.raises(ValueError, match=message) as refused:
        read_series(folder)
    assert str(refused.value).startswith("series.h5: ")
    assert "\n" not in str(refused.value)


TRUTHS = {
    "t1 of 0": ("t1", 0.0, "truth/t1 must be above 0, or NaN .* got 0 in 1 voxels"),
    "negative adc": (
        "adc",
        -1.0,
        "truth/adc must be above 0, or NaN where it is not known, got -1",
    ),
    "infinite pd": (
        "pd",
        np.inf,
        "truth/pd must be above 0, or NaN where it is not known, got inf",
    ),
    "labels": ("labels", 200, "truth/labels must be from 0 to 16, got 200"),
}


@pytest.mark.parametrize("case", TRUTHS)
def test_truth_that_cannot_be_is_refused_in_one_line(case, folder):
    name, value, message = TRUTHS[case]
    with h5py.File(folder / "series.h5", "r+") as file:
        file[f"truth/{name}"][0, 16, 16] = value
    with pytest.raises(ValueError, match=message) as refused:
        read_series(folder)
    assert "\n" not in str(refused.value)


@pytest.mark.parametrize(
    ("value", "got"),
    [(np.nan, "NaN or infinity"), (np.inf, "NaN or infinity"), (0, "0"), (1e37, "beyond 1e.35")],
)
def test_series_without_a_signal_are_refused(folder, value, got):
    with h5py.File(folder / "series.h5", "r+") as file:
        file["signals"][...] = value
    with pytest.raises(ValueError, match=f"h5: series must hold signals, got .*{got} in every"):
        read_series(folder)


def test_voxels_without_a_signal_are_left_out_and_counted(folder, small_series):
    inside = np.argwhere(small_series.mask[0])
    with h5py.File(folder / "series.h5", "r+") as file:
        for (y, x), value in zip(inside[:4], (np.nan, 0, 0, 1e37), strict=True):
            file["signals"][0, :, y, x] = value
        file["signals"][:, :, 0, 0] = np.nan  # in air, which nobody would map
    read = read_series(folder)
    n = int(small_series.mask.sum())
    assert read.notes == (
        *small_series.notes,
        f"1 of {n} voxels hold NaN or infinity, and are not mapped",
        f"2 of {n} voxels are 0 at every read-out, and are not mapped",
        f"1 of {n} voxels hold numbers beyond 1e+35, and are not mapped",
    )
    expected = small_series.mask.copy()
    expected[0, *inside[:4].T] = False
    np.testing.assert_array_equal(read.mask, expected)


def test_dim_voxels_stay(folder, small_series):
    """Background is told by the mask that was stored, not by a threshold."""
    y, x = np.argwhere(small_series.mask[0])[0]
    with h5py.File(folder / "series.h5", "r+") as file:
        file["signals"][0, :, y, x] *= 1e-6
    assert read_series(folder).mask[0, y, x]


@pytest.mark.parametrize("edges", [("A", "P", "S", "I"), None])
def test_the_edges_come_back(tmp_path, small_series, edges):
    write_series(tmp_path, dataclasses.replace(small_series, edges=edges))
    assert read_series(tmp_path).edges == edges
    assert small_series.edges == ("R", "L", "A", "P")
