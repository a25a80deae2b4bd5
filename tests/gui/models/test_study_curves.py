"""From a study's points to curves, axes and table rows."""

import math
from dataclasses import replace
from itertools import pairwise
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from PyQt6.QtCore import Qt

from tests.gui.study_fakes import a_digest, findings, point, some_points
from tlmri_gui.models.score_model import SORT_ROLE
from tlmri_gui.models.study_axes import count_axis, count_place, value_axis
from tlmri_gui.models.study_curves import METRICS, OPEN_BARS, WIDE, curves_state, hover_lines
from tlmri_gui.models.study_table import COLUMNS, StudyTableModel, as_tsv
from tlmri_gui.study_state import CurveKind, Digest, Findings, Spread

PSNR, SSIM, RMSE = METRICS


def of(points, **more):
    """A digest of one target with these points alone."""
    return Digest((Findings(points=tuple(points), **more),))


finite = st.floats(-1e4, 1e4).filter(lambda value: abs(value) > 1e-6)


@settings(deadline=None)
@given(st.lists(finite, min_size=1, max_size=20))
def test_an_axis_holds_its_values_and_a_few_round_ticks(values):
    axis = value_axis(values)
    assert axis.low < min(values)
    assert axis.high > max(values)
    assert all(0 < axis.place(value) < 1 for value in values)
    assert 1 <= len(axis.ticks) <= 7
    printed = [format(tick, axis.digits) for tick in axis.ticks]
    assert len(set(printed)) == len(printed)
    assert [float(text) for text in printed] == pytest.approx(list(axis.ticks), abs=1e-9)


def test_values_that_do_not_exist_leave_the_axis_alone():
    assert value_axis([1.0, math.nan, 2.0]) == value_axis([1.0, 2.0])
    assert len(value_axis([]).ticks) > 1


def test_small_and_large_numbers_of_images_can_be_told_apart():
    axis = count_axis([0, 1, 2, 5, 10, 100])
    places = [axis.place(count_place(n)) for n in axis.ticks]
    assert all(b - a > 0.07 for a, b in pairwise(places))
    assert places[0] > 0
    assert places[-1] < 1


def test_there_is_a_panel_for_each_r_and_a_colour_for_each_curve():
    points = [
        point(name, n, acceleration=r, label=name)
        for r in (8.0, 2.0)
        for name in ("t1 full", "natural full")
        for n in (5, 0)
    ]
    state = curves_state(of(points, counts=(0, 5, 10)), PSNR)
    assert [panel.acceleration for panel in state.panels] == [2.0, 8.0]
    assert [s.name for s in state.legend] == ["natural full", "t1 full"]
    assert [s.colour for s in state.legend] == [0, 1]
    for panel in state.panels:
        assert [s.name for s in panel.series] == ["natural full", "t1 full"]
        assert [p.n_images for p in panel.series[0].points] == [0, 5]
        assert panel.x.ticks == (0.0, 5.0, 10.0), "room for what is still to come"


def test_references_are_lines_across_and_far_baselines_do_not_flatten_the_curves():
    [panel] = curves_state(a_digest(), PSNR).panels
    levels = {s.name: s.is_level for s in panel.series}
    assert levels == {"natural full": False, "native": True}
    assert [s.name for s in panel.beyond] == ["zf"]
    assert panel.y.low > 30
    near = point("cs", 0, 36.5, kind=CurveKind.BASELINE)
    [panel] = curves_state(of((*some_points(), near)), PSNR).panels
    assert "cs" in [s.name for s in panel.series]


def test_baselines_alone_are_drawn():
    [panel] = curves_state(of([point("zf", 0, 25.0, kind=CurveKind.BASELINE)]), PSNR).panels
    assert [s.name for s in panel.series] == ["zf"]


def with_rmse(found, *values):
    return [replace(p, rmse=Spread(v)) for p, v in zip(found, values, strict=True)]


def test_of_rmse_less_is_better():
    """The same curves upside down: the baseline that is far worse lies above the axis."""
    [panel] = curves_state(of(with_rmse(some_points(), 10.0, 7.0, 6.8, 50.0)), RMSE).panels
    assert [s.name for s in panel.beyond] == ["zf"]
    assert panel.y.high < 15
    assert (PSNR.arrow, RMSE.arrow) == ("↓", "↑")
    better = with_rmse(some_points(), 10.0, 7.0, 6.8, 5.0)
    [panel] = curves_state(of(better), RMSE).panels
    assert panel.beyond == ()
    assert panel.y.holds(5.0)


@pytest.mark.parametrize("scale", [0.01, 1.0, 30.0])
def test_the_axis_of_rmse_follows_its_size(scale):
    points = with_rmse([point(n_images=0), point(n_images=1)], scale, 0.999 * scale)
    [panel] = curves_state(of(points), RMSE).panels
    assert 0.05 * scale < panel.y.high - panel.y.low < 0.2 * scale
    assert 1 <= len(panel.y.ticks) <= 7


def test_targets_are_shown_one_at_a_time():
    other = findings([point(mean=30.0)], "chest", answer="Another.", counts=(0, 1))
    digest = a_digest(targets=(findings(), other, Findings("knee", counts=(0, 1))))
    state = curves_state(digest, PSNR, "chest")
    assert (state.targets, state.target) == (("T1", "chest", "knee"), "chest")
    [panel] = state.panels
    assert [p.psnr.mean for s in panel.series for p in s.points] == [30.0]
    assert panel.x.ticks == (0.0, 1.0)
    assert curves_state(digest, PSNR, "knee").panels == ()
    assert curves_state(digest, PSNR, "gone").target == "T1"


