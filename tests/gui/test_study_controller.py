"""The study's controller against a fake core and a child that only speaks when told."""

from dataclasses import replace
from datetime import datetime
from pathlib import Path

import pytest

from core import jobs as core_jobs
from tests.gui.fakes import make_scan
from tests.gui.study_fakes import FakeStudies, a_digest, point
from tlmri_gui.state import TuningPhase, TuningRun
from tlmri_gui.study_controller import StudyController
from tlmri_gui.study_state import EarlierStudy, StudyPhase

NOON = datetime(2026, 1, 2, 12, 0, 0)


@pytest.fixture
def core(tmp_path):
    return FakeStudies(folder=tmp_path)


@pytest.fixture
def controller(session, runner, children, core):
    return StudyController(session, runner, core, now=lambda: NOON)


def scan(name, **more):
    return make_scan(name, n_slices=20, path=Path(f"/scans/{name}.nii"), **more)


@pytest.fixture
def planned(session, controller, settle):
    """Three scans, whose names speak of T1, and everything loaded."""
    scans = tuple(scan(f"p{i}_T1w", seed=i) for i in range(3))
    for one in scans:
        session.add_scan(one)
    controller.load()
    settle()
    return scans


@pytest.fixture
def running(controller, session, children, settle, planned):
    """A started study; call it with an event of the child."""
    controller.start()
    settle()
    [child] = children
    say = child.say
    say(core_jobs.Started())
    assert session.study.phase is StudyPhase.RUNNING
    return say


# the run


def test_it_starts_as_planned(session, controller, core, children, settle, planned):
    session.set_device("cpu")
    session.post("Study: another one failed", is_error=True)
    controller.start()
    assert session.study.phase is StudyPhase.PREPARING
    assert session.message is None
    settle()
    [(_, plan, device)] = [entry for entry in core.asked if entry[0] == "create"]
    assert plan is session.study_plan
    assert device == "cpu"
    assert len(children) == 1
    assert session.study.folder == core.folder / "a study"


def test_it_runs_once_at_a_time_and_not_beside_a_tuning(
    session, controller, core, children, settle, planned
):
    session.set_run(TuningRun(TuningPhase.RUNNING))
    controller.start()
    settle()
    assert "create" not in core.names()
    session.set_run(TuningRun())
    controller.start()
    controller.start()
    settle()
    assert len(children) == 1


def test_a_plan_with_a_problem_does_not_start(session, controller, core, settle, planned):
    controller.planner.set_plan(replace(session.study_plan, counts_text="1;2"))
    controller.start()
    settle()
    assert "create" not in core.names()


def test_a_study_that_cannot_be_written_says_so(session, controller, core, settle, planned):
    core.errors["create"] = ValueError("study.toml: must be writable, got a full disk")
    controller.start()
    settle()
    assert session.study.phase is StudyPhase.IDLE
    assert session.message.is_error


def test_what_is_done_shows_as_it_comes(session, running):
    running(core_jobs.Progressed(0.25, "natural, R=4: epoch 1"))
    running(core_jobs.Published(a_digest(2, 6)))
    assert session.study_progress.fraction == 0.25
    assert session.study.digest.n_done == 2


def test_the_end_is_told_and_noted(session, core, settle, running):
    running(core_jobs.Succeeded(a_digest(6, 6)))
    settle()
    assert session.study.phase is StudyPhase.DONE
    assert ("settle", core.folder / "a study") in core.asked
    assert core.names()[-1] == "earlier"


def test_stop_ends_the_child_and_keeps_what_is_done(
    session, controller, core, children, settle, running
):
    running(core_jobs.Published(a_digest(2, 6)))
    controller.stop()
    assert session.study.phase is StudyPhase.STOPPING
    assert children[0].asked == ["cancel"]
    running(core_jobs.WasCancelled())
    settle()
    assert session.study.phase is StudyPhase.STOPPED
    assert session.study.message == "2 of 6 cells are done and kept"
    assert session.study.digest.n_done == 2
    assert "settle" in core.names()


def test_what_it_does_before_its_first_cell_is_told(session, controller, settle, planned):
    told = []
    session.study_progress_changed.connect(lambda: told.append(session.study_progress.text))
    controller.start()
    settle()
    assert told == ["writing the study file", "starting its process"]


def test_stop_while_it_is_prepared_starts_no_child(session, controller, children, settle, planned):
    controller.start()
    controller.stop()
    settle()
    assert len(children) == 0
    assert session.study.phase is StudyPhase.STOPPED


def test_a_stopped_study_is_resumed_in_its_folder(
    session, controller, core, children, settle, running
):
    running(core_jobs.Published(a_digest(2, 6)))
    controller.stop()
    running(core_jobs.WasCancelled())
    controller.resume()
    settle()
    assert core.names().count("create") == 1
    assert core.names().count("job") == 2
    assert len(children) == 2
    assert session.study.digest.n_done == 2, "the curves stay on show"


