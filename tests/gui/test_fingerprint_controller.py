"""From the intents of the Fingerprinting page to the session."""

import threading
from dataclasses import replace
from pathlib import Path

import pytest

from tests.gui.fingerprint_fakes import (
    CLEAN,
    SEQUENCE,
    TRANSFERRED,
    FakeFingerprints,
    make_series,
)
from tlmri_gui.fingerprint_controller import GIVEN_UP, FingerprintController
from tlmri_gui.fingerprint_state import DICTIONARY, FigureLook, FingerprintMethod, VoxelView

INSIDE, OUTSIDE = (0, 5, 4), (0, 0, 0)


@pytest.fixture
def core():
    return FakeFingerprints()


@pytest.fixture
def control(session, runner, core, settle):
    control = FingerprintController(session, runner, core)
    control.load()
    settle()
    return control


@pytest.fixture
def mapped(control, settle):
    control.demo()
    settle()
    return control


def test_a_series_is_simulated_as_planned_and_nothing_is_mapped(control, session, core, settle):
    settings = replace(session.fingerprint_plan.simulation, seed=3, n_slices=5)
    control.set_simulation(settings)
    control.simulate()
    assert session.fingerprint.busy == "Simulating a series…"
    settle()
    run = session.fingerprint
    assert (run.series.name, run.busy, run.simulation) == ("Phantom subject 3", "", settings)
    assert run.slice_index == 2
    assert run.outcomes == {}
    assert "map" not in core.names()


def test_the_demo_is_mapped_by_the_chosen_methods_in_their_order(mapped, session, core):
    assert list(session.fingerprint.outcomes) == [DICTIONARY, TRANSFERRED]
    assert session.fingerprint.pending == ()
    asked = [entry[1:] for entry in core.asked if entry[0] == "map"]
    assert asked == [(DICTIONARY, 1000, "auto"), (TRANSFERRED, 1000, "auto")]
    found = session.fingerprint.outcomes[DICTIONARY]
    assert (found.n_atoms, found.error) == (1000, "")
    assert found.scores


def test_only_what_is_missing_is_mapped_until_nothing_is(mapped, session, core, settle):
    core.asked.clear()
    mapped.set_checked(CLEAN, True)
    mapped.map()
    settle()
    assert [entry[1] for entry in core.asked if entry[0] == "map"] == [CLEAN]
    core.asked.clear()
    mapped.set_atoms(2000)
    mapped.map()
    settle()
    assert [entry[1] for entry in core.asked if entry[0] == "map"] == [DICTIONARY]
    core.asked.clear()
    mapped.map()
    settle()
    assert len([entry for entry in core.asked if entry[0] == "map"]) == 3


def test_a_method_that_fails_says_why_and_the_others_go_on(control, session, core, settle):
    def map_or_fail(series, method, n_atoms, device, progress, whole=core.map):
        if method == DICTIONARY:
            raise ValueError("trained for another sequence")
        return whole(series, method, n_atoms, device, progress)

    core.map = map_or_fail
    control.demo()
    settle()
    outcomes = session.fingerprint.outcomes
    assert outcomes[DICTIONARY].error == "trained for another sequence"
    assert outcomes[TRANSFERRED].mapped is not None
    assert session.message.text == "Dictionary: trained for another sequence"


def test_a_bad_series_leaves_the_one_on_show_with_its_maps(mapped, session, core, settle):
    before = session.fingerprint
    core.errors["open"] = ValueError("bad.npy: read-outs must be 320, got 7")
    mapped.open(Path("bad.npy"))
    settle()
    assert session.message.text == "bad.npy: read-outs must be 320, got 7"
    assert session.message.is_error
    assert session.fingerprint.series is before.series
    assert session.fingerprint.outcomes == before.outcomes
    assert session.fingerprint.busy == ""


def test_another_series_takes_the_place_of_the_maps(mapped, session, settle, tmp_path):
    mapped.open(tmp_path / "measured.npy")
    settle()
    assert session.fingerprint.series.name == "measured"
    assert session.fingerprint.outcomes == {}
    assert session.voxel.voxel is None


class Held:
    """A mapping that waits until it is let go, and hears of its cancellation."""

    def __init__(self, core):
        self.begun, self.go = threading.Event(), threading.Event()
        self.was_cancelled = False
        self._map = core.map
        core.map = self

    def __call__(self, series, method, n_atoms, device, progress):
        self.begun.set()
        while not self.go.wait(0.005):
            try:
                progress(0.5, "mapping")
            except BaseException:
                self.was_cancelled = True
                raise
        return self._map(series, method, n_atoms, device, progress)


def test_cancelling_keeps_the_series_and_what_is_mapped(mapped, session, core, settle, qtbot):
    held = Held(core)
    mapped.set_checked(CLEAN, True)
    mapped.map()
    qtbot.waitUntil(held.begun.is_set)
    assert session.fingerprint.pending == (CLEAN,)
    mapped.cancel()
    assert session.fingerprint.pending == ()
    settle()
    assert held.was_cancelled
    assert list(session.fingerprint.outcomes) == [DICTIONARY, TRANSFERRED]


