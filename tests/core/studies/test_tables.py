import csv
from dataclasses import replace
from math import isnan, nan
from pathlib import Path

import pytest

from core.studies.answer import answer
from core.studies.curves import by_target, curves
from core.studies.figures import psnr_figure
from core.studies.table import COLUMNS, SAME_SCAN, Row, StudyTable, read_rows, write_rows
from core.studies.tables import overview, plus_minus, sheets
from core.types import SIMULATED

PUBLISHED = sorted(Path(__file__).parents[3].glob("docs/results/studies/*/table.csv"))
N_FIRST = 22
"""Columns of the tables from before RMSE was kept."""


def row(**values) -> Row:
    usual = {
        "cell": "x", "target": "t1", "kind": "network", "method": "natural", "label": "Natural",
        "acceleration": 4.0, "n_images": 0, "seed": 0, "supervision": "none", "person": "ann",
        "scan": "ann", "slice": 0, "definition": "fastmri-volume", "psnr_db": 30.0, "ssim": 0.9,
        "nmse": 0.01, "provenance": SIMULATED,
    }  # fmt: skip
    return Row(**usual | values)


def tuned(method="natural", label="Natural", trainable="all", **values) -> Row:
    values = {"cell": f"{method}-tuned", "n_images": 5, "seed": 1, "supervision": "full"} | values
    return row(method=method, label=label, trainable=trainable, **values)


def table(*rows: Row) -> StudyTable:
    return StudyTable(rows, len(rows), len(rows))


def test_a_mean_of_one_slice_has_no_deviation():
    assert plus_minus(44.467, 2.661, 2) == "44.47 ± 2.66"
    assert plus_minus(44.467, nan, 2) == "44.47"


@pytest.mark.parametrize("path", PUBLISHED, ids=lambda path: path.parent.name)
def test_published_tables_can_be_read(path):
    parts = by_target(StudyTable(read_rows(path), 1, 1))
    assert parts
    assert all(curves(part).networks for part in parts.values())


def test_columns_that_came_later_may_be_missing(tmp_path):
    path = tmp_path / "table.csv"
    write_rows(path, [tuned("natural, decoder", "Natural, decoder", "decoder", rmse=3.5)])
    assert read_rows(path)[0].rmse == 3.5
    lines = [line[:N_FIRST] for line in csv.reader(path.read_text().splitlines())]
    assert lines[0][-1] == "remarks"
    path.write_text("\n".join(map(",".join, ([lines[0], row_of(lines[1])]))) + "\n")
    (old,) = read_rows(path)
    assert isnan(old.rmse)
    assert old.trainable == "all"
    for head in (COLUMNS[: N_FIRST - 1], (*COLUMNS, "more"), ("target", "cell")):
        path.write_text(",".join(head) + "\n")
        with pytest.raises(ValueError, match="must begin with the columns of a study's table"):
            read_rows(path)


def row_of(cells: list[str]) -> list[str]:
    """Cells that need quotes in them."""
    return [f'"{cell}"' if "," in cell else cell for cell in cells]


def test_rmse_is_in_percent_of_the_peak_whatever_the_units_of_scans():
    """-20 log10 of 2 % and 4 % are 33.98 and 27.96 dB; tables from before RMSE was kept say it."""
    rows = (
        row(psnr_db=40.0),
        tuned(psnr_db=33.9794, rmse=3.0),
        tuned(slice=1, psnr_db=27.9588, rmse=2600.0),
        tuned(person="bob", scan="bob", psnr_db=30.4576),
    )
    study = table(*rows)
    scores = sheets(curves(study), study)[0]
    assert scores.head[4:7] == ("PSNR", "SSIM", "RMSE in % of the peak")
    # of two slices 3, of the other person 3; the sample deviation of 2, 4 and 3 is 1
    assert [line[6] for line in scores.body] == ["1.000", "3.000 ± 1.000"]
    assert "RMSE in % of the peak" in scores.note
    assert overview([curves(study)]).head[5:8] == scores.head[4:7]


