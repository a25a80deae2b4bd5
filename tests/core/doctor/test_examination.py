"""The examination as a whole, once for real, and with children that fail."""

import getpass
import os
import platform
import time
from pathlib import Path

import pytest

from core import jobs
from core.doctor import (
    CHILDREN,
    LOOKS,
    Check,
    Look,
    Outcome,
    examination,
    examine,
    hearing,
    look_at,
    note,
)
from core.progress import Cancelled


@pytest.fixture(scope="module")
def checks(tmp_path_factory):
    """Of this installation, for a person whose name is in every folder."""
    home = tmp_path_factory.mktemp("homes") / "Weber, Anna's (MRT)"
    variables = {"HOME": home, "USERPROFILE": home, "TLMRI_HOME": home / "o", "TMPDIR": home / "t"}
    (home / "t").mkdir(parents=True)
    with pytest.MonkeyPatch.context() as patch:
        for name, folder in variables.items():
            patch.setenv(name, str(folder))
        patch.chdir(home)
        return {check.name: check for check in examine()}


def test_everything_is_looked_at(checks):
    assert list(checks) == [*LOOKS, CHILDREN]
    found = " ".join(check.found for check in checks.values())
    for word in ("torch", "PyQt6", platform.python_version(), "cores", "cpu:", "GiB", "zf"):
        assert word in found


@pytest.mark.parametrize("name", [*LOOKS, CHILDREN])
def test_this_installation_is_sound(checks, name):
    assert checks[name].passed, checks[name].found


def test_nobody_is_named(checks):
    found = " ".join(check.found for check in checks.values())
    names = {platform.node(), str(Path.home()), str(Path.cwd()), "Weber"}
    if len(getpass.getuser()) > 4:  # a short one is part of other words
        names.add(getpass.getuser())
    assert [name for name in names if name in found] == []


# with children that fail ------------------------------------------------------------------------


def answer(context, names):
    for name in names:
        context.publish(Check(name, "fine"))


def crash_in_memory(context, names):
    for name in names:
        if name == "memory":
            os._exit(3)
        context.publish(Check(name, "fine"))


def hang_in_memory(context, names):
    for name in names:
        if name == "memory":
            time.sleep(60)
        context.publish(Check(name, "fine"))


def raise_at_once(context, names):
    raise RuntimeError("nothing published")


@pytest.fixture
def by(monkeypatch):
    """The checks, with another function in the children."""

    def arrange(function, also=()):
        monkeypatch.setattr(examination, "examination_job", function)
        return {check.name: check for check in examination.examine(also)}

    return arrange


def test_a_crash_is_a_finding_and_the_rest_is_looked_at(by):
    checks = by(crash_in_memory)
    assert [name for name, check in checks.items() if not check.passed] == ["memory"]
    assert checks["memory"].found == "the process ended without a result (exit code 3)"
    assert checks["memory"].advice == LOOKS["memory"].advice
    assert set(checks) == {*LOOKS, CHILDREN}


def test_a_check_that_hangs_is_ended(by, monkeypatch):
    monkeypatch.setattr(examination, "PATIENCE_SECONDS", 1.0)
    checks = by(hang_in_memory)
    assert [name for name, check in checks.items() if not check.passed] == ["memory"]
    assert checks["memory"].found == "it said nothing for 1 s and was ended"


class Child:
    """One that says these words, each after so many seconds of silence."""

    def __init__(self, monkeypatch, *words):
        self._left = list(words)
        self._now = 0.0
        self.finished = False
        monkeypatch.setattr(hearing.time, "monotonic", lambda: self._now)

    def next_event(self, timeout):
        silence, word = self._left[0]
        self._left[0] = (silence - timeout, word)
        if silence > 0:
            self._now += timeout
            return None
        del self._left[0]
        self.finished = not self._left
        return word

    def kill(self):
        self._left = [(0.0, jobs.Failed("killed"))]


@pytest.mark.parametrize(
    ("silences", "expected"),
    [
        ((40.0, 0.5), jobs.Succeeded(1)),
        ((70.0, 0.5), jobs.Failed("it said nothing for 60 s and was ended")),
        ((40.0, 5.0), jobs.Failed("it said nothing for 1 s and was ended")),
    ],
)
def test_patience_is_longer_before_the_first_word(monkeypatch, silences, expected):
    words = zip(silences, (jobs.Started(), jobs.Succeeded(1)), strict=True)
    assert list(hearing.events(Child(monkeypatch, *words), 1.0))[-1] == expected


@pytest.fixture
def few(monkeypatch):
    """Two quick looks in place of all."""
    looks = {name: LOOKS[name] for name in ("tlmri", "memory")}
    monkeypatch.setattr(examination, "LOOKS", looks)
    monkeypatch.setattr("core.doctor.course.Course.__init__.__defaults__", (looks,))


def test_where_no_process_starts_all_is_looked_at_without(by, few, monkeypatch):
    def refuse(*_):
        raise OSError(11, "Resource temporarily unavailable")

    monkeypatch.setattr(examination.jobs, "ChildJob", refuse)
    checks = by(answer)
    assert list(checks) == ["tlmri", "memory", CHILDREN]
    assert checks["tlmri"].passed
    assert "Resource temporarily unavailable" in checks[CHILDREN].found
    assert "install tlmri again" in checks[CHILDREN].advice


def test_a_child_is_ended_with_those_who_listen(by, monkeypatch):
    started = []
    child_job = examination.jobs.ChildJob

    def start(*arguments):
        started.append(child_job(*arguments))
        return started[-1]

    monkeypatch.setattr(examination.jobs, "ChildJob", start)
    monkeypatch.setattr(examination, "examination_job", hang_in_memory)
    listened = examination.examine()
    next(listened)
    listened.close()
    started[0]._process.join(10)
    assert started[0]._process.exitcode is not None


def test_others_are_looked_at_last(by):
    checks = by(answer, [Look("Qt", lambda progress: note("so so", "do this"), "")])
    assert list(checks.values())[-1] == Check("Qt", "so so", Outcome.NOTE, "do this")


# a single look ----------------------------------------------------------------------------------


def raising(error):
    def look(progress):
        raise error

    return Look("broken", look, "install it again")


def test_what_a_look_raises_is_found():
    error = OSError(f"cannot read {Path.home()}/x\nat all")
    expected = Check("broken", "OSError: cannot read ~", Outcome.FAILED, "install it again")
    assert look_at(raising(error)) == expected


def test_an_error_that_says_nothing_is_named():
    assert look_at(raising(AssertionError())).found == "AssertionError:"


def test_a_look_is_cancelled_by_its_hook():
    with pytest.raises(Cancelled):
        look_at(raising(Cancelled()))


def test_where_each_look_is_is_told(monkeypatch):
    told, checks = [], []

    class Context:
        def progress(self, fraction, message):
            told.append((fraction, message))

        def publish(self, check):
            checks.append(check)

    def look(progress):
        progress(0.9, "half way")
        return note("done")

    monkeypatch.setitem(LOOKS, "memory", Look("memory", look, ""))
    monkeypatch.setattr("signal.signal", lambda *_: None)
    examination.examination_job(Context(), ("tlmri", "memory"))
    assert told == [(0.0, "tlmri"), (0.5, "memory"), (0.5, "memory, half way")]
    assert [check.name for check in checks] == ["tlmri", "memory"]