def test_of_one_target_there_is_no_choice():
    assert curves_state(a_digest(), PSNR).targets == ()
    assert curves_state(Digest(), PSNR).panels == ()


def test_a_point_says_its_values_under_the_pointer():
    lines = hover_lines(point(n_images=1, mean=40.126, half=0.5), PSNR)
    assert lines == (
        "Natural images",
        "R = 4, 1 tuning image",
        "40.13 dB  (39.63 to 40.63)",
        "mean over 2 people, 12 images",
        WIDE,
    )
    assert hover_lines(point(mean=40.0), SSIM)[2:] == ("0.8000", "mean over 2 people, 12 images")
    one = replace(point(mean=40.0), n_people=1)
    assert hover_lines(one, RMSE)[2:] == ("1.000 % of the peak", "mean over 12 images")


@pytest.mark.parametrize(("n_people", "is_wide"), [(1, False), (2, True), (4, True), (5, False)])
def test_an_interval_over_few_people_is_said_to_be_wide(n_people, is_wide):
    lines = hover_lines(replace(point(), n_people=n_people), PSNR)
    assert (WIDE in lines) == is_wide


def study_of(half, n_people=2):
    """A curve from 36 to 40 dB with bars of one length."""
    means = {0: 36.0, 1: 38.0, 5: 40.0}
    points = [
        replace(point(n_images=n, mean=m, half=half), n_people=n_people) for n, m in means.items()
    ]
    return of(points, spread="Bars: interval over 2 people")


@settings(deadline=None)
@given(st.floats(0.0, 1e3))
def test_the_curves_govern_the_axis_whatever_the_bars(half):
    [panel] = curves_state(study_of(half), PSNR).panels
    assert panel.y.place(40.0) - panel.y.place(36.0) > 0.7
    assert panel.y.holds(36.0)
    assert panel.y.holds(40.0)


def test_bars_that_the_axis_cannot_hold_are_explained():
    [short] = curves_state(study_of(0.2), PSNR).panels
    assert short.y.holds(36.0 - 0.2)
    assert short.y.holds(40.0 + 0.2)
    assert curves_state(study_of(0.2), PSNR).footnote == "Bars: interval over 2 people"
    said = curves_state(study_of(30.0), PSNR).footnote
    assert said == f"Bars: interval over 2 people: few people, wide bars; {OPEN_BARS}"
    assert "few" not in curves_state(study_of(30.0, n_people=1), PSNR).footnote


def test_differences_too_small_to_matter_are_not_magnified():
    points = (
        point(n_images=0, mean=40.0, half=math.nan),
        point(n_images=1, mean=40.01, half=math.nan),
    )
    [panel] = curves_state(of(points), PSNR).panels
    assert panel.y.high - panel.y.low >= PSNR.least_span


@pytest.fixture
def model(qapp):
    model = StudyTableModel()
    model.set_points(some_points(Path("/s")), ())
    return model


def shown(model, row):
    return [
        model.data(model.index(row, c), Qt.ItemDataRole.DisplayRole)
        for c in range(model.columnCount())
    ]


def test_the_table_has_a_row_for_every_point_but_reference_lines(model):
    assert model.rowCount() == 3
    assert shown(model, 0) == [
        "Natural images",
        "4",
        "0",
        "37.00",
        "1.25",
        "0.7400",
        "1.413",
        "7",
        "",
    ]
    assert shown(model, 1)[-1] == "not yet"
    assert shown(model, 2)[0] == "Zero-filled"


def test_a_raw_network_that_begins_several_curves_is_in_one_row(qapp):
    raw = point(n_images=0)
    part = replace(raw, series="natural, decoder full")
    tuned = point("natural, decoder full", 5, label="Natural images, decoder")
    model = StudyTableModel()
    model.set_points((raw, point(n_images=5), part, tuned), ())
    assert model.rowCount() == 3
    assert model.row_of(part) == model.row_of(raw) == 0
    assert model.row_of(tuned) == 2
    assert model.row_of(point(n_images=7)) is None


def test_a_kept_network_is_marked(model):
    path = Path("/s/checkpoints/natural-5.safetensors")
    assert model.set_points(some_points(Path("/s")), {path})
    assert shown(model, 1)[-1] == "kept"
    assert not model.set_points(some_points(Path("/s")), {path}), "nothing changed"


def test_figures_sort_as_numbers(model):
    column = [c.heading for c in COLUMNS].index("Images")
    assert model.data(model.index(1, column), SORT_ROLE) == 5.0


def test_the_table_leaves_as_text_with_every_digit():
    shared = Findings("3 T", definition="fastmri-volume", label="simulated from magnitude")
    text = as_tsv([point(mean=40.123456)], shared)
    heading, row = text.split("\n")
    assert heading.startswith("Method\tR\tImages\tPSNR (dB)")
    assert row.split("\t")[3] == "40.1235"
    assert heading.split("\t")[-3:] == ["Target", "Definition", "k-space"]
    assert row.split("\t")[-3:] == ["3 T", "fastmri-volume", "simulated from magnitude"]
    assert as_tsv([point(mean=math.nan)], Findings()).split("\n")[1].split("\t")[3] == ""


def test_spreads_without_ends_leave_no_trace():
    assert math.isnan(Spread(1.0).low)
    [panel] = curves_state(of([point(half=math.nan)]), PSNR).panels
    assert math.isfinite(panel.y.low)