def test_another_series_takes_the_place_of_a_mapping_and_says_so(
    mapped, session, core, settle, qtbot
):
    held = Held(core)
    mapped.set_checked(CLEAN, True)
    mapped.map()
    qtbot.waitUntil(held.begun.is_set)
    mapped.simulate()
    settle()
    assert held.was_cancelled
    assert session.message.text == GIVEN_UP
    assert session.fingerprint.outcomes == {}


def test_methods_fit_the_series_on_show(control, session, core, settle):
    series = make_series()
    for key in (series.sequence.key, "another"):
        control._take_network(FingerprintMethod(f"net:{key}", key, sequence_key=key))
    assert len(session.fingerprint_plan.chosen) == 4
    core.series = series
    control.simulate()
    settle()
    chosen = [method.name for method in session.fingerprint_plan.chosen]
    assert chosen == [DICTIONARY, TRANSFERRED, f"net:{series.sequence.key}"]
    long = replace(SEQUENCE, te_ms=3.0)
    core.series = replace(series, sequence=long)
    control.set_simulation(replace(session.fingerprint_plan.simulation, seed=2))
    control.simulate()
    settle()
    chosen = [method.name for method in session.fingerprint_plan.chosen]
    assert chosen == [DICTIONARY, TRANSFERRED], "checked still, yet of another sequence"
    assert f"net:{series.sequence.key}" in session.fingerprint_plan.checked


def test_maps_of_a_series_that_is_gone_are_dropped(mapped, session, core, settle, qtbot):
    held = Held(core)
    mapped.set_checked(CLEAN, True)
    mapped.map()
    qtbot.waitUntil(held.begun.is_set)
    other = make_series("other")
    mapped._show(other)
    held.go.set()
    settle()
    assert session.fingerprint.series is other
    assert session.fingerprint.outcomes == {}


@pytest.mark.parametrize(("checked", "reason"), [(True, "No series"), (False, "No method")])
def test_mapping_without_series_or_methods_says_so(control, session, core, settle, checked, reason):
    if not checked:
        control.simulate()
        settle()
        for name in (DICTIONARY, TRANSFERRED):
            control.set_checked(name, False)
    control.map()
    settle()
    assert session.message.text.startswith(reason)
    assert "map" not in core.names()


def test_a_network_of_ones_own_is_offered_and_chosen(control, session, settle, tmp_path):
    control.add_network(tmp_path / "own.safetensors")
    control.add_network(tmp_path / "own.safetensors")
    settle()
    names = [method.name for method in session.fingerprint_plan.methods]
    assert names.count(f"net:{tmp_path / 'own.safetensors'}") == 1
    assert session.fingerprint_plan.chosen[-1].label == "Own (own.safetensors)"


def test_a_network_chosen_anew_loses_the_maps_of_what_its_file_was(
    mapped, session, core, settle, tmp_path
):
    path = tmp_path / "own.safetensors"
    name = f"net:{path}"
    mapped.voxel.pin(INSIDE)
    for _ in range(2):
        core.asked.clear()
        mapped.add_network(path)
        settle()
        assert name not in session.fingerprint.outcomes
        assert name not in session.voxel.fits
        mapped.map()
        settle()
        assert [entry[1] for entry in core.asked if entry[0] == "map"] == [name]
        assert {name, DICTIONARY, TRANSFERRED} == set(session.fingerprint.outcomes)
        assert name in session.voxel.fits


def test_a_network_chosen_anew_while_it_maps_gives_no_maps_of_what_its_file_was(
    mapped, session, core, settle, qtbot, tmp_path
):
    path = tmp_path / "own.safetensors"
    mapped.add_network(path)
    settle()
    held = Held(core)
    mapped.map()
    qtbot.waitUntil(held.begun.is_set)
    mapped._take_network(session.fingerprint_plan.methods[-1])
    held.go.set()
    settle()
    assert f"net:{path}" not in session.fingerprint.outcomes


def test_an_outcome_says_where_it_was_found(control, session, settle):
    session.set_device("cpu")
    control.demo()
    settle()
    session.set_device("auto")
    assert session.fingerprint.outcomes[DICTIONARY].device == "cpu"
    assert "--device cpu" in control.command_line()


def test_slices_stop_at_both_ends(control, session, settle):
    control.set_simulation(replace(session.fingerprint_plan.simulation, n_slices=3))
    control.simulate()
    settle()
    control.step_slice(5)
    assert session.fingerprint.slice_index == 2
    control.step_slice(-9)
    assert session.fingerprint.slice_index == 0


# one voxel -----------------------------------------------------------------------------------


def fits(core):
    return [entry[2] for entry in core.asked if entry[0] == "fits"]


