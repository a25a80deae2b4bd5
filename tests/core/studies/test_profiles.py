import csv
import shutil
from dataclasses import replace

import numpy as np
import pytest

from core.acquisition import reference_image
from core.masks import make_mask
from core.pipeline import choose_method, reconstruct, undersample
from core.studies.people import read_scan
from core.studies.plan import cells_of
from core.studies.profiles import PROFILES_NAME, read_profiles, write_profiles
from core.studies.run import run_study
from core.studies.spec_file import read_spec
from core.studies.table import read_rows

OF_ROW = ("cell", "target", "kind", "method", "label", "n_images", "seed", "supervision", "scan")


@pytest.fixture
def profiles(whole_study):
    return read_profiles(whole_study / PROFILES_NAME)


def test_every_cell_has_the_middle_row_of_the_middle_scored_slice(whole_study, profiles):
    rows = read_rows(whole_study / "table.csv")
    assert [p.cell for p in profiles] == list(dict.fromkeys(row.cell for row in rows))
    scored = sorted({row.slice for row in rows})
    for profile in profiles:
        assert profile.scan == rows[0].scan
        assert profile.slice == scored[len(scored) // 2]
        assert profile.row == 48 // 2
        assert len(profile.values) == len(profile.positions_mm) == 48
    raw, tuned = profiles
    assert raw.reference == tuned.reference
    assert raw.zero_filled == tuned.zero_filled
    assert raw.values != tuned.values


def test_it_is_the_slices_own_reference_and_zero_filling(profiles, study_file):
    cell = cells_of(read_spec(study_file), "cpu")[0]
    scan, raw = read_scan(cell.test[0]), profiles[0]
    mask = make_mask(cell.pattern, scan.slice_shape, cell.acceleration, seed=cell.mask_seed)
    zero_filled = reconstruct(undersample(scan, raw.slice, mask), choose_method("zf")).image
    expected = reference_image(scan, raw.slice)[raw.row]
    np.testing.assert_allclose(raw.reference, expected, rtol=1e-5)
    np.testing.assert_allclose(raw.zero_filled, zero_filled[raw.row], rtol=1e-5)
    steps = np.diff(raw.positions_mm)
    np.testing.assert_allclose(steps, scan.spacing_mm[2], rtol=1e-3)


def test_what_is_read_is_what_was_written(whole_study, profiles, tmp_path):
    rows = {row.cell: row for row in read_rows(whole_study / "table.csv")}
    without = replace(profiles[0], positions_mm=())
    written = [(rows[profile.cell], profile) for profile in (without, profiles[1])]
    write_profiles(tmp_path / "again.csv", written)
    assert read_profiles(tmp_path / "again.csv") == (without, profiles[1])
    lines = list(csv.DictReader((tmp_path / "again.csv").read_text().splitlines()))
    assert {line["position_mm"] for line in lines[:48]} == {""}
    assert [line["pixel"] for line in lines[48:]] == [str(i) for i in range(48)]
    for line, profile in zip(lines[::48], profiles, strict=True):
        row = rows[profile.cell]
        assert [line[name] for name in OF_ROW] == [str(getattr(row, name)) for name in OF_ROW]
        assert float(line["acceleration"]) == row.acceleration
        assert (int(line["slice"]), int(line["row"])) == (profile.slice, profile.row)


def test_a_study_that_takes_cells_over_has_their_profiles(whole_study, study_file, tmp_path):
    out = tmp_path / "out"
    run_study(read_spec(study_file), out, device="cpu", reuse=[whole_study])
    assert (out / PROFILES_NAME).read_bytes() == (whole_study / PROFILES_NAME).read_bytes()


def test_a_study_from_before_there_were_profiles_is_whole_without(
    whole_study, study_file, tmp_path
):
    out = tmp_path / "out"
    shutil.copytree(whole_study, out)
    (out / PROFILES_NAME).unlink()
    assert run_study(read_spec(study_file), out, device="cpu").is_complete
    assert read_profiles(out / PROFILES_NAME) == ()


@pytest.mark.parametrize("spoil", [lambda t: t[1:], lambda t: t[:-4] + "x\n", lambda t: ""])
def test_a_damaged_file_is_refused_in_one_line(whole_study, tmp_path, spoil):
    path = tmp_path / PROFILES_NAME
    path.write_text(spoil((whole_study / PROFILES_NAME).read_text()))
    with pytest.raises(ValueError, match="must be a study's profiles, got: ") as error:
        read_profiles(path)
    assert "\n" not in str(error.value)
