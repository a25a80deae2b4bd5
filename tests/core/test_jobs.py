import os
import signal
import time

import pytest

from core.jobs import (
    Acknowledged,
    ChildJob,
    Failed,
    Progressed,
    Published,
    Started,
    Succeeded,
    WasCancelled,
)


def double(context, argument):
    context.progress(0.5, "half")
    context.publish({"seen": argument})
    return 2 * argument


def fail(context, argument):
    raise ValueError(f"argument must be kind, got {argument}\nsecond line")


def wait_for_stop(context, argument):
    while not context.stop_requested():
        context.progress(0.1, "waiting")
        time.sleep(0.01)
    return "kept"


def exit_without_a_word(context, argument):
    os._exit(3)


def events_of(job, until=60.0):
    found = []
    end = time.monotonic() + until
    while not job.finished and time.monotonic() < end:
        event = job.next_event(1.0)
        if event is not None:
            found.append(event)
    return found


def wait_until_running(job):
    while not isinstance(job.next_event(1.0), Progressed):
        pass


def test_events_come_in_order():
    assert events_of(ChildJob(double, 21)) == [
        Started(),
        Progressed(0.5, "half"),
        Published({"seen": 21}),
        Succeeded(42),
    ]


def test_failure_is_one_line_with_details():
    last = events_of(ChildJob(fail, "rude"))[-1]
    assert last.message == "argument must be kind, got rude"
    assert "Traceback" in last.details


def test_stop_is_acknowledged_and_keeps_the_result():
    job = ChildJob(wait_for_stop, None)
    wait_until_running(job)
    job.stop()
    events = events_of(job)
    assert Acknowledged("stop") in events
    assert events[-1] == Succeeded("kept")


def test_cancel_unwinds():
    job = ChildJob(wait_for_stop, None)
    wait_until_running(job)
    job.cancel()
    events = events_of(job)
    assert Acknowledged("cancel") in events
    assert events[-1] == WasCancelled()


@pytest.mark.skipif(not hasattr(signal, "SIGKILL"), reason="needs POSIX signals")
def test_killed_child_is_reported_and_hurts_nobody():
    job = ChildJob(wait_for_stop, None)
    wait_until_running(job)
    os.kill(job.pid, signal.SIGKILL)
    last = events_of(job)[-1]
    assert isinstance(last, Failed)
    assert "signal 9" in last.message
    assert job.next_event(0) is None


def test_exit_without_a_result_is_reported():
    last = events_of(ChildJob(exit_without_a_word, None))[-1]
    assert last == Failed("the process ended without a result (exit code 3)")


def test_requests_after_the_end_do_nothing():
    job = ChildJob(double, 1)
    events_of(job)
    job.stop()
    job.cancel()
    assert job.finished