def test_the_voxel_follows_the_pointer(mapped, session, core, settle):
    mapped.voxel.point(INSIDE)
    settle()
    assert session.voxel.voxel == INSIDE
    assert set(session.voxel.fits) == {DICTIONARY, TRANSFERRED}
    mapped.voxel.point(OUTSIDE)
    settle()
    assert (session.voxel.voxel, session.voxel.fits) == (OUTSIDE, {})
    assert fits(core) == [INSIDE]


def test_of_voxels_asked_for_meanwhile_only_the_last_is_fitted(mapped, session, core, settle):
    for x in range(2, 10):
        mapped.voxel.point((0, 5, x))
    settle()
    assert fits(core) == [(0, 5, 2), (0, 5, 9)]
    assert session.voxel.voxel == (0, 5, 9)


def test_a_pinned_voxel_stays_until_it_is_let_go(mapped, session, settle):
    mapped.voxel.pin(INSIDE)
    mapped.voxel.point((0, 6, 6))
    settle()
    assert (session.voxel.voxel, session.voxel.is_pinned) == (INSIDE, True)
    assert session.voxel.fits
    mapped.voxel.pin(INSIDE)
    assert not session.voxel.is_pinned
    mapped.voxel.point((0, 6, 6))
    settle()
    assert session.voxel.voxel == (0, 6, 6)


def test_the_pinned_voxel_moves_and_stays_within_what_is_shown(mapped, session, settle):
    mapped.voxel.pin(INSIDE)
    mapped.voxel.step(1, -2)
    settle()
    assert (session.voxel.voxel, session.voxel.is_pinned) == ((0, 6, 2), True)
    assert session.voxel.fits
    mapped.voxel.step(99, 99)
    assert session.voxel.voxel == (0, 11, 11)
    mapped.voxel.step(0, 1)
    assert session.voxel.is_pinned, "at the edge it stays where it is"
    mapped.voxel.release()
    mapped.voxel.step(-1, 0)
    assert session.voxel.voxel == (0, 11, 11)


def test_a_voxel_is_pinned_without_pointing(control, mapped, session, settle):
    mapped.voxel.toggle()
    settle()
    assert session.voxel.is_pinned
    assert session.fingerprint.series.mask[session.voxel.voxel]
    assert session.voxel.fits
    mapped.voxel.toggle()
    assert not session.voxel.is_pinned


def test_nothing_is_pinned_without_a_series(control, session):
    control.voxel.toggle()
    control.voxel.step(1, 0)
    assert session.voxel.voxel is None


def test_a_pin_beats_the_fit_that_was_under_way(mapped, session, settle):
    mapped.voxel.point((0, 6, 6))
    mapped.voxel.pin(INSIDE)
    settle()
    assert (session.voxel.voxel, session.voxel.is_pinned) == (INSIDE, True)


def test_new_maps_are_fitted_too(mapped, session, settle):
    mapped.voxel.pin(INSIDE)
    settle()
    mapped.set_checked(CLEAN, True)
    mapped.map()
    settle()
    assert set(session.voxel.fits) == {DICTIONARY, CLEAN, TRANSFERRED}


def test_a_fit_that_fails_says_why(mapped, session, core, settle):
    core.errors["fits"] = ValueError("voxel must be one that was mapped")
    mapped.voxel.point(INSIDE)
    settle()
    assert session.voxel.error == "voxel must be one that was mapped"
    assert session.message is None


def test_a_fit_of_the_slice_before_is_dropped(control, session, settle):
    control.set_simulation(replace(session.fingerprint_plan.simulation, n_slices=3))
    control.demo()
    settle()
    control.voxel.point((1, 5, 4))
    control.step_slice(1)
    settle()
    assert session.voxel.fits == VoxelView().fits


# what leaves the page ------------------------------------------------------------------------


def test_maps_are_saved_with_the_command_that_makes_them(mapped, session, core, settle, tmp_path):
    look = FigureLook({"t1": (0.0, 2000.0)}, 10.0, True)
    mapped.save(tmp_path / "maps", look)
    mapped.export_figure(tmp_path / "maps.pdf", look)
    mapped.export_scores(tmp_path / "scores.csv")
    settle()
    saved, figure, scores = core.asked[-3:]
    assert saved[:4] == ("save", tmp_path / "maps", (DICTIONARY, TRANSFERRED), 0)
    assert saved[4] == mapped.command_line()
    assert saved[5] == look
    assert figure == ("figure", tmp_path / "maps.pdf", 0, look)
    assert scores == ("scores", tmp_path / "scores.csv")
    assert session.message.text == f"Wrote {tmp_path / 'scores.csv'}"


def test_nothing_is_saved_before_there_are_maps(control, session, core, settle, tmp_path):
    control.export_scores(tmp_path / "scores.csv")
    settle()
    assert "there are no maps yet" in session.message.text
    assert core.names() == ["plan"]
