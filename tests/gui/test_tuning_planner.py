"""The plan of a fine-tuning: what is proposed, and what the user's choices keep."""

from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest

from core.coil_forms import COIL_FORMS
from core.types import Scan
from tests.gui.fakes import make_scan
from tests.gui.window_fakes import FakeCore, TuneLike
from tlmri_gui.models.study_text import tuning_problem
from tlmri_gui.state import OtherCoils, ScanImages
from tlmri_gui.tuning_planner import TuningPlanner


@pytest.fixture
def core(tmp_path):
    return FakeCore(folder=tmp_path)


@pytest.fixture
def planner(session, runner, core):
    return TuningPlanner(session, runner, core)


@pytest.fixture
def planned(session, planner, core, settle):
    """Two scans, of which the one not on show is tuned on."""
    local, shown = make_scan("local"), make_scan("shown", seed=1)
    session.add_scan(local)
    session.add_scan(shown)
    session.set_catalogue(core.catalogue(None))
    settle()
    return local, shown


def test_the_plan_fills_in_with_the_scans_that_are_not_on_show(session, planned):
    local, _ = planned
    plan = session.plan
    assert plan.source == "net:natural"
    assert plan.settings == TuneLike()
    [entry] = plan.images
    assert (entry.scan, entry.tuning, entry.validation) == (local, (0, 1), (2,))


def test_a_single_scan_is_tuned_on_itself(session, planner, core, settle):
    scan = make_scan()
    session.add_scan(scan)
    session.set_catalogue(core.catalogue(None))
    settle()
    assert [entry.scan for entry in session.plan.images] == [scan]


def test_showing_another_scan_moves_the_tuning_to_the_rest(session, settle, planned):
    local, shown = planned
    session.show_scan(local)
    settle()
    assert [entry.scan for entry in session.plan.images] == [shown]


def scans_of(session):
    return [entry.scan for entry in session.plan.images]


def test_scans_chosen_by_hand_are_kept_while_they_are_open(session, planner, settle, planned):
    local, shown = planned
    planner.set_scans((shown,))
    settle()
    session.add_scan(make_scan("third", seed=2))
    settle()
    assert scans_of(session) == [shown]
    session.remove_scan(shown)
    settle()
    assert scans_of(session) == [local]


def test_ticking_no_scan_is_a_choice_too(session, planner, settle, planned):
    planner.set_scans(())
    session.add_scan(make_scan("third", seed=2))
    settle()
    assert session.plan.images == ()


def test_other_people_are_proposed_before_other_scans_of_the_person(session, settle, planned):
    t1, t2 = (make_scan(n, path=Path(f"/d/{n}/p1_{n}.nii"), seed=4) for n in ("t1", "t2"))
    session.add_scan(t2)
    session.add_scan(t1)
    settle()
    assert scans_of(session) == [t2], "better than nothing"
    other = make_scan("other", path=Path("/d/t1/p2_t1.nii"), seed=5)
    session.add_scan(other, show=False)
    settle()
    assert scans_of(session) == [other]


def test_phantoms_are_not_proposed_beside_a_real_scan(session, settle, planned, tmp_path):
    real, other = (make_scan(name, path=tmp_path / f"{name}.npy") for name in ("real", "other"))
    session.add_scan(real)
    settle()
    assert scans_of(session) == [real]
    session.add_scan(other)
    settle()
    assert scans_of(session) == [real]


def test_images_are_chosen_anew_when_their_number_changes_only(
    session, planner, core, settle, planned
):
    core.asked.clear()
    planner.set_settings(TuneLike(epochs=9))
    settle()
    assert core.names() == []
    planner.set_settings(TuneLike(epochs=9, n_images=3))
    settle()
    assert core.names() == ["choose"]
    assert session.plan.images[0].tuning == (0, 1, 2)


def test_slices_written_by_hand_are_kept(session, planner, settle, planned):
    local, _ = planned
    planner.set_images(ScanImages(local, (4,), (5,)))
    planner.set_settings(TuneLike(epochs=50))
    settle()
    assert session.plan.images[0].tuning == (4,)


def in_place(session, scan):
    """Put another form in a scan's place; returns it."""
    found = make_scan(scan.name, seed=9)
    session.see_by(scan, found, OtherCoils(session.original(scan), COIL_FORMS["simulated"]))
    return found


def test_slices_written_by_hand_are_kept_for_another_form_of_the_scan(
    session, planner, core, settle, planned
):
    local, _ = planned
    planner.set_images(ScanImages(local, (4,), (5,)))
    core.asked.clear()
    for change in (in_place, lambda session, scan: session.see_by(scan, local, None)):
        change(session, session.plan.images[0].scan)
        settle()
        [entry] = session.plan.images
        assert (entry.scan, entry.tuning, entry.validation) == (session.scans[0], (4,), (5,))
    assert core.names() == []


def test_slices_that_are_being_chosen_are_chosen_for_another_form_too(
    session, planner, settle, planned
):
    planner.set_settings(TuneLike(n_images=3))
    found = in_place(session, planned[0])
    settle()
    [entry] = session.plan.images
    assert (entry.scan, entry.tuning) == (found, (0, 1, 2))


def test_too_few_slices_are_said_and_none_is_chosen(session, planner, settle, planned):
    planner.set_settings(TuneLike(n_images=50))
    settle()
    assert session.plan.images[0].tuning == ()
    assert "50 + 1" in tuning_problem(session)


def test_what_was_too_few_is_forgotten_with_other_scans_slices_or_numbers(
    session, planner, settle, planned
):
    few, many = make_scan("few", n_slices=2), make_scan("many", seed=1)
    session.add_scan(few)
    session.add_scan(many)
    for choose in (
        lambda: planner.set_scans((many,)),
        lambda: planner.set_images(ScanImages(few, (0,), (1,))),
        lambda: planner.set_settings(TuneLike(n_images=1)),
    ):
        planner.set_settings(TuneLike())
        planner.set_scans((few,))
        settle()
        assert tuning_problem(session) == "tuning needs 2 + 1 slices"
        choose()
        settle()
        assert tuning_problem(session) == ""
        assert session.run.message == ""


def test_a_preset_is_taken_whole(session, planner, planned):
    planner.set_preset("paper")
    assert session.plan.settings.epochs == 100


def acquired():
    """A scan of which every other line was measured."""
    sampled = np.zeros((16, 16), bool)
    sampled[::2] = True
    kspace = np.ones((6, 1, 16, 16), np.complex64) * sampled
    return Scan("acquired", kspace=kspace, sampled=sampled)


def test_scans_acquired_undersampled_are_tuned_on_alone(session, planner, settle, planned):
    scan = acquired()
    session.add_scan(scan, show=False)
    planner.set_scans((scan,))
    settle()
    assert session.plan.settings == TuneLike(supervision="self")
    assert scans_of(session) == [scan]
    planner.set_scans((planned[0],))
    settle()
    assert session.plan.settings == TuneLike(), "full supervision was only set aside"


def test_supervision_chosen_by_hand_stays(session, planner, settle, planned):
    planner.set_settings(replace(session.plan.settings, supervision="self"))
    planner.set_scans((acquired(),))
    planner.set_scans((planned[0],))
    settle()
    assert session.plan.settings == TuneLike(supervision="self")


def test_supervision_only_set_aside_comes_back_after_another_setting_was_changed(
    session, planner, settle, planned
):
    planner.set_scans((acquired(),))
    settle()
    planner.set_settings(replace(session.plan.settings, n_images=3))
    planner.set_scans((planned[0],))
    settle()
    assert session.plan.settings == TuneLike(n_images=3)
