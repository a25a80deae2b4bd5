"""Fine-tuning's controller against a fake core and a child that only speaks when told."""

import os
import subprocess
import sys
from dataclasses import replace
from datetime import datetime
from pathlib import Path
from types import SimpleNamespace
from unittest.mock import MagicMock

import pytest

from core import jobs as core_jobs
from tests.gui.window_fakes import FakeCore, TuneLike, make_scan
from tlmri_gui.finetune_controller import FinetuneController
from tlmri_gui.jobs import Child, JobRunner
from tlmri_gui.session import Session
from tlmri_gui.state import Choice, Sampling, ScanImages, TuningPhase

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


def point(step, psnr):
    return SimpleNamespace(
        step=step, loss=0.1, validation_psnr_db=psnr, seconds_left=5.0, measure="PSNR"
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


def scans_of(session):
    return [entry.scan for entry in session.plan.images]


def test_scans_chosen_by_hand_are_kept_while_they_are_open(session, controller, settle, planned):
    local, shown = planned
    controller.set_scans((shown,))
    settle()
    session.add_scan(make_scan("third", seed=2))
    settle()
    assert scans_of(session) == [shown]
    session.remove_scan(shown)
    settle()
    assert scans_of(session) == [local]


def test_ticking_no_scan_is_a_choice_too(session, controller, settle, planned):
    controller.set_scans(())
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
    session.set_sampling(Sampling("gaussian", 6.0, params="the mask's settings"))
    controller.start()
    assert session.run.phase is TuningPhase.STARTING
    settle()
    [(_, plan, output, device)] = [entry for entry in core.asked if entry[0] == "request"]
    assert (plan.settings.acceleration, plan.settings.pattern) == (6.0, "gaussian")
    assert plan.settings.mask_params == "the mask's settings"
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
    for step in range(3):
        running(core_jobs.Published(point(step, 30 + step)))
    assert [p.validation_psnr_db for p in session.run.points] == [30, 31, 32]


def test_stop_is_acknowledged_at_once_and_the_best_is_kept(
    session, controller, core, settle, running
):
    controller.stop()
    assert session.run.phase is TuningPhase.STOPPING  # before the child has said anything
    controller._child.stop.assert_called_once_with()
    running(core_jobs.Acknowledged("stop"))
    for step, psnr in ((0, 30.0), (10, 33.5), (20, 33.1)):
        running(core_jobs.Published(point(step, psnr)))
    path = controller._output
    result = SimpleNamespace(
        path=path,
        start_psnr_db=30.0,
        best_psnr_db=33.5,
        best_step=10,
        steps=25,
        stopped_early=True,
        measure="PSNR",
    )
    running(core_jobs.Succeeded(result))
    settle()
    assert ("keep", path) in core.asked
    assert session.run.phase is TuningPhase.IDLE
    assert session.run.message.startswith(
        "Stopped early, kept step 10 of 25: validation PSNR 30.00 → "
    )
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
    gpu = Choice("cuda:0", "GPU 0")
    session.catalogue = replace(session.catalogue, devices=(*session.catalogue.devices, gpu))
    running(core_jobs.Failed("CUDA out of memory. Tried to allocate", "Traceback..."))
    settle()
    devices = [entry[3] for entry in core.asked if entry[0] == "request"]
    assert devices == ["auto", "cpu"]
    assert runner.start_child.call_count == 2
    assert "processor" in session.run.message
    running(core_jobs.Failed("out of memory", "Traceback..."))  # there too: it ends
    settle()
    assert runner.start_child.call_count == 2


# what windows left behind


def left(folder, name, age=0):
    path = folder / f"{name}.safetensors"
    path.write_bytes(b"weights")
    os.utime(path, (1000 - age, 1000 - age))
    return path


def test_weights_of_a_killed_window_are_offered_one_after_the_other(
    session, controller, core, settle, tmp_path
):
    old, new = left(tmp_path, "old", age=100), left(tmp_path, "new")
    controller.offer_unfinished()
    assert session.run.phase is TuningPhase.INTERRUPTED
    assert session.run.saved == new
    assert "new" in session.message.text
    controller.discard()
    settle()
    assert not new.exists()
    assert session.run.saved == old
    controller.keep()
    settle()
    assert ("keep", old) in core.asked
    assert session.run.phase is TuningPhase.IDLE
    assert not list(tmp_path.glob("*.lock"))


def test_half_written_files_are_removed(session, controller, tmp_path):
    stray = tmp_path / ".some.safetensors.123.part"
    beside = tmp_path / ".kept.safetensors.123.part"
    kept = left(tmp_path, "kept")
    for path in (stray, beside):
        path.write_bytes(b"half")
    controller.offer_unfinished()
    assert not stray.exists()
    assert not beside.exists()
    assert kept.exists()


def test_what_a_living_window_tunes_is_left_alone(session, controller, core, running, runner):
    controller._output.write_bytes(b"weights")
    part = controller._output.with_name(f".{controller._output.name}.1.part")
    part.write_bytes(b"half")
    other = Session()
    FinetuneController(other, runner, core).offer_unfinished()
    assert other.run.phase is TuningPhase.IDLE
    assert part.exists()
    running(core_jobs.WasCancelled())
    assert not list(core.folder.glob("*.lock"))


def test_what_a_killed_process_had_claimed_is_offered(session, controller, tmp_path):
    path = left(tmp_path, "claimed")
    script = (
        "import os, sys; from pathlib import Path; from tlmri_gui import unfinished;"
        "lock = unfinished.claim(Path(sys.argv[1])); assert lock; os.kill(os.getpid(), 9)"
    )
    ended = subprocess.run([sys.executable, "-c", script, str(path)], check=False)
    assert ended.returncode == -9
    assert (tmp_path / "claimed.safetensors.lock").exists()
    controller.offer_unfinished()
    assert session.run.saved == path


def test_out_of_memory_without_a_gpu_ends_the_tuning(session, runner, settle, running):
    running(core_jobs.Failed("DefaultCPUAllocator: can't allocate memory", "Traceback..."))
    settle()
    assert runner.start_child.call_count == 1
    assert session.run.phase is TuningPhase.IDLE
