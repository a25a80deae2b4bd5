"""The plan of a study: what is proposed, and what the user's choices keep."""

from dataclasses import replace
from pathlib import Path

import pytest

from core.coil_forms import COIL_FORMS
from tests.gui.fakes import make_scan
from tests.gui.study_fakes import OFFER, drawn_scan
from tlmri_gui.state import OtherCoils
from tlmri_gui.study_planner import StudyPlanner
from tlmri_gui.study_state import Role


@pytest.fixture
def planner(session):
    return StudyPlanner(session)


def scan(name, **more):
    return make_scan(name, n_slices=20, path=Path(f"/scans/{name}.nii"), **more)


@pytest.fixture
def planned(session, planner):
    """Three scans, whose names speak of T1, and everything loaded."""
    scans = tuple(scan(f"p{i}_T1w", seed=i) for i in range(3))
    for one in scans:
        session.add_scan(one)
    planner.take_offer(OFFER)
    return scans


def roles(session):
    return [entry.role.value for entry in session.study_plan.scans]


def test_the_plan_fills_in_by_itself(session, planned):
    plan = session.study_plan
    assert roles(session) == ["tune", "tune", "test"]
    assert (plan.sources, plan.native, plan.preset) == (("natural",), "t1", "fast")
    assert plan.baselines == ("zf", "cs")


def test_what_is_planned_can_always_be_shown(session, planner):
    """Scans opened before the core has loaded: no view sees an offer without a plan of it."""
    seen = []
    session.study_plan_changed.connect(
        lambda: seen.append(session.study_plan.preset in session.study_offer.presets or "nothing")
    )
    for i in range(2):
        session.add_scan(scan(f"p{i}_T1w", seed=i))
    planner.take_offer(OFFER)
    assert seen == ["nothing", "nothing", True]


def test_roles_given_by_hand_are_kept(session, planner, planned):
    planner.set_role(planned[1], Role.TEST)
    assert roles(session) == ["tune", "test", "test"]
    session.add_scan(scan("p4_T1w"))
    assert roles(session) == ["tune", "test", "test", "unused"]
    session.remove_scan(planned[0])
    assert roles(session) == ["test", "test", "unused"]


def test_a_role_given_by_hand_is_that_of_another_form_of_the_scan_too(session, planner, planned):
    planner.set_role(planned[0], Role.UNUSED)
    planner.set_role(planned[1], Role.TEST)
    form, others = COIL_FORMS["simulated"], []
    for one in planned[:2]:
        others.append(scan(one.name, seed=9))
        session.see_by(one, others[-1], OtherCoils(one, form))
    assert [entry.scan for entry in session.study_plan.scans] == [*others, planned[2]]
    assert roles(session) == ["unused", "test", "test"]
    session.see_by(others[0], planned[0], None)
    assert roles(session) == ["unused", "test", "test"]


def test_the_native_source_chosen_by_hand_is_kept(session, planner, planned):
    planner.set_plan(replace(session.study_plan, native=""))
    planner.set_role(planned[0], Role.UNUSED)
    assert session.study_plan.native == ""


def test_a_demo_study_takes_the_phantoms_and_asks_for_those_that_lack(
    qtbot, session, planner, planned
):
    with qtbot.waitSignal(planner.demo_scans_wanted):
        planner.plan_demo()
    session.add_scan(drawn_scan(1))
    session.add_scan(drawn_scan(2), show=False)
    assert roles(session) == ["unused", "unused", "unused", "test", "tune"]
    assert session.study_plan.native == "t1"
    assert session.study_plan.counts_text == "0, 1, 5"
    with qtbot.assertNotEmitted(planner.demo_scans_wanted):
        planner.plan_demo()


def test_what_an_earlier_study_had_that_cannot_be_chosen_here_is_left_out(
    session, planner, planned
):
    odd = {
        "sources": ("/weights/mine.safetensors", "t1"),
        "native": "/weights/mine.safetensors",
        "accelerations": (3.0, 4.0),
        "source_acceleration": 3.0,
    }
    planner.adopt(replace(session.study_plan, **odd))
    plan = session.study_plan
    assert (plan.sources, plan.native) == (("t1",), "")
    assert (plan.accelerations, plan.source_acceleration) == ((4.0,), 0.0)


def test_an_untrained_network_is_nobodys_contrast(session, planner):
    for name in ("a", "b"):
        session.add_scan(make_scan(name, n_slices=20, path=Path(f"/scratch/{name}.nii")))
    planner.take_offer(OFFER)
    assert session.study_plan.native == ""
