import dataclasses
import json
from pathlib import Path

import nibabel
import numpy as np
import pytest

from core.fingerprinting.maps_file import folder_names, write_maps
from core.fingerprinting.sequence_file import from_toml
from core.fingerprinting.series import Mapped

NAMES = ("t1", "t2", "adc", "pd")


@pytest.fixture(scope="module")
def results(small_series):
    """The truth, as if two methods had found it."""
    maps = small_series.truth.maps
    remarks = ("made up",)
    return [
        Mapped(small_series, "dictionary", "Dictionary", maps, 1.5, 0.25),
        Mapped(small_series, "net:gone/mine.safetensors", "Mine", maps, 0.1, remarks=remarks),
    ]


@pytest.fixture
def folder(tmp_path, results):
    write_maps(tmp_path, results, {"command": "as tested"})
    return tmp_path


def test_maps_lie_on_the_grid_of_the_series_with_0_where_nothing_was_mapped(folder, small_series):
    truth, seen = small_series.truth.maps, small_series.mask
    for name in NAMES:
        image = nibabel.load(folder / "dictionary" / f"{name}.nii.gz")
        np.testing.assert_array_equal(image.affine, small_series.grid.affine.astype(np.float32))
        volume = small_series.grid.to_scan(np.asarray(image.dataobj))
        np.testing.assert_array_equal(volume[seen], truth[name][seen])
        assert not volume[~seen].any()
        assert image.header["sform_code"] == 1
    described = bytes(image.header["descrip"]).rstrip(b"\0").decode()
    assert described == "tlmri Dictionary: pd"


def test_the_header_names_the_unit_in_ascii(folder):
    header = nibabel.load(folder / "dictionary" / "adc.nii.gz").header
    assert bytes(header["descrip"]).rstrip(b"\0") == b"tlmri Dictionary: adc in um2/ms"


def test_the_truth_lies_beside(folder, small_series):
    image = nibabel.load(folder / "truth" / "t2.nii.gz")
    volume = small_series.grid.to_scan(np.asarray(image.dataobj))
    np.testing.assert_array_equal(volume, np.nan_to_num(small_series.truth.maps.t2_ms))


def test_the_paths_are_all_there_is(tmp_path, results):
    written = write_maps(tmp_path, results, {})
    assert sorted(written) == sorted(p for p in tmp_path.rglob("*") if p.is_file())
    names = {path.relative_to(tmp_path).as_posix() for path in written}
    assert {"scores.csv", "maps.json", "net-mine/adc.nii.gz"} <= names


def test_the_document_says_how_they_were_made(folder, small_series):
    document = json.loads((folder / "maps.json").read_text())
    assert document["provenance"]["command"] == "as tested"
    assert document["series"]["voxels_mapped"] == int(small_series.mask.sum())
    assert document["series"]["notes"] == list(small_series.notes)
    sequence = document["sequence"]
    assert from_toml(sequence["toml"], "maps.json").key == sequence["key"]
    assert sequence["key"] == small_series.sequence.key
    first, second = document["methods"]
    assert (first["folder"], first["seconds"], first["preparation_seconds"]) == (
        "dictionary",
        1.5,
        0.25,
    )
    assert first["weights"] is None
    assert second["method"] == "net:mine.safetensors"
    assert second["remarks"] == ["made up"]
    assert document["units"] == {"t1": "ms", "t2": "ms", "adc": "µm²/ms", "pd": "of the series"}


def test_weights_are_named_by_their_hash(tmp_path, small_series, monkeypatch):
    file = tmp_path / "mine.safetensors"
    file.write_bytes(b"abc")

    class Card:
        path = file

    monkeypatch.setattr("core.fingerprinting.cards.find", lambda which: Card)
    mapped = Mapped(small_series, f"net:{file}", "Mine", small_series.truth.maps, 0.1)
    write_maps(tmp_path / "out", [mapped], {})
    document = json.loads((tmp_path / "out" / "maps.json").read_text())
    assert document["methods"][0]["weights"] == {
        "file": "mine.safetensors",
        "sha256": "ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad",
    }
    assert str(tmp_path) not in json.dumps(document["methods"])


