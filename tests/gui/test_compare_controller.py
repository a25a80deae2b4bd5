"""The comparison's controller against a fake core, without a window."""

import threading
from dataclasses import replace

import pytest

from tests.gui.window_fakes import FakeCore, WaveletLike, make_scan
from tlmri_gui.compare_controller import CompareController
from tlmri_gui.models.present import stage_state
from tlmri_gui.session import Session
from tlmri_gui.state import Reference, Sampling, ScanImages, TuningPlan


@pytest.fixture
def core():
    return FakeCore()


@pytest.fixture
def session(qapp, core):
    session = Session()
    session.set_catalogue(core.catalogue(None))
    session.set_definition("volume")
    core.asked.clear()
    return session


@pytest.fixture
def controller(session, runner, core):
    return CompareController(session, runner, core)


@pytest.fixture
def settle(qtbot, controller, runner):
    def settle():
        def is_quiet():
            return not controller._pause.isActive() and not runner._open_jobs

        qtbot.waitUntil(is_quiet, timeout=10_000)

    return settle


@pytest.fixture
def shown(session, controller, settle):
    """A scan with everything computed."""
    scan = make_scan()
    session.add_scan(scan)
    settle()
    return scan


def asked(core, what):
    return [entry[1:] for entry in core.asked if entry[0] == what]


def test_a_scan_brings_reference_mask_and_every_chosen_method(session, core, shown):
    assert core.names() == ["reference", "mask", "reconstruct", "reconstruct", "reconstruct"]
    assert [entry[1] for entry in asked(core, "reconstruct")] == ["zf", "cs", "net:natural"]
    assert session.reference is not None
    assert all(session.outcome(m).comparison for m in ("zf", "cs", "net:natural"))


def test_nothing_is_computed_before_the_core_is_loaded(qapp, runner, core, qtbot):
    session = Session()
    controller = CompareController(session, runner, core)
    session.add_scan(make_scan())
    controller.update()
    qtbot.wait(20)
    assert core.names() == []


def test_a_slice_seen_before_costs_its_reference_only(session, core, controller, shown, settle):
    middle = session.slice_index
    controller.step_slice(1)
    settle()
    core.asked.clear()
    controller.show_slice(middle)
    settle()
    assert core.names() == ["reference"]


def test_dragging_over_slices_reconstructs_where_it_ends(session, core, controller, shown, settle):
    core.asked.clear()
    for index in (0, 1, 2, 4, 5):
        controller.show_slice(index)
    settle()
    assert {entry[0] for entry in asked(core, "reconstruct")} == {5}


def test_one_more_method_computes_that_method_alone(session, core, controller, shown, settle):
    controller.set_checked("cs", False)
    settle()
    core.asked.clear()
    controller.set_checked("cs", True)
    settle()
    assert core.names() == []  # its result was kept
    controller.set_method_params("cs", WaveletLike(n_iterations=3))
    settle()
    [(_, name, params, _)] = asked(core, "reconstruct")
    assert (name, params.n_iterations) == ("cs", 3)


def test_another_sampling_draws_a_mask_and_reconstructs(session, core, controller, shown, settle):
    core.asked.clear()
    controller.set_sampling(Sampling("gaussian", 8.0, 3))
    assert session.mask is None
    settle()
    assert asked(core, "mask") == [(Sampling("gaussian", 8.0, 3),)]
    assert session.mask.pattern == "gaussian"
    assert len(asked(core, "reconstruct")) == 3


def test_another_definition_scores_again_and_reconstructs_nothing(
    session, core, controller, shown, settle
):
    core.asked.clear()
    controller.set_definition("slice")
    settle()
    assert core.names() == ["rescore"]
    scores = [c.score for c in session.comparisons()]
    assert {(s.definition, s.psnr_db) for s in scores} == {("slice", 28.0)}


def test_another_device_runs_the_networks_again(session, core, controller, shown, settle):
    core.asked.clear()
    controller.set_device("cpu")
    settle()
    assert [(e[1], e[3]) for e in asked(core, "reconstruct")] == [("net:natural", "cpu")]


def test_reconstruct_computes_everything_anew(session, core, controller, shown, settle):
    core.asked.clear()
    controller.reconstruct()
    settle()
    assert core.names().count("reconstruct") == 3


