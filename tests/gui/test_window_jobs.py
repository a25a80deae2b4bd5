"""The job runner: order, cancelling, late results, errors, children, the end."""

import os
import signal
import threading

import pytest

from core import jobs as core_jobs
from tests.gui.window_fakes import count_until_told, deaf, fail
from tlmri_gui.jobs import Failure, Job, JobRunner, Status


def finish(qtbot, runner):
    qtbot.waitUntil(lambda: not runner.is_busy() and not runner._open_jobs, timeout=60_000)


def test_jobs_run_in_order_off_the_gui_thread_and_answer_on_it(qtbot, runner):
    worked, answered = [], []

    def work(i):
        worked.append((i, threading.current_thread() is threading.main_thread()))
        return i

    def take(result):
        answered.append((result, threading.current_thread() is threading.main_thread()))

    for i in range(20):
        runner.submit(Job(str(i), lambda _, i=i: work(i), take))
    finish(qtbot, runner)
    assert worked == [(i, False) for i in range(20)]
    assert answered == [(i, True) for i in range(20)]


def test_an_error_arrives_in_one_line_with_its_traceback(qtbot, runner):
    failures = []

    def work(progress):
        raise ValueError("scan.nii: must have 3 axes, got 1\nand more")

    runner.submit(Job("open", work, pytest.fail, failures.append))
    finish(qtbot, runner)
    [failure] = failures
    assert isinstance(failure, Failure)
    assert failure.message == "scan.nii: must have 3 axes, got 1"
    assert "Traceback" in failure.details


def test_a_running_job_stops_at_its_next_report_and_a_waiting_one_never_starts(qtbot, runner):
    started, go_on, unwound = threading.Event(), threading.Event(), threading.Event()
    ran = []

    def work(progress):
        started.set()
        go_on.wait(5)
        try:
            progress(0.5, "half")
        finally:
            unwound.set()
        ran.append("went on")

    runner.submit(Job("long", work, ran.append, ran.append, group="a"))
    runner.submit(Job("waiting", ran.append, ran.append, ran.append, group="a"))
    other = runner.submit(Job("other", lambda _: "other", ran.append, group="b"))
    assert started.wait(5)
    runner.cancel("a")
    assert runner.is_busy("b")
    assert not runner.is_busy("a")
    go_on.set()
    finish(qtbot, runner)
    assert unwound.is_set()
    assert ran == ["other"]
    assert not other.cancelled.is_set()


def test_a_result_that_comes_after_cancelling_is_dropped(qtbot, runner):
    started, go_on = threading.Event(), threading.Event()

    def deaf_work(progress):
        started.set()
        go_on.wait(5)
        return "late"

    runner.submit(Job("deaf", deaf_work, pytest.fail, pytest.fail))
    assert started.wait(5)
    runner.cancel()
    go_on.set()
    finish(qtbot, runner)


def test_the_status_names_the_job_its_progress_and_what_waits(qtbot, runner):
    seen = []
    runner.status_changed.connect(seen.append)
    go_on = threading.Event()

    def work(progress):
        progress(0.25, "a quarter")
        go_on.wait(5)

    runner.submit(Job("first", work))
    runner.submit(Job("second", lambda _: None))
    qtbot.waitUntil(lambda: Status("first", 0.25, "a quarter", 1) in seen)
    go_on.set()
    finish(qtbot, runner)
    assert seen[-1] == Status()


def test_a_job_submitted_by_a_result_is_run(qtbot, runner):
    results = []

    def chain(n):
        results.append(n)
        if n < 5:
            runner.submit(Job("next", lambda _: n + 1, chain))

    runner.submit(Job("first", lambda _: 0, chain))
    qtbot.waitUntil(lambda: len(results) == 6)
    assert results == list(range(6))