def test_without_truth_there_are_maps_only(tmp_path, results, small_series):
    unknown = dataclasses.replace(small_series, truth=None, grid=None)
    write_maps(tmp_path, [dataclasses.replace(results[0], series=unknown)], {})
    assert sorted(path.name for path in tmp_path.iterdir()) == ["dictionary", "maps.json"]
    image = nibabel.load(tmp_path / "dictionary" / "t1.nii.gz")
    assert image.header["sform_code"] == 0
    expected = np.asarray(small_series.spacing_mm)[::-1]
    np.testing.assert_allclose(image.header.get_zooms(), expected, rtol=1e-6)


@pytest.mark.parametrize(
    ("methods", "expected"),
    [
        (["dictionary", "net:clean"], ["dictionary", "net-clean"]),
        (["net:a/x.safetensors", "net:b/x.safetensors"], ["net-x", "net-x_2"]),
        (["net:Mine.safetensors", "net:mine.safetensors"], ["net-Mine", "net-mine_2"]),
        (["net:odd name?.safetensors"], ["net-odd-name-"]),
        (["truth"], ["truth_2"]),
    ],
)
def test_folders_are_safe_and_distinct(methods, expected):
    assert folder_names(methods) == expected


def test_maps_of_several_series_are_refused(tmp_path, results, small_series):
    other = dataclasses.replace(results[1], series=dataclasses.replace(small_series))
    with pytest.raises(ValueError, match="must be of one series, got several"):
        write_maps(tmp_path, [results[0], other], {})
    with pytest.raises(ValueError, match="at least one method, got none"):
        write_maps(tmp_path, [], {})
    assert not list(Path(tmp_path).iterdir())


def test_the_document_lists_the_files(tmp_path, results):
    written = write_maps(tmp_path, results, {})
    listed = json.loads((tmp_path / "maps.json").read_text())["files"]
    assert [tmp_path / name for name in listed] == list(written[:-1])


def test_what_an_earlier_document_lists_goes(folder, results, small_series):
    (folder / "net-mine" / "own.txt").write_text("a person's")
    (folder / "maps.png").write_bytes(b"figure")
    unknown = dataclasses.replace(small_series, truth=None)
    written = write_maps(folder, [dataclasses.replace(results[0], series=unknown)], {})
    left = {path for path in folder.rglob("*") if path.is_file()}
    assert left == {*written, folder / "net-mine" / "own.txt", folder / "maps.png"}
    assert not (folder / "truth").exists()


def test_only_maps_and_scores_go_whatever_a_document_lists(tmp_path, results):
    outside, inside = tmp_path / "t1.nii.gz", tmp_path / "maps"
    others = ["notes.txt", "deep/er/t1.nii.gz", ".nii.gz", "t1.nii.gz", "mine/t9.nii.gz"]
    for path in (outside, *(inside / name for name in others)):
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text("a person's")
    (inside / "link").symlink_to(tmp_path)
    listed = ["../t1.nii.gz", str(outside), "./t1.nii.gz", "link/t1.nii.gz", 3, "gone/t1.nii.gz"]
    for files in ([*others, *listed[:4], "gone/t1.nii.gz"], listed, "text", None, {}):
        (inside / "maps.json").write_text(json.dumps({"files": files}))
        write_maps(inside, results[:1], {})
        assert all(path.read_text() for path in (outside, *(inside / name for name in others)))


@pytest.mark.parametrize("document", ["", "[]", "{}", "not json", '{"files": 3}', "[" * 100_000])
def test_damaged_documents_are_replaced(tmp_path, results, document):
    (tmp_path / "maps.json").write_text(document)
    written = write_maps(tmp_path, results[:1], {})
    assert sorted(written) == sorted(p for p in tmp_path.rglob("*") if p.is_file())


def test_names_that_differ_in_case_are_not_removed_where_they_are_one(
    tmp_path, results, monkeypatch
):
    """On a file system that knows no case."""
    upper = dataclasses.replace(results[1], method="net:MINE.safetensors")
    write_maps(tmp_path, [upper], {})
    monkeypatch.setattr(Path, "samefile", lambda a, b: str(a).lower() == str(b).lower())
    write_maps(tmp_path, results[1:], {})
    assert (tmp_path / "net-MINE" / "t1.nii.gz").exists()


def test_only_stated_orientations_are_claimed(tmp_path, results, small_series):
    unstated = dataclasses.replace(small_series, edges=None)
    write_maps(tmp_path, [dataclasses.replace(results[0], series=unstated)], {})
    header = nibabel.load(tmp_path / "dictionary" / "t1.nii.gz").header
    assert (header["sform_code"], header["qform_code"]) == (0, 0)
