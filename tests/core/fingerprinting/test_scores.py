import csv
import dataclasses
import io

import numpy as np
import pytest

from core.fingerprinting.foreground import BRAIN
from core.fingerprinting.scores import (
    PERCENTILES,
    WHOLE_BRAIN,
    score,
    score_table,
    write_scores,
)
from core.fingerprinting.series import Mapped, Maps
from core.phantom import Label


def mapped_as(series, change, **fields):
    """Maps that are the truth changed by a function of name and values."""
    maps = Maps(*(change(name, series.truth.maps[name]) for name in ("t1", "t2", "adc", "pd")))
    return Mapped(series, "made-up", "Made up", maps, 0.1, **fields)


@pytest.fixture(scope="module")
def off(small_series):
    """T1 too long by 10 ms, T2 by 5 %, ADC with noise of 0.1 µm²/ms, proton density right."""
    noise = np.random.default_rng(0).normal(0, 0.1, small_series.shape).astype(np.float32)

    def change(name, values):
        return {"t1": values + 10, "t2": values * 1.05, "adc": values + noise, "pd": values}[name]

    return mapped_as(small_series, change)


def rows(mapped):
    return {(line.tissue, line.parameter): line for line in score(mapped)}


def test_errors_are_in_the_parameters_units(off):
    whole = {name: rows(off)[WHOLE_BRAIN, name] for name in ("t1", "t2", "adc", "pd")}
    assert [whole[name].unit for name in whole] == ["ms", "ms", "µm²/ms", ""]
    assert whole["t1"].bias == pytest.approx(10, abs=1e-3)
    assert whole["t1"].sd == pytest.approx(0, abs=1e-3)
    assert whole["t2"].percent_percentiles == pytest.approx((5,) * 5, abs=1e-3)
    assert whole["t2"].bias == pytest.approx(0.05 * whole["t2"].true_mean, rel=1e-3)
    assert whole["adc"].sd == pytest.approx(0.1, rel=0.1)
    assert whole["adc"].error_percentiles[0] == pytest.approx(-0.1645, abs=0.03)
    assert whole["pd"].rmse == 0
    for line in whole.values():
        assert line.rmse**2 == pytest.approx(line.bias**2 + line.sd**2)


def test_voxels_count_for_the_tissue_that_fills_them(off, small_series):
    labels, seen = small_series.truth.labels, small_series.mask
    found = rows(off)
    white = found["white matter", "t1"]
    inside = seen & (labels == Label.WHITE_MATTER)
    assert white.label == Label.WHITE_MATTER
    assert white.n_voxels == int(inside.sum())
    assert white.true_mean == pytest.approx(small_series.truth.maps.t1_ms[inside].mean(), rel=1e-5)
    assert found[WHOLE_BRAIN, "t1"].n_voxels == int((seen & np.isin(labels, BRAIN)).sum())
    tissues = {tissue for tissue, _ in found}
    assert "fat" in tissues
    assert not tissues & {"air", "cortical bone"}


def test_voxels_that_were_not_mapped_do_not_count(off, small_series):
    t1 = off.maps.t1_ms.copy()
    t1[0] = np.nan
    half = dataclasses.replace(off, maps=dataclasses.replace(off.maps, t1_ms=t1))
    second = small_series.mask[1] & np.isin(small_series.truth.labels[1], BRAIN)
    assert rows(half)[WHOLE_BRAIN, "t1"].n_voxels == int(second.sum())
    assert rows(half)[WHOLE_BRAIN, "t2"].n_voxels > int(second.sum())


def test_without_truth_there_are_no_scores(off, small_series, tmp_path):
    unknown = dataclasses.replace(off, series=dataclasses.replace(small_series, truth=None))
    assert score(unknown) == ()
    assert score_table([unknown]).count("\n") == 1
    with pytest.raises(ValueError, match=r"s.csv: scores must have a truth, got a series without"):
        write_scores(tmp_path / "s.csv", [unknown])
    assert not list(tmp_path.iterdir())


def test_the_table_says_the_same(off, tmp_path):
    write_scores(tmp_path / "scores.csv", [off, off])
    lines = list(csv.DictReader(io.StringIO((tmp_path / "scores.csv").read_text())))
    assert len(lines) == 2 * len(score(off))
    first, expected = lines[0], score(off)[0]
    assert (first["method"], first["label"], first["tissue"]) == ("made-up", "Made up", "brain")
    assert float(first["bias"]) == pytest.approx(expected.bias, rel=1e-5)
    median = expected.error_percentiles[PERCENTILES.index(50)]
    assert float(first["error_p50"]) == pytest.approx(median, rel=1e-5)
    assert float(first["error_percent_p95"]) == pytest.approx(
        expected.percent_percentiles[-1], rel=1e-5
    )


def test_tables_name_a_file_without_its_folders(off):
    own = dataclasses.replace(off, method="net:somewhere/mine.safetensors")
    lines = list(csv.DictReader(io.StringIO(score_table([own]))))
    assert {line["method"] for line in lines} == {"net:mine.safetensors"}
