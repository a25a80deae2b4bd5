import time

import pytest

from core import __version__, doctor, jobs, screen, system_libraries
from core.cli import doctor as command
from core.cli.main import main
from core.doctor import Check, Outcome

FINE = Check("memory", "16 GiB")
BAD = Check("user folder", "OSError: read-only", Outcome.FAILED, "set TLMRI_HOME")


@pytest.fixture
def finding(monkeypatch):
    """What the examination finds."""

    def arrange(*checks):
        monkeypatch.setattr(doctor, "examine", lambda also: iter(checks))

    return arrange


def test_a_sound_installation(finding, capsys):
    finding(FINE)
    assert main(["doctor"]) == 0
    first, *_, last = capsys.readouterr().out.splitlines()
    assert first.split() == ["ok", "memory", "16", "GiB"]
    assert last == "This installation is sound: all 1 checks passed"


def test_a_failed_check_gives_exit_code_1_and_says_what_to_do(finding, capsys):
    finding(BAD, FINE)
    assert main(["doctor"]) == 1
    first, second, third, _, last = capsys.readouterr().out.splitlines()
    assert first.split() == ["FAILED", "user", "folder", "OSError:", "read-only"]
    assert second.strip() == "What to do: set TLMRI_HOME"
    assert third.startswith("ok       memory")
    assert last == "1 of 2 checks failed: user folder"


def test_the_page_is_written(finding, capsys, tmp_path):
    finding(FINE, BAD)
    assert main(["doctor", "--out", str(tmp_path / "page.md")]) == 1
    text = (tmp_path / "page.md").read_text(encoding="utf-8")
    assert text.startswith(f"## Installation check of tlmri {__version__}\n")
    assert text.index("FAILED   user folder") < text.index("ok       memory")
    assert capsys.readouterr().out.endswith(f"Wrote {tmp_path / 'page.md'}\n")


@pytest.mark.parametrize("name", ["page.txt", "folder.md", "none/x.md/page.md"])
def test_a_page_that_cannot_be_written_is_refused_before_the_work(name, tmp_path, capsys):
    (tmp_path / "folder.md").mkdir()
    (tmp_path / "none").write_text("a file")
    assert main(["doctor", "--out", str(tmp_path / name)]) == 2
    out, err = capsys.readouterr()
    assert out == ""
    assert "--out must" in err


def test_lines_are_broken_on_a_terminal(finding, capsys, monkeypatch):
    finding(Check("packages", "numpy 2.4.6, " * 40))
    monkeypatch.setattr("sys.stdout.isatty", lambda: True)
    monkeypatch.setenv("COLUMNS", "90")
    assert main(["doctor"]) == 0
    assert max(map(len, capsys.readouterr().out.splitlines())) <= 90


# Qt ---------------------------------------------------------------------------------------------


def look_at_qt():
    return command._look_at_qt(lambda *_: None)


def test_qt_starts(monkeypatch):
    monkeypatch.setenv("QT_QPA_PLATFORM", "offscreen")
    found = look_at_qt()
    assert found.outcome is Outcome.OK
    assert "platform offscreen, 1 screen" in found.text


def test_without_a_screen_qt_is_tried_without(monkeypatch):
    monkeypatch.setattr("sys.platform", "linux")
    for name in ("DISPLAY", "WAYLAND_DISPLAY", "WAYLAND_SOCKET", "QT_QPA_PLATFORM"):
        monkeypatch.delenv(name, raising=False)
    found = look_at_qt()
    assert found.outcome is Outcome.NOTE
    assert "platform offscreen" in found.text
    assert found.text.endswith("tried without a screen, since none can be used")


def test_a_screen_that_says_nothing_is_left_alone(monkeypatch):
    """Qt would hang before it, or end its process with advice that does not help."""
    monkeypatch.setattr("sys.platform", "linux")
    monkeypatch.setenv("DISPLAY", ":7")
    for name in ("WAYLAND_DISPLAY", "WAYLAND_SOCKET", "QT_QPA_PLATFORM"):
        monkeypatch.delenv(name, raising=False)
    monkeypatch.setattr(system_libraries, "missing", lambda _: ())
    monkeypatch.setattr(screen, "_x_answers", lambda: False)
    found = look_at_qt()
    assert found.outcome is Outcome.NOTE
    assert "platform offscreen" in found.text


def hang(context, platform):
    time.sleep(600)


def test_qt_that_hangs_is_ended(monkeypatch):
    monkeypatch.setenv("QT_QPA_PLATFORM", "offscreen")
    monkeypatch.setattr(command, "QT_PATIENCE_S", 2.0)
    monkeypatch.setattr("tlmri_gui.qt_platform.start_qt", hang)
    found = look_at_qt()
    assert found.outcome is Outcome.FAILED
    assert found.text == "Qt does not start: it said nothing for 2 s and was ended"


def test_qt_is_ended_with_those_who_wait(monkeypatch):
    started = []

    def start(*arguments):
        started.append(child_job(*arguments))
        return started[-1]

    def interrupt(child, timeout=None):
        raise KeyboardInterrupt

    child_job = jobs.ChildJob
    monkeypatch.setenv("QT_QPA_PLATFORM", "offscreen")
    monkeypatch.setattr("tlmri_gui.qt_platform.start_qt", hang)
    monkeypatch.setattr(jobs, "ChildJob", start)
    monkeypatch.setattr(child_job, "next_event", interrupt)
    with pytest.raises(KeyboardInterrupt):
        look_at_qt()
    started[0]._process.join(10)
    assert started[0]._process.exitcode is not None


def test_qt_that_ends_its_process_says_why(monkeypatch, capfd):
    monkeypatch.setenv("QT_QPA_PLATFORM", "no-such-platform")
    found = look_at_qt()
    assert found.outcome is Outcome.FAILED
    assert found.text.startswith("Qt does not start: ")
    assert 'Could not find the Qt platform plugin "no-such-platform"' in found.text
    assert capfd.readouterr().err == ""


def test_a_qt_that_cannot_be_imported_is_a_finding(monkeypatch):
    class Child:
        finished = False

        def __init__(self, function, platform):
            pass

        def next_event(self, timeout):
            self.finished = True
            return jobs.Failed("libEGL.so.1: cannot open shared object file")

    monkeypatch.setattr(jobs, "ChildJob", Child)
    assert "libEGL.so.1" in look_at_qt().text
