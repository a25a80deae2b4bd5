"""What the grid of maps shows, and what is said of a voxel."""

from dataclasses import replace

import numpy as np
import pytest

from core.fingerprinting.maps_figure import COLOUR_MAPS
from core.fingerprinting.parameters import PARAMETERS
from tests.gui.fingerprint_fakes import (
    CLEAN,
    TRANSFERRED,
    a_plan,
    make_outcome,
    make_series,
    mapped_run,
)
from tlmri_gui.fingerprint_state import DICTIONARY, FingerprintRun, MapOutcome
from tlmri_gui.models.fingerprint_maps import (
    FAILED,
    MapView,
    Range,
    maps_state,
    range_problem,
    with_range,
)
from tlmri_gui.models.fingerprint_text import readout_texts, series_facts, short_name
from tlmri_gui.widgets.fingerprint_pictures import ERROR_COLOURS, MAP_COLOURS, coloured

WHITE, GREY, AIR = (0, 5, 4), (0, 5, 8), (0, 0, 0)
MAPS = MapView()


@pytest.fixture
def mapped(session):
    session.set_fingerprint_plan(a_plan())
    session.set_fingerprint(mapped_run())
    return session


def test_the_truth_comes_first_and_then_the_chosen_methods(mapped):
    state = maps_state(mapped, MAPS)
    assert [row.key for row in state.rows] == ["truth", DICTIONARY, TRANSFERRED]
    assert [column.parameter.name for column in state.columns] == ["t1", "t2", "adc"]
    assert state.rows[2].images[0][5, 4] == pytest.approx(840)
    assert state.rows[1].details == ("0.5 s", "set-up 2 s")
    mapped.set_fingerprint_plan(a_plan(TRANSFERRED))
    assert [row.key for row in maps_state(mapped, MAPS).rows] == ["truth", TRANSFERRED]


def test_errors_are_percent_of_the_truth_and_leave_it_out(mapped):
    state = maps_state(mapped, MapView(shows_errors=True))
    assert [row.key for row in state.rows] == [DICTIONARY, TRANSFERRED]
    errors = state.rows[1].images[1]
    assert errors[5, 4] == pytest.approx(5, abs=1e-3)
    assert np.isnan(errors[0, 0])
    assert state.rows[1].tags[0].startswith("RMSE ")
    assert state.rows[1].tags[0].endswith(" ms")


def test_without_truth_there_are_no_errors(mapped):
    series = make_series(has_truth=False)
    run = FingerprintRun(series, outcomes={DICTIONARY: make_outcome(series, DICTIONARY)})
    mapped.set_fingerprint(run)
    state = maps_state(mapped, MapView(shows_errors=True))
    assert (state.can_show_errors, state.shows_errors) == (False, False)
    assert [row.key for row in state.rows] == [DICTIONARY, TRANSFERRED]
    assert state.rows[0].images[0][5, 4] == pytest.approx(800)


def test_what_is_missing_says_why(session):
    series = make_series()
    session.set_fingerprint_plan(a_plan(DICTIONARY, CLEAN, TRANSFERRED))
    outcomes = {CLEAN: MapOutcome(error="trained for another sequence")}
    session.set_fingerprint(FingerprintRun(series, outcomes=outcomes, pending=(DICTIONARY,)))
    rows = maps_state(session, MAPS).rows[1:]
    assert [row.status for row in rows] == ["mapping…", FAILED, "not mapped yet"]
    assert rows[1].details == ("trained for another sequence",)
    session.set_fingerprint(FingerprintRun(series, pending=(TRANSFERRED, DICTIONARY)))
    assert [r.status for r in maps_state(session, MAPS).rows[1:]] == [
        "waiting…",
        "not mapped yet",
        "mapping…",
    ]


def test_all_rows_share_the_ranges_of_brain_tissue(mapped):
    state = maps_state(mapped, MAPS)
    for column, parameter in zip(state.columns, PARAMETERS, strict=True):
        assert column.range == Range(parameter.shown_low, parameter.shown_high)


def test_a_locked_range_stays_and_an_unlocked_one_follows_the_maps(mapped):
    locked = with_range(MAPS, "t1", Range(500, 900))
    assert maps_state(mapped, locked).columns[0].range == Range(500, 900)
    free = with_range(MAPS, "t1", Range(500, 900, is_locked=False))
    found = maps_state(mapped, free).columns[0].range
    assert (found.low, found.high) == (800, 1400)
    assert not found.is_locked