def test_a_killed_child_leaves_a_study_that_can_be_resumed(session, core, settle, running):
    running(core_jobs.Published(a_digest(2, 6)))
    running(core_jobs.Failed("the process was ended from outside (signal 9)"))
    settle()
    assert session.study.phase is StudyPhase.STOPPED
    assert "signal 9" in session.message.text
    assert "settle" not in core.names(), "it is offered again at the next start"
    assert core.names()[-1] == "earlier", "the list names it at once"


def test_a_study_refused_before_its_first_cell_is_over(session, core, settle, running):
    message = "study.toml, line 4: target must not tune on a person who is scored"
    running(core_jobs.Failed(message, "Traceback..."))
    settle()
    assert session.study.phase is StudyPhase.IDLE
    assert session.message.text == "Study: target must not tune on a person who is scored"
    assert ("discard", core.folder / "a study") in core.asked
    assert "settle" not in core.names()


def test_a_refused_study_leaves_the_one_before_on_show(
    session, controller, core, children, settle, planned, tmp_path
):
    core.shown = a_digest(6, 6)
    controller.show_earlier(tmp_path / "old")
    settle()
    before = session.study
    controller.planner.set_plan(replace(session.study_plan, counts_text="0, 1"))
    controller.start()
    settle()
    children[0].say(core_jobs.Failed("study.toml: grid must be another", "Traceback..."))
    settle()
    assert session.study == before
    assert session.message.text == "Study: grid must be another"
    core.errors["job"] = ValueError("window.json: must be writable, got a full disk")
    controller.start()
    settle()
    assert session.study == before
    assert core.names().count("discard") == 2


def test_a_refused_resumption_takes_nothing_away(
    session, controller, core, children, settle, planned, tmp_path
):
    core.shown = a_digest(0, 6)
    controller.show_earlier(tmp_path / "old")
    settle()
    controller.resume()
    settle()
    children[0].say(core_jobs.Failed("study.toml, line 2: a scan is gone", "Traceback..."))
    settle()
    assert session.study.folder == tmp_path / "old"
    assert session.study.phase is StudyPhase.STOPPED
    assert "discard" not in core.names()


# earlier studies


def test_a_study_that_was_cut_off_is_offered_at_the_start(
    session, controller, core, settle, tmp_path
):
    core.interrupted = tmp_path / "cut off"
    controller.load()
    settle()
    assert session.study.phase is StudyPhase.STOPPED
    assert session.study.folder == tmp_path / "cut off"
    assert "cut off" in session.message.text
    assert session.message.is_error, "no tick stands before it"
    assert session.study.digest.n_done == 3


def test_a_whole_study_is_shown_as_done(session, controller, core, settle, tmp_path):
    core.shown = a_digest(6, 6)
    core.made = (EarlierStudy(tmp_path / "old", "old", 6, 6),)
    controller.load()
    settle()
    assert session.earlier == core.made
    controller.show_earlier(tmp_path / "old")
    settle()
    assert session.study.phase is StudyPhase.DONE
    assert session.study_plan.counts_text == "0, 7", "what it was made of"


def test_an_earlier_study_that_is_gone_leaves_the_list(session, controller, core, settle):
    core.made = (EarlierStudy(Path("/old"), "old", 6, 6),)
    controller.load()
    settle()
    core.made = ()
    core.errors["digest"] = ValueError("study.toml: must be there")
    controller.show_earlier(Path("/old"))
    settle()
    assert session.earlier == ()
    assert "must be there" in session.message.text


def test_a_running_study_is_not_replaced_by_an_earlier_one(session, controller, settle, running):
    controller.show_earlier(Path("/old"))
    settle()
    assert session.study.phase is StudyPhase.RUNNING


# what leaves the study


def test_a_kept_network_is_marked_and_listed(qtbot, session, controller, core, settle, running):
    folder = session.study.folder
    checkpoint = folder / "checkpoints" / "natural.safetensors"
    with qtbot.waitSignal(controller.network_kept, timeout=20_000) as kept:
        controller.keep(point(checkpoint=checkpoint))
    assert kept.args == ["net:kept"]
    assert ("keep", folder, checkpoint) in core.asked
    assert session.study.kept == {checkpoint}


def test_a_point_without_a_network_cannot_be_kept(controller, core, settle, running):
    controller.keep(point(checkpoint=None))
    settle()
    assert "keep" not in core.names()


def test_it_is_exported_into_a_folder(session, controller, core, settle, running, tmp_path):
    controller.export(tmp_path / "out")
    settle()
    assert session.message.text == f"Wrote {tmp_path / 'out' / 'a study'}"


def test_the_command_line_names_the_study_file(session, controller, core, running):
    words = controller.command_line()
    assert words.startswith("tlmri study ")
    assert "a study/study.toml' --out 'a study'" in words


def test_without_a_study_there_is_no_command_line(controller):
    with pytest.raises(ValueError, match="no study was started"):
        controller.command_line()
