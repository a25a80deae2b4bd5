"""Fine-tuning's controller against a fake core and a child that only speaks when told."""

import os
import subprocess
import sys
from dataclasses import replace
from datetime import datetime
from types import SimpleNamespace

import pytest

from core import jobs as core_jobs
from tests.gui.fakes import make_scan
from tests.gui.window_fakes import FakeCore
from tlmri_gui.finetune_controller import FinetuneController
from tlmri_gui.session import Session
from tlmri_gui.state import Choice, Sampling, TuningPhase

NOON = datetime(2026, 1, 2, 12, 0, 0)


@pytest.fixture
def core(tmp_path):
    return FakeCore(folder=tmp_path)


@pytest.fixture
def controller(session, runner, children, core):
    return FinetuneController(session, runner, core, now=lambda: NOON)


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
def running(controller, session, children, settle, planned):
    """A started tuning; call it with an event of the child."""
    controller.start()
    settle()
    [child] = children
    say = child.say
    say(core_jobs.Started())
    assert session.run.phase is TuningPhase.RUNNING
    return say


def point(step, psnr):
    return SimpleNamespace(
        step=step, loss=0.1, validation_psnr_db=psnr, seconds_left=5.0, measure="PSNR"
    )


# the run


def test_it_starts_at_the_sampling_on_show(session, controller, core, children, settle, planned):
    session.set_sampling(Sampling("gaussian", 6.0, params="the mask's settings"))
    controller.start()
    assert session.run.phase is TuningPhase.STARTING
    settle()
    [(_, plan, output, device)] = [entry for entry in core.asked if entry[0] == "request"]
    assert (plan.settings.acceleration, plan.settings.pattern) == (6.0, "gaussian")
    assert plan.settings.mask_params == "the mask's settings"
    assert output.name == "natural-tuned-R6-n2-20260102-120000.safetensors"
    assert device == "auto"
    assert len(children) == 1


def test_it_runs_once_at_a_time(controller, children, settle, running):
    controller.start()
    settle()
    assert len(children) == 1


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
    session, controller, core, children, settle, running
):
    controller.stop()
    assert session.run.phase is TuningPhase.STOPPING  # before the child has said anything
    assert children[0].asked == ["stop"]
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


def test_cancel_discards(session, controller, core, children, settle, running):
    controller._output.write_bytes(b"weights")
    controller.cancel()
    assert session.run.phase is TuningPhase.CANCELLING
    assert children[0].asked == ["cancel"]
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
    session, controller, children, settle, planned
):
    controller.start()
    controller.cancel()
    settle()
    assert len(children) == 0
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
    session, controller, core, children, settle, running
):
    gpu = Choice("cuda:0", "GPU 0")
    session.catalogue = replace(session.catalogue, devices=(*session.catalogue.devices, gpu))
    running(core_jobs.Failed("CUDA out of memory. Tried to allocate", "Traceback..."))
    settle()
    devices = [entry[3] for entry in core.asked if entry[0] == "request"]
    assert devices == ["auto", "cpu"]
    assert len(children) == 2
    assert "processor" in session.run.message
    running(core_jobs.Failed("out of memory", "Traceback..."))  # there too: it ends
    settle()
    assert len(children) == 2


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


def test_out_of_memory_without_a_gpu_ends_the_tuning(session, children, settle, running):
    running(core_jobs.Failed("DefaultCPUAllocator: can't allocate memory", "Traceback..."))
    settle()
    assert len(children) == 1
    assert session.run.phase is TuningPhase.IDLE
