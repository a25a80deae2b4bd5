"""Fine-tuning's controller against a fake core and a child that only speaks when told."""

from datetime import datetime
from types import SimpleNamespace
from unittest.mock import MagicMock

import pytest

from core import jobs as core_jobs
from tests.gui.window_fakes import FakeCore, TuneLike, make_scan
from tlmri_gui.finetune_controller import FinetuneController
from tlmri_gui.jobs import Child, JobRunner
from tlmri_gui.session import Session
from tlmri_gui.state import Sampling, ScanImages, TuningPhase

NOON = datetime(2026, 1, 2, 12, 0, 0)


@pytest.fixture
def core(tmp_path):
    return FakeCore(folder=tmp_path)


@pytest.fixture
def runner(qapp):
    runner = JobRunner()
    runner.start_child = MagicMock(side_effect=lambda *_: MagicMock(spec=Child))
    yield runner
    runner.close()


@pytest.fixture
def session(qapp):
    return Session()


@pytest.fixture
def controller(session, runner, core):
    return FinetuneController(session, runner, core, now=lambda: NOON)


@pytest.fixture
def settle(qtbot, runner):
    return lambda: qtbot.waitUntil(lambda: not runner._open_jobs, timeout=10_000)


@pytest.fixture
def planned(session, controller, core, settle):
    """Two scans, of which the one not on show is tuned on."""
    local, shown = make_scan("local"), make_scan("shown", seed=1)
    session.add_scan(local)
    session.add_scan(shown)
    session.set_catalogue(core.catalogue(None))
    settle()
    return local, shown


@pytest.fixture
def running(controller, session, settle, planned):
    """A started tuning; call it with an event of the child."""
    controller.start()
    settle()
    say = controller._take_event
    say(core_jobs.Started())
    assert session.run.phase is TuningPhase.RUNNING
    return say


def point(epoch, psnr):
    return SimpleNamespace(
        step=epoch, epoch=epoch, loss=0.1, validation_psnr_db=psnr, seconds_left=5.0
    )


# the plan


def test_the_plan_fills_in_with_the_scans_that_are_not_on_show(session, planned):
    local, _ = planned
    plan = session.plan
    assert plan.source == "net:natural"
    assert plan.settings == TuneLike()
    [entry] = plan.images
    assert (entry.scan, entry.tuning, entry.validation) == (local, (0, 1), (2,))


def test_a_single_scan_is_tuned_on_itself(session, controller, core, settle):
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


def test_images_are_chosen_anew_when_their_number_changes_only(
    session, controller, core, settle, planned
):
    core.asked.clear()
    controller.set_settings(TuneLike(epochs=9))
    settle()
    assert core.names() == []
    controller.set_settings(TuneLike(epochs=9, n_images=3))
    settle()
    assert core.names() == ["choose"]
    assert session.plan.images[0].tuning == (0, 1, 2)


def test_slices_written_by_hand_are_kept(session, controller, settle, planned):
    local, _ = planned
    controller.set_images(ScanImages(local, (4,), (5,)))
    controller.set_settings(TuneLike(epochs=50))
    settle()
    assert session.plan.images[0].tuning == (4,)


def test_too_few_slices_are_said_and_none_is_chosen(session, controller, settle, planned):
    controller.set_settings(TuneLike(n_images=50))
    settle()
    assert session.plan.images[0].tuning == ()
    assert "50 + 1" in session.run.message


def test_a_preset_is_taken_whole(session, controller, planned):
    controller.set_preset("paper")
    assert session.plan.settings.epochs == 100


# the run


def test_it_starts_at_the_sampling_on_show(session, controller, core, runner, settle, planned):
    session.set_sampling(Sampling("gaussian", 6.0))
    controller.start()
    assert session.run.phase is TuningPhase.STARTING
    settle()
    [(_, plan, output, device)] = [entry for entry in core.asked if entry[0] == "request"]
    assert (plan.settings.acceleration, plan.settings.pattern) == (6.0, "gaussian")
    assert output.name == "natural-tuned-R6-n2-20260102-120000.safetensors"
    assert device == "auto"
    assert runner.start_child.call_count == 1


