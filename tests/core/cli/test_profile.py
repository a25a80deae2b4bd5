"""``tlmri recon --profile``: the middle slice along one line."""

import csv

import numpy as np
import pytest
from PIL import Image

from core import pipeline
from core.cli import profile
from core.cli.main import main
from core.line_profile import LineChoice, parse_choice


def argv_of(scan, out, *profile):
    return [
        "recon",
        str(scan),
        "--acceleration",
        "2",
        "--methods",
        "zf",
        *profile,
        "--out",
        str(out),
    ]


def rows_of(path):
    return list(csv.DictReader(path.read_text().splitlines()))


def test_the_middle_row_of_the_middle_slice_is_written(scan_file, volume, tmp_path, capsys):
    out = tmp_path / "out"
    argv = argv_of(scan_file, out, "--slices", "2:7:2", "--profile")
    assert main(argv) == 0
    printed = capsys.readouterr().out
    for name in ("profile.png", "profile.csv"):
        assert str(out / name) in printed
    rows = rows_of(out / "profile.csv")
    ny, nx = 72, 64
    assert list(rows[0]) == ["slice", "row", "pixel", "position_mm", "reference", "zf"]
    assert {(row["slice"], row["row"]) for row in rows} == {("4", str(ny // 2))}
    assert len(rows) == nx
    assert float(rows[-1]["position_mm"]) == pytest.approx((nx - 1) * 1.5)
    with Image.open(out / "profile.png") as picture:
        assert picture.text["Title"] == f"head, slice 4, row {ny // 2}"
        assert picture.text["line"] == f"row {ny // 2}"
        assert "--profile" in picture.text["command"]


def test_a_column_is_that_of_the_image_written(scan_file, tmp_path):
    import nibabel

    from core.io import load

    out = tmp_path / "out"
    assert main(argv_of(scan_file, out, "--slices", "4", "--profile", "column:20")) == 0
    rows = rows_of(out / "profile.csv")
    scan = load(scan_file)
    written = scan.grid.to_scan(np.asarray(nibabel.load(out / "zf.nii.gz").dataobj))
    np.testing.assert_allclose(
        [float(row["reference"]) for row in rows], scan.magnitude[4][:, 20], rtol=1e-6
    )
    np.testing.assert_allclose([float(row["zf"]) for row in rows], written[4][:, 20], rtol=1e-5)


def test_an_array_without_spacing_has_pixels_only(tmp_path, volume):
    path = tmp_path / "array.npy"
    np.save(path, volume.transpose(2, 1, 0).astype(np.float32))
    argv = argv_of(path, tmp_path / "out", "--slices", "4", "--profile", "10")
    assert main([*argv, "--content", "image", "--axes", "slice y x"]) == 0
    assert list(rows_of(tmp_path / "out" / "profile.csv")[0]) == [
        "slice", "row", "pixel", "reference", "zf",
    ]  # fmt: skip


@pytest.mark.parametrize(
    ("text", "words"),
    [
        ("72", "row of a profile must be from 0 to 71 in images of 72 x 64 pixels, got 72"),
        ("column:64", "column of a profile must be from 0 to 63"),
        ("centre", "line of a profile must be 'middle'"),
    ],
)
def test_a_line_there_is_not_is_refused_before_the_work(
    scan_file, tmp_path, capsys, monkeypatch, text, words
):
    monkeypatch.setattr(pipeline, "compare", lambda *_: pytest.fail("has begun"))
    out = tmp_path / "out"
    assert main(argv_of(scan_file, out, "--profile", text)) == 2
    error = capsys.readouterr().err
    assert f"--profile: {words}" in error
    assert error.count("\n") == 1
    assert not out.exists()


def test_the_option_alone_asks_for_the_middle_row():
    assert parse_choice(profile.MIDDLE) == LineChoice()


def test_without_the_option_there_is_no_profile(scan_file, tmp_path):
    assert main(argv_of(scan_file, tmp_path / "out", "--slices", "4")) == 0
    assert not list((tmp_path / "out").glob("profile.*"))