def test_many_short_jobs_lose_nothing(qtbot, runner):
    """A soak run: one QObject a job was seen to crash within hundreds of runs."""
    n_jobs, answers = 3000, []
    for i in range(n_jobs):
        runner.submit(Job("soak", lambda progress, i=i: progress(0.0, "") or i, answers.append))
        if i % 7 == 3:
            runner.submit(Job("cancelled", lambda _: "never", answers.append, group="x"))
            runner.cancel("x")
    finish(qtbot, runner)
    assert answers == list(range(n_jobs))


# children


def kinds(events):
    return [type(event) for event in events]


def test_a_child_reports_publishes_and_stops_when_told(qtbot, runner):
    events = []
    child = runner.start_child(count_until_told, 10_000, events.append)
    qtbot.waitUntil(lambda: core_jobs.Published(3) in events, timeout=60_000)
    child.stop()
    qtbot.waitUntil(lambda: isinstance(events[-1], core_jobs.Succeeded), timeout=60_000)
    assert events[-1].result.startswith("stopped at")
    assert kinds(events)[0] is core_jobs.Started
    assert core_jobs.Acknowledged("stop") in events


def test_a_child_cancelled_before_it_runs_unwinds(qtbot, runner):
    events = []
    runner.start_child(count_until_told, 10_000, events.append).cancel()
    qtbot.waitUntil(
        lambda: bool(events) and isinstance(events[-1], core_jobs.WasCancelled), timeout=60_000
    )


def test_a_child_that_does_not_listen_is_killed_after_cancel(qtbot, runner, monkeypatch):
    monkeypatch.setattr("tlmri_gui.jobs._CANCEL_GRACE_S", 0.2)
    events = []
    child = runner.start_child(deaf, 60.0, events.append)
    qtbot.waitUntil(lambda: core_jobs.Published("deaf") in events, timeout=60_000)
    child.cancel()
    qtbot.waitUntil(lambda: isinstance(events[-1], core_jobs.WasCancelled), timeout=60_000)


def test_a_killed_child_is_told_as_a_failure(qtbot, runner):
    events = []
    child = runner.start_child(deaf, 60.0, events.append)
    qtbot.waitUntil(lambda: core_jobs.Published("deaf") in events, timeout=60_000)
    os.kill(child.pid, signal.SIGKILL)
    qtbot.waitUntil(lambda: isinstance(events[-1], core_jobs.Failed), timeout=60_000)
    assert "signal 9" in events[-1].message


def test_an_error_in_a_child_comes_back_with_its_traceback(qtbot, runner):
    events = []
    runner.start_child(fail, "no such thing", events.append)
    qtbot.waitUntil(
        lambda: bool(events) and isinstance(events[-1], core_jobs.Failed), timeout=60_000
    )
    assert events[-1].message == "no such thing"
    assert "RuntimeError" in events[-1].details


def test_a_named_child_shows_in_the_status_while_nothing_else_runs(qtbot, runner):
    seen = []
    runner.status_changed.connect(lambda status: seen.append(status.title))
    child = runner.start_child(deaf, 60.0, lambda _: None, Status("Demo scan"))
    assert seen == ["Demo scan"]
    child.cancel()
    child.kill()
    qtbot.waitUntil(lambda: seen[-1] == "", timeout=60_000)


def test_closing_ends_threads_and_children_and_delivers_nothing(qtbot):
    runner = JobRunner()
    delivered = []
    release = threading.Event()

    def work(progress):
        while not release.wait(0.01):
            progress(0.0, "")

    runner.submit(Job("endless", work, delivered.append, delivered.append))
    events = []
    child = runner.start_child(deaf, 60.0, events.append)
    qtbot.waitUntil(lambda: core_jobs.Published("deaf") in events, timeout=60_000)
    pid, threads = child.pid, [runner._worker, *runner._children.values()]
    n_events = len(events)
    runner.close()
    assert not any(thread.is_alive() for thread in threads)
    with pytest.raises(ProcessLookupError):
        os.kill(pid, 0)
    qtbot.wait(50)
    assert delivered == []
    assert len(events) == n_events
    runner.submit(Job("too late", lambda _: 1, delivered.append))
    assert not runner.is_busy()