def test_an_empty_range_is_refused(mapped):
    problem = range_problem("t1", Range(900, 500))
    rule = "the highest value of the colours must be above the lowest"
    assert problem == f"T1: {rule}, got 900 to 500"
    assert range_problem("pd", Range(1, 1)).startswith("PD: ")
    assert range_problem("t1", Range(500, 900)) == ""


def test_proton_density_has_the_range_of_its_maps(mapped):
    state = maps_state(mapped, replace(MAPS, shows_pd=True))
    assert state.columns[3].parameter.name == "pd"
    shown = state.columns[3].range
    assert shown.low < shown.high == pytest.approx(0.81, abs=0.01)
    assert [len(row.images) for row in state.rows] == [4, 4, 4]


def test_the_air_around_the_head_is_cut_off(session):
    session.set_fingerprint(mapped_run(make_series(size=48)))
    window = maps_state(session, MAPS).window
    assert (window.top, window.left, window.height, window.width) == (0, 0, 48, 48)
    series = make_series(size=48)
    mask = np.zeros_like(series.mask)
    mask[0, 20:30, 10:40] = True
    session.set_fingerprint(FingerprintRun(replace(series, mask=mask)))
    window = maps_state(session, MAPS).window
    assert (window.top, window.left, window.height, window.width) == (18, 8, 14, 34)
    assert window.holds(18, 8)
    assert not window.holds(17, 8)
    assert window.of(np.zeros((48, 48), np.float32)).shape == (14, 34)


@pytest.mark.parametrize("edges", [("A", "P", "S", "I"), None])
def test_the_edges_are_those_of_the_series(session, edges):
    session.set_fingerprint(FingerprintRun(replace(make_series(), edges=edges)))
    assert maps_state(session, MAPS).edges == edges


# words -------------------------------------------------------------------------------------------


def test_the_readout_has_tissue_and_truth():
    series = make_series()
    long, short, place = readout_texts(series, WHITE)
    assert long == "x 4, y 5 · White matter · truth: T1 800 ms · T2 70 ms · ADC 0.70 µm²/ms"
    assert len(long) > len(short) > len(place)
    assert "Cortical grey matter" in readout_texts(series, GREY)[0]
    assert readout_texts(make_series(has_truth=False), WHITE) == ("x 4, y 5",)


def test_the_readout_of_air_says_that_nothing_is_mapped_there():
    assert readout_texts(make_series(), AIR) == ("x 0, y 0 · Air · not mapped here",)
    assert readout_texts(make_series(), None) == ()


def test_rows_say_what_their_method_found_in_units(mapped):
    state = maps_state(mapped, MAPS)
    said = [state.rows[2].words_at(WHITE, column) for column in state.columns]
    assert said == ["840 ms", "74 ms", "0.73 µm²/ms"]
    assert state.rows[2].words_at(AIR, state.columns[0]) == ""


def test_names_are_short_where_there_is_little_room():
    assert short_name("Network, transferred") == "Transferred"
    assert short_name("Dictionary") == "Dictionary"


def test_facts_of_a_series():
    facts = series_facts(make_series(n_slices=2)).splitlines()
    assert facts[0] == "2 slices of 12 × 12 · 1 × 1 × 1 mm"
    assert facts[1].startswith("10 read-outs in 2 segments · 0.2 s")
    assert facts[2] == "Short · 128 voxels to map"


# pictures ----------------------------------------------------------------------------------------


def pixel(image, low=0.0, high=100.0, name="inferno"):
    drawn = coloured(np.array([[image]], np.float32), low, high, name)
    colour = drawn.pixelColor(0, 0)
    return colour.red(), colour.green(), colour.blue()


def test_what_is_not_known_is_black_in_any_colours():
    for name in (*MAP_COLOURS.values(), ERROR_COLOURS):
        assert pixel(np.nan, name=name) == (0, 0, 0)
    assert pixel(0.0, name="viridis") != (0, 0, 0)


def test_values_beyond_the_range_have_its_end_colours():
    assert pixel(-5.0, name="viridis") == pixel(0.0, name="viridis")
    assert pixel(500.0, name="viridis") == pixel(100.0, name="viridis")


def test_errors_are_blue_below_and_red_above():
    low, zero, high = (pixel(e, -20.0, 20.0, ERROR_COLOURS) for e in (-20.0, 0.0, 20.0))
    assert low[2] > low[0]
    assert high[0] > high[2]
    assert min(zero) > 200


def test_the_exported_figure_has_the_same_colours():
    assert MAP_COLOURS == COLOUR_MAPS