def test_rmse_of_seeds_is_averaged_slice_by_slice():
    again = tuned(seed=2, psnr_db=20.0)
    point = curves(table(tuned(psnr_db=40.0), again)).networks[0].end
    assert point.rmse_percent.mean == pytest.approx((1 + 10) / 2)
    assert isnan(point.sd_rmse_percent)


def test_targets_are_taken_one_by_one_and_shown_under_each_other():
    both = table(row(), replace(row(), target="chest", psnr_db=20.0), tuned())
    parts = by_target(both)
    assert {name: len(part.rows) for name, part in parts.items()} == {"t1": 2, "chest": 1}
    with pytest.raises(ValueError, match="must have one target, got chest, t1"):
        curves(both)
    sheet = overview([curves(part) for part in parts.values()])
    assert [line[:1] + line[4:6] for line in sheet.body] == [
        ("t1", "raw", "30.00"),
        ("t1", "5", "30.00"),
        ("chest", "raw", "20.00"),
    ]
    assert {line[-1] for line in sheet.body} == {SIMULATED}


def test_a_part_begins_with_the_raw_network_it_comes_from():
    part = tuned("natural, decoder", "Natural, decoder", "decoder", psnr_db=33.0)
    alone = table(row(), part)
    (curve,) = curves(alone).networks
    assert (curve.method, curve.grid, curve.source) == ("natural, decoder", (0, 5), "natural")
    assert [line[1] for line in sheets(curves(alone), alone)[0].body] == [
        "Natural",
        "Natural, decoder",
    ]
    whole = tuned(psnr_db=34.0)
    both = table(row(), part, whole)
    assert 'the network "Natural" ' in answer(curves(both)), "what was tuned whole comes first"
    assert 'the network "Natural" ' in answer(curves(both, "natural"))


def test_transferred_networks_are_paired_with_untrained_ones():
    untrained = (
        row(method="scratch:unet", label="Untrained", psnr_db=20.0),
        tuned("scratch:unet", "Untrained", psnr_db=25.0),
    )
    study = table(row(), tuned(psnr_db=34.0), *untrained)
    found = curves(study)
    pairs = {line[1:3]: line[3] for line in sheets(found, study)[1].body}
    assert pairs == {
        ("Natural, 5 images", "Natural, raw"): "+4.00",
        ("Natural, 5 images", "Untrained, 5 images"): "+9.00",
        ("Untrained, 5 images", "Untrained, raw"): "+5.00",
    }
    assert '"Natural"' in answer(found)
    # with the reference line of its own domain, the same pair stands in the table once
    with_native = sheets(curves(study, "natural"), study)[1].body
    assert [line[1:3] for line in with_native].count(
        ("Natural, 5 images", "Untrained, 5 images")
    ) == 1


def test_a_remark_stands_once_after_all_that_it_is_made_on():
    rows = (
        row(remarks="trained for R=4, used at R=6"),
        tuned(remarks="other slices"),
        tuned("t1", "T1", remarks="trained for R=4, used at R=6; other slices"),
    )
    assert curves(table(*rows)).remarks == (
        "Natural; T1: trained for R=4, used at R=6",
        "Natural; T1: other slices",
    )


def test_slices_of_a_scan_that_is_tuned_on_are_not_called_a_person():
    apart = table(row(), tuned(psnr_db=33.0, remarks=SAME_SCAN))
    found = curves(apart)
    expected = "this rests on one scored scan, other slices of which were tuned on, and one draw"
    assert expected in answer(found)
    assert {line[7] for line in sheets(found, apart)[0].body} == {"none: one scan"}
    assert {line[4] for line in sheets(found, apart)[1].body} == {"none: one scan"}
    notes = " ".join(text.get_text() for text in psnr_figure(found).texts)
    assert "One scored scan: no confidence interval" in notes
    again = [replace(each, person="bob", scan="bob") for each in apart.rows]
    text = answer(curves(table(*apart.rows, *again)))
    assert "2 scored scans, other slices of which were tuned on, too few to be sure" in text
    assert text.endswith("(scan by scan: 1 or more images).")
