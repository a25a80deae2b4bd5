"""The check of this installation, with children that speak only when told."""

import pytest

from core import jobs as core_jobs
from core.doctor import CHILDREN, LOOKS, QT, Check, Finding, Look, Outcome, examination_job
from tlmri_gui import installation_controller
from tlmri_gui.installation_controller import InstallationController
from tlmri_gui.models.installation import NAMES, Phase


@pytest.fixture
def controller(runner, children):
    return InstallationController(runner)


@pytest.fixture
def shown(controller):
    found = []
    controller.changed.connect(found.append)
    return found


def answer(child, names=None):
    """Publish a good check of each name that the child was asked for."""
    for name in names if names is not None else child.argument:
        child.say(core_jobs.Progressed(0.0, name))
        child.say(core_jobs.Published(Check(name, "fine")))


def failed_names(state):
    return [check.name for check in state.checks if not check.passed]


def test_checks_are_shown_as_they_come(controller, children, shown):
    controller.start()
    [child] = children
    assert (child.function, child.argument) == (examination_job, tuple(LOOKS))
    assert shown[-1].headline == "Starting…"
    child.say(core_jobs.Started())
    child.say(core_jobs.Progressed(0.0, "memory"))
    assert shown[-1].headline == "Looking at memory…"
    child.say(core_jobs.Published(Check("memory", "16 GiB")))
    assert shown[-1].checks == (Check("memory", "16 GiB"),)
    assert shown[-1].phase is Phase.RUNS


def test_in_the_end_children_and_qt_are_told(controller, children, shown):
    controller.start()
    children[0].say(core_jobs.Started())
    answer(children[0])
    children[0].say(core_jobs.Succeeded(None))
    assert [check.name for check in shown[-1].checks] == list(NAMES)
    assert shown[-1].is_whole
    assert shown[-1].headline.startswith("This installation is sound")
    qt = shown[-1].checks[-1]
    assert qt.name == QT
    assert "platform offscreen" in qt.found


def test_a_crash_is_shown_and_another_child_goes_on(controller, children, shown):
    controller.start()
    names = list(LOOKS)
    children[0].say(core_jobs.Started())
    answer(children[0], names[:3])
    children[0].say(core_jobs.Failed("the process was ended from outside (signal 11)"))
    assert failed_names(shown[-1]) == [names[3]]
    assert "signal 11" in shown[-1].checks[-1].found
    second = children[1]
    assert second.argument == tuple(names[4:])
    second.say(core_jobs.Started())
    answer(second)
    second.say(core_jobs.Succeeded(None))
    assert shown[-1].is_whole
    assert failed_names(shown[-1]) == [names[3]]
    assert shown[-1].headline == f"1 of {len(NAMES)} checks failed: {names[3]}"


@pytest.fixture
def quick(monkeypatch):
    """Looks that take no time."""
    looks = {name: Look(name, lambda _: Finding("here"), "") for name in LOOKS}
    monkeypatch.setattr(installation_controller, "LOOKS", looks)


def test_where_no_child_starts_all_is_looked_at_without(controller, children, shown, settle, quick):
    controller.start()
    children[0].say(core_jobs.Failed("the process ended without a result (exit code 2)"))
    settle()
    assert len(children) == 1
    assert shown[-1].is_whole
    assert failed_names(shown[-1]) == [CHILDREN]
    assert {c.found for c in shown[-1].checks if c.name in LOOKS} == {"here"}


def test_cancelled_while_there_is_no_child(controller, children, shown, settle, quick):
    controller.start()
    children[0].say(core_jobs.Failed("exit code 2"))
    controller.cancel()
    settle()
    assert shown[-1].is_over
    assert not shown[-1].is_whole
    assert shown[-1].checks[0].outcome is Outcome.SKIPPED


def test_cancelling_keeps_what_was_found(controller, children, shown):
    controller.start()
    child = children[0]
    child.say(core_jobs.Started())
    answer(child, ["tlmri"])
    controller.cancel()
    assert child.asked == ["cancel", "kill"]
    child.say(core_jobs.WasCancelled())
    state = shown[-1]
    assert state.checks[0] == Check("tlmri", "fine")
    assert {check.outcome for check in state.checks[1:]} == {Outcome.SKIPPED}
    assert state.headline == f"Not finished: {len(NAMES) - 1} of {len(NAMES)} checks were not made"
    assert state.icon == "warning"
    assert "skipped" in controller.report()


def test_it_runs_once_at_a_time_and_again(controller, children):
    controller.start()
    controller.start()
    assert len(children) == 1
    children[0].say(core_jobs.WasCancelled())
    controller.start()
    assert len(children) == 2
    assert controller.state.checks == ()


def test_nothing_is_cancelled_where_nothing_runs(controller, shown):
    controller.cancel()
    assert shown == []


@pytest.fixture
def over(controller, children):
    controller.start()
    children[0].say(core_jobs.Started())
    answer(children[0])
    children[0].say(core_jobs.Succeeded(None))
    return controller


def test_the_page_is_saved(over, shown, settle, tmp_path):
    over.save(tmp_path / "page.md")
    settle()
    assert shown[-1].remark == f"Wrote {tmp_path / 'page.md'}"
    text = (tmp_path / "page.md").read_text(encoding="utf-8")
    assert text.startswith("## Installation check of tlmri")
    assert all(name in text for name in NAMES)


def test_a_page_that_cannot_be_saved_says_why(over, shown, settle, tmp_path):
    (tmp_path / "file").write_text("")
    over.save(tmp_path / "file" / "page.md")
    settle()
    assert "must be writable" in shown[-1].remark
    assert shown[-1].is_whole