def test_it_runs_once_at_a_time(controller, runner, settle, running):
    controller.start()
    settle()
    assert runner.start_child.call_count == 1


def test_a_request_that_cannot_be_made_is_said(session, controller, core, settle, planned):
    core.errors["request"] = ValueError("a slice must serve for tuning or validation, not both")
    controller.start()
    settle()
    assert session.run.phase is TuningPhase.IDLE
    assert session.message.is_error


def test_points_gather_into_a_curve(session, running):
    for epoch in range(3):
        running(core_jobs.Published(point(epoch, 30 + epoch)))
    assert [p.validation_psnr_db for p in session.run.points] == [30, 31, 32]


def test_stop_is_acknowledged_at_once_and_the_best_is_kept(
    session, controller, core, settle, running
):
    controller.stop()
    assert session.run.phase is TuningPhase.STOPPING  # before the child has said anything
    controller._child.stop.assert_called_once_with()
    running(core_jobs.Acknowledged("stop"))
    path = controller._output
    result = SimpleNamespace(path=path, start_psnr_db=30.0, best_psnr_db=33.5, epochs=2.5)
    running(core_jobs.Succeeded(result))
    settle()
    assert ("keep", path) in core.asked
    assert session.run.phase is TuningPhase.IDLE
    assert "+3.50 dB" in session.run.message
    assert "net:tuned" in session.chosen()  # it appeared by itself, checked


def test_cancel_discards(session, controller, core, settle, running):
    controller._output.write_bytes(b"weights")
    controller.cancel()
    assert session.run.phase is TuningPhase.CANCELLING
    controller._child.cancel.assert_called_once_with()
    running(core_jobs.WasCancelled())
    settle()
    assert session.run.phase is TuningPhase.IDLE
    assert not controller._output.exists()
    assert "keep" not in core.names()


def test_cancel_after_stop_still_cancels(session, controller, running):
    controller.stop()
    controller.cancel()
    assert session.run.phase is TuningPhase.CANCELLING


def test_cancel_while_the_images_are_gathered_starts_no_child(
    session, controller, runner, settle, planned
):
    controller.start()
    controller.cancel()
    settle()
    assert runner.start_child.call_count == 0
    assert session.run.phase is TuningPhase.IDLE


def die(running):
    running(core_jobs.Failed("the process was ended from outside (signal 9)"))


def test_a_killed_child_offers_what_was_saved(session, controller, running):
    controller._output.write_bytes(b"weights")
    die(running)
    assert session.run.phase is TuningPhase.INTERRUPTED
    assert session.run.saved == controller._output
    assert "signal 9" in session.message.text


def test_what_was_saved_can_be_kept(session, controller, core, settle, running):
    controller._output.write_bytes(b"weights")
    die(running)
    controller.keep()
    settle()
    assert session.run.phase is TuningPhase.IDLE
    assert "net:tuned" in session.checked
    assert session.run.saved is None


def test_what_was_saved_can_be_discarded(session, controller, settle, running):
    controller._output.write_bytes(b"weights")
    die(running)
    controller.discard()
    settle()
    assert session.run.phase is TuningPhase.IDLE
    assert not controller._output.exists()


def test_killed_before_anything_was_saved(session, running):
    die(running)
    assert session.run.phase is TuningPhase.IDLE
    assert session.run.saved is None


def test_out_of_gpu_memory_goes_on_with_the_processor(
    session, controller, core, runner, settle, running
):
    running(core_jobs.Failed("CUDA out of memory. Tried to allocate", "Traceback..."))
    settle()
    devices = [entry[3] for entry in core.asked if entry[0] == "request"]
    assert devices == ["auto", "cpu"]
    assert runner.start_child.call_count == 2
    assert "processor" in session.run.message
    running(core_jobs.Failed("out of memory", "Traceback..."))  # there too: it ends
    settle()
    assert runner.start_child.call_count == 2