def test_pending_names_what_is_still_to_come(session, controller, settle, qtbot):
    seen = []
    controller.pending_changed.connect(lambda: seen.append(controller.pending))
    session.add_scan(make_scan())
    settle()
    assert seen[0] == {"zf", "cs", "net:natural"}
    assert seen[-1] == frozenset()


def test_an_error_of_one_method_is_its_outcome_and_a_message(
    session, core, controller, settle, shown
):
    core.errors["reconstruct"] = RuntimeError("no wavelet")
    controller.reconstruct()
    settle()
    assert session.outcome("cs").error == "no wavelet"
    assert session.message.is_error
    assert "Traceback" in session.message.details
    assert controller.pending == frozenset()


def test_a_mask_that_cannot_be_made_leaves_nothing_pending(session, core, controller, settle):
    core.errors["mask"] = ValueError("acceleration must be at most 20, got 40")
    session.add_scan(make_scan())
    settle()
    assert session.message.text == "acceleration must be at most 20, got 40"
    assert controller.pending == frozenset()


def test_cancel_leaves_nothing_pending_and_reconstruct_resumes(session, core, controller, settle):
    session.add_scan(make_scan())
    controller.cancel()
    assert controller.pending == frozenset()
    settle()
    assert core.names().count("reconstruct") == 0
    controller.reconstruct()
    settle()
    assert session.outcome("zf") is not None


def held_up_tuning(core):
    started, go_on = threading.Event(), threading.Event()

    def tune(method, images, sampling, params, progress):
        started.set()
        go_on.wait(10)
        progress(0.5, "tuning")
        return params

    core.tune = tune
    return started, go_on


def test_cancelling_a_tuning_lets_the_comparison_catch_up(
    session, core, controller, runner, shown, settle
):
    started, go_on = held_up_tuning(core)
    session.set_plan(TuningPlan(images=(ScanImages(shown, (0, 1)),)))
    controller.tune_method("cs")
    assert started.wait(10)
    assert [job.title for job in runner._open_jobs] == ["Tuning Wavelet on 2 slices of brain"]
    controller.step_slice(1)
    state = stage_state(session, controller.pending, controller.hold_up)
    assert {panel.status for panel in state.panels} == {"waiting for the tuning"}
    controller.cancel()
    assert controller.hold_up == ""
    go_on.set()
    settle()
    assert session.reference.slice_index == session.slice_index
    assert all(session.outcome(name) for name in session.chosen())
    assert "cs" not in session.method_params


def test_a_cancelled_comparison_shows_no_other_slices_images(session, controller, shown, settle):
    controller.step_slice(1)
    controller.cancel()
    settle()
    state = stage_state(session, controller.pending, controller.hold_up)
    assert {(panel.status, panel.image) for panel in state.panels} == {("not computed", None)}
    assert state.peak == 100.0
    controller.reconstruct()
    settle()
    assert controller.hold_up == ""
    assert session.reference is not None


def test_a_failed_tuning_holds_nothing_up(session, core, controller, shown, settle):
    core.errors["tune"] = RuntimeError("no memory")
    session.set_plan(TuningPlan(images=(ScanImages(shown, (0, 1)),)))
    controller.tune_method("cs")
    assert controller.hold_up == "waiting for the tuning"
    settle()
    assert controller.hold_up == ""
    assert session.message.text == "no memory"


def test_tuning_a_method_needs_images_and_then_sets_its_settings(
    session, core, controller, shown, settle
):
    controller.tune_method("cs")
    assert session.message.is_error
    session.set_plan(TuningPlan(images=(ScanImages(shown, (0, 1)), ScanImages(make_scan()))))
    controller.tune_method("cs")
    settle()
    [(name, images)] = asked(core, "tune")
    assert (name, [entry.tuning for entry in images]) == ("cs", [(0, 1)])
    assert session.method_params["cs"] == replace(WaveletLike(), reg_weight=0.01)
    assert session.message.text.endswith("; the best weight is the largest")
    assert f"{shown.name} is not scored with them" in session.message.text
    session.set_plan(TuningPlan(images=(ScanImages(make_scan("other"), (0, 1)),)))
    controller.tune_method("cs")
    settle()
    assert "not scored" not in session.message.text


def test_a_late_reference_of_another_scan_is_dropped(session, controller, shown, settle):
    other = make_scan("other", seed=9)
    late = Reference(shown, session.slice_index, shown.magnitude[0], 1.0)
    session.add_scan(other)
    controller._take_reference(late)
    assert session.reference is None
    settle()
    assert session.reference.scan is other
