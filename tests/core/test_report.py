import csv
import json
import math
from dataclasses import replace
from typing import NamedTuple

import numpy as np
import pytest

from core import __version__, metrics
from core.acquisition import undersample
from core.masks import PATTERNS
from core.report import COLUMNS, write_report, write_table
from core.types import Mask, Recon, Scan, Score


class Item(NamedTuple):
    recon: Recon
    score: Score


@pytest.fixture
def comparisons():
    scan = Scan("Müller, T1", magnitude=np.random.default_rng(0).random((3, 16, 16), np.float32))
    samples = np.random.default_rng(1).random((16, 16)) < 0.3
    mask = Mask(samples, (2, 2), "poisson", 4.0, 7)

    def item(method, index, score, remarks=()):
        source = undersample(scan, index, mask)
        image = scan.magnitude[index] + np.float32(0.1)
        return Item(Recon(source, method, method, image, 0.25, remarks=remarks), score)

    name = metrics.DEFAULT
    return [
        item("zf", 0, Score(name, 25.5, 0.5, 0.1, 0.01)),
        item("zf", 1, Score(name, 26.5, 0.6, 0.2, 0.02)),
        item("cs", 0, Score(name, math.inf, 1.0, 0.0, 0.0)),
        item("cs", 1, metrics.excluded(name, "empty reference"), ("trained for R = 8",)),
    ]


def strict(text):
    """Parse JSON and refuse NaN and Infinity, which the standard does not know."""

    def refuse(constant):
        raise AssertionError(f"{constant} is not JSON")

    return json.loads(text, parse_constant=refuse)


def test_json(tmp_path, comparisons):
    path, _ = write_report(tmp_path, comparisons, metrics.DEFAULT, {"command": "tlmri recon x"})
    assert path == tmp_path / "metrics.json"
    document = strict(path.read_text(encoding="utf-8"))
    assert document["definition"] == "fastmri-volume"
    assert document["definition_label"] == "fastMRI (volume maximum)"
    assert document["provenance"] == {"tlmri": __version__, "command": "tlmri recon x"}
    rows = document["rows"]
    samples = comparisons[0].recon.source.mask.samples
    assert rows[0] == {
        "scan": "Müller, T1",
        "slice": 0,
        "method": "zf",
        "label": "zf",
        "acceleration": 4.0,
        "acceleration_achieved": round(samples.size / samples.sum(), 4),
        "mask": "poisson",
        "mask_seed": 7,
        "mask_settings": "",
        "psnr_db": 25.5,
        "ssim": 0.5,
        "nmse": 0.1,
        "rmse": 0.01,
        "seconds": 0.25,
        "provenance": "simulated from magnitude",
    }
    assert rows[2]["psnr_db"] is None
    assert rows[2]["note"] == "identical to the reference: PSNR is infinite"
    assert rows[3]["ssim"] is None
    assert rows[3]["note"] == "not scored: empty reference; trained for R = 8"
    zf = document["summary"]["zf"]
    # Slice 1 counts for neither method, since one of them was not scored on it.
    assert (zf["n"], zf["n_excluded"], zf["mean"]["psnr_db"], zf["sd"]["psnr_db"]) == (
        1,
        0,
        25.5,
        None,
    )
    # Every image is 0.1 too bright, whatever its own score above says.
    peak = comparisons[0].recon.source.scan.magnitude.max()
    assert zf["pooled"]["psnr_db"] == pytest.approx(20 * math.log10(peak / 0.1), abs=1e-3)
    cs = document["summary"]["cs"]
    assert (cs["n"], cs["n_excluded"], cs["mean"]["psnr_db"], cs["sd"]["ssim"]) == (
        1,
        1,
        None,
        None,
    )


def test_csv(tmp_path, comparisons):
    _, path = write_report(tmp_path, comparisons, metrics.DEFAULT, {})
    assert path == tmp_path / "metrics.csv"
    with path.open(encoding="utf-8", newline="") as file:
        rows = list(csv.DictReader(file))
    assert tuple(rows[0]) == (*COLUMNS, "definition")
    assert [row["definition"] for row in rows] == ["fastmri-volume"] * 4
    assert rows[0]["scan"] == "Müller, T1"
    assert [row["psnr_db"] for row in rows] == ["25.5", "26.5", "inf", ""]
    assert [row["note"] for row in rows][:2] == ["", ""]
    assert rows[3]["provenance"] == "simulated from magnitude"


def test_one_table_under_any_name(tmp_path, comparisons):
    folder = write_report(tmp_path / "both", comparisons, metrics.DEFAULT, {"command": "x"})
    for path, twin in zip((tmp_path / "a.JSON", tmp_path / "b.csv"), folder, strict=True):
        write_table(path, comparisons, metrics.DEFAULT, {"command": "x"})
        assert path.read_bytes() == twin.read_bytes()
    with pytest.raises(ValueError, match=r"must end in \.json, \.csv, got '\.xlsx'"):
        write_table(tmp_path / "c.xlsx", comparisons, metrics.DEFAULT, {})
    assert not (tmp_path / "c.xlsx").exists()


def test_refusal_leaves_nothing(tmp_path, comparisons):
    with pytest.raises(ValueError, match="under definition 'calgary', got 'fastmri-volume'"):
        write_report(tmp_path / "out", comparisons, "calgary", {})
    assert not (tmp_path / "out").exists()


def test_no_comparisons_give_an_empty_table(tmp_path):
    path, table = write_report(tmp_path, [], metrics.DEFAULT, {})
    document = strict(path.read_text(encoding="utf-8"))
    assert document["rows"] == []
    assert document["summary"] == {}
    assert len(table.read_text(encoding="utf-8").splitlines()) == 1


def test_checkpoints_are_named_without_folders(tmp_path, comparisons):
    def renamed(item, method):
        return Item(replace(item.recon, method=method), item.score)

    zf, cs = comparisons[0], comparisons[2]
    found = [renamed(zf, "net:people/erika/a/tuned.safetensors"), renamed(cs, "net:natural")]
    _, table = write_report(tmp_path, found, metrics.DEFAULT, {})
    with table.open(encoding="utf-8", newline="") as file:
        assert [r["method"] for r in csv.DictReader(file)] == [
            "net:tuned.safetensors",
            "net:natural",
        ]
    twins = ["net:a/tuned.safetensors", "net:b/tuned.safetensors"]
    found = [renamed(zf, twins[0]), renamed(cs, twins[1])]
    path, _ = write_report(tmp_path, found, metrics.DEFAULT, {})
    assert list(strict(path.read_text(encoding="utf-8"))["summary"]) == twins, "told apart"


def test_the_document_says_what_it_covers(tmp_path, comparisons):
    path, _ = write_report(tmp_path, comparisons[:1], metrics.DEFAULT, {})
    document = strict(path.read_text(encoding="utf-8"))
    assert document["k_space"] == ["simulated from magnitude"]
    assert document["slices"] == [{"scan": "Müller, T1", "in_table": [0], "in_scan": 3}]


def test_changed_settings_of_the_mask_are_stated(tmp_path, comparisons):
    source = comparisons[0].recon.source
    mask = replace(source.mask, params=PATTERNS["poisson"].params(growth=5.0))
    recon = replace(comparisons[0].recon, source=replace(source, mask=mask))
    path, _ = write_report(tmp_path, [Item(recon, comparisons[0].score)], metrics.DEFAULT, {})
    [row] = strict(path.read_text(encoding="utf-8"))["rows"]
    assert row["mask_settings"] == "growth=5.0"
